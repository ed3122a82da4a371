#include "cpu/token/gae_sequences.h"

#include <utility>

#include "math/returns.h"

#define BELFRY_TARGET_FILE "cpu/token/gae_sequences-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void gae_sequence(const GaeSequence<T>& sequence, const math::FlagReader& mask) {
  BELFRY_DISPATCH(gae_row<T>)(sequence, mask);
}

template void gae_sequence(const GaeSequence<float>&, const math::FlagReader&);
template void gae_sequence(const GaeSequence<double>&, const math::FlagReader&);

}  // namespace belfry::cpu
