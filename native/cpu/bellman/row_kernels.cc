#include "cpu/bellman/row_kernels.h"

#define BELFRY_TARGET_FILE "cpu/bellman/row_kernels-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

double lower_tail(const ShortRow& row, double target, double* taken) {
  return BELFRY_DISPATCH(tail_of_row)(row, target, taken);
}
void add_tilted(const ShortRow& row, double t, double origin, math::TiltPass& pass) {
  BELFRY_DISPATCH(tilt_of_row)(row, t, origin, pass);
}
template <class T>
math::Transport nearest_state(const math::WassersteinBall& ball, const double* keys,
                              const T* distances, int64_t num_states) {
  return BELFRY_DISPATCH(nearest_of_states<T>)(ball, keys, distances, num_states);
}
template <class T>
void outcome_means(const OutcomeRows<T>& rows, int64_t first, int64_t count, T* means) {
  BELFRY_DISPATCH(means_of_rows<T>)(rows, first, count, means);
}

template void outcome_means(const OutcomeRows<float>&, int64_t, int64_t, float*);
template void outcome_means(const OutcomeRows<double>&, int64_t, int64_t, double*);
template math::Transport nearest_state(const math::WassersteinBall&, const double*, const float*,
                                       int64_t);
template math::Transport nearest_state(const math::WassersteinBall&, const double*, const double*,
                                       int64_t);

}  // namespace belfry::cpu
