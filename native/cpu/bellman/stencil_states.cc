#include "cpu/bellman/stencil_states.h"

#include <utility>

#include "math/bellman.h"

#define BELFRY_TARGET_FILE "cpu/bellman/stencil_pattern-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/bellman/stencil_states-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/bellman/stencil_sweeps-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
int64_t stencil_states(const DeterministicStates<T>& model, int64_t begin, int64_t end) {
  return BELFRY_DISPATCH(states_of_pattern<T>)(model, begin, end);
}
template <class T>
int64_t stencil_sweep(const DeterministicStates<T>& model, T* values, int64_t begin, int64_t end,
                      bool backward, SweepExtremes<T>& extremes) {
  return BELFRY_DISPATCH(sweep_of_pattern<T>)(model, values, begin, end, backward, extremes);
}

template int64_t stencil_states(const DeterministicStates<float>&, int64_t, int64_t);
template int64_t stencil_states(const DeterministicStates<double>&, int64_t, int64_t);
template int64_t stencil_sweep(const DeterministicStates<float>&, float*, int64_t, int64_t, bool,
                               SweepExtremes<float>&);
template int64_t stencil_sweep(const DeterministicStates<double>&, double*, int64_t, int64_t, bool,
                               SweepExtremes<double>&);

}  // namespace belfry::cpu
