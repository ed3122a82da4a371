#include "cpu/token/vtrace_sequence.h"

#include "math/schedules.h"

#define BELFRY_TARGET_FILE "cpu/token/vtrace_sequence-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void vtrace_sequence(const VtraceSequence<T>& row, const math::FlagReader& mask,
                     const math::RatioRule& rule) {
  BELFRY_DISPATCH(vtrace_row<T>)(row, mask, rule);
}

template void vtrace_sequence(const VtraceSequence<float>&, const math::FlagReader&,
                              const math::RatioRule&);
template void vtrace_sequence(const VtraceSequence<double>&, const math::FlagReader&,
                              const math::RatioRule&);

}  // namespace belfry::cpu
