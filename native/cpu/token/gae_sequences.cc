#include "cpu/token/gae_sequences.h"

#include "math/returns.h"

#define BELFRY_TARGET_FILE "cpu/token/gae_sequences-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void gae_sequences(const GaeSequence<T>* sequences, int count, const math::FlagReader& mask) {
  BELFRY_DISPATCH(gae_group<T>)(sequences, count, mask);
}

template void gae_sequences(const GaeSequence<float>*, int, const math::FlagReader&);
template void gae_sequences(const GaeSequence<double>*, int, const math::FlagReader&);

}  // namespace belfry::cpu
