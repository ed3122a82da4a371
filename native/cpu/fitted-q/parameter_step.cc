#include "cpu/fitted-q/parameter_step.h"

#include <cmath>

#define BELFRY_TARGET_FILE "cpu/fitted-q/parameter_step-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void parameter_step(const ParameterArray<T>& array, const math::AdamRule<T>& rule, T scale,
                    int64_t begin, int64_t end) {
  BELFRY_DISPATCH(step_parameters<T, math::AdamRule<T>>)(array, rule, scale, begin, end);
}

template <class T>
void parameter_step(const ParameterArray<T>& array, const math::RpropRule<T>& rule, T scale,
                    int64_t begin, int64_t end) {
  BELFRY_DISPATCH(step_parameters<T, math::RpropRule<T>>)(array, rule, scale, begin, end);
}

template <class T>
double gradient_norm(const ParameterArray<T>* arrays, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += BELFRY_DISPATCH(squares_of<T>)(arrays[i].grad, arrays[i].size);
  }
  return std::sqrt(sum);
}

#define BELFRY_INSTANTIATE(T)                                                                   \
  template void parameter_step(const ParameterArray<T>&, const math::AdamRule<T>&, T, int64_t,  \
                               int64_t);                                                        \
  template void parameter_step(const ParameterArray<T>&, const math::RpropRule<T>&, T, int64_t, \
                               int64_t);                                                        \
  template double gradient_norm(const ParameterArray<T>*, int64_t);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu
