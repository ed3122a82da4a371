#include "cpu/flow/norm_rows.h"

#define BELFRY_TARGET_FILE "cpu/flow/norm_rows-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void norm_stats(const NormRows<T>& norm, const T* x, math::RowStats* stats) {
  BELFRY_DISPATCH(stats_body<T>)(norm, x, stats);
}

template <class T>
void norm_forward(const NormRows<T>& norm, const math::RowStats* stats, const T* x, T* y) {
  BELFRY_DISPATCH(forward_body<T>)(norm, stats, x, y);
}

template <class T>
void norm_tangent(const NormRows<T>& norm, const math::RowStats* stats, const T* x,
                  const T* tangent_x, T* tangent_y) {
  BELFRY_DISPATCH(tangent_body<T>)(norm, stats, x, tangent_x, tangent_y);
}

template <class T>
void norm_backward(const NormRows<T>& norm, const math::RowStats* stats, const T* x,
                   const T* grad_y, T* grad_x) {
  BELFRY_DISPATCH(backward_body<T>)(norm, stats, x, grad_y, grad_x);
}

template <class T>
void add_norm_sums(const NormRows<T>& norm, const math::RowStats* stats, const T* x,
                   const T* grad_y, double* gamma_sums, double* beta_sums) {
  BELFRY_DISPATCH(norm_sums_body<T>)(norm, stats, x, grad_y, gamma_sums, beta_sums);
}

#define BELFRY_INSTANTIATE(T)                                                                     \
  template void norm_stats(const NormRows<T>&, const T*, math::RowStats*);                        \
  template void norm_forward(const NormRows<T>&, const math::RowStats*, const T*, T*);            \
  template void norm_tangent(const NormRows<T>&, const math::RowStats*, const T*, const T*, T*);  \
  template void norm_backward(const NormRows<T>&, const math::RowStats*, const T*, const T*, T*); \
  template void add_norm_sums(const NormRows<T>&, const math::RowStats*, const T*, const T*,      \
                              double*, double*);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu
