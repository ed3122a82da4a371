#include "cpu/bellman/stencil_states.h"

#include <utility>

#define BELFRY_TARGET_FILE "cpu/bellman/stencil_states-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
int64_t stencil_states(const DeterministicStates<T>& model, int64_t begin, int64_t end) {
  return BELFRY_DISPATCH(states_of_pattern<T>)(model, begin, end);
}

template int64_t stencil_states(const DeterministicStates<float>&, int64_t, int64_t);
template int64_t stencil_states(const DeterministicStates<double>&, int64_t, int64_t);

}  // namespace belfry::cpu
