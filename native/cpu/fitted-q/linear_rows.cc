#include "cpu/fitted-q/linear_rows.h"

#include "math/fqi.h"

#define BELFRY_TARGET_FILE "cpu/fitted-q/linear_rows-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void linear_dots(const T* rows, int64_t stride, int64_t count, int64_t length, const double* w,
                 double* out) {
  BELFRY_DISPATCH(linear_dots_of<T>)(rows, stride, count, length, w, out);
}
template <class T>
void linear_add(const T* rows, int64_t stride, int64_t count, int64_t length, const double* factors,
                double* sum) {
  BELFRY_DISPATCH(linear_add_of<T>)(rows, stride, count, length, factors, sum);
}
template <class T>
double linear_pass(const LinearData<T>& data, const LinearPass& pass, int64_t begin, int64_t end,
                   double* moments) {
  return BELFRY_DISPATCH(linear_pass_range<T>)(data, pass, begin, end, moments);
}

template void linear_dots(const float*, int64_t, int64_t, int64_t, const double*, double*);
template void linear_dots(const double*, int64_t, int64_t, int64_t, const double*, double*);
template void linear_add(const float*, int64_t, int64_t, int64_t, const double*, double*);
template void linear_add(const double*, int64_t, int64_t, int64_t, const double*, double*);
template double linear_pass(const LinearData<float>&, const LinearPass&, int64_t, int64_t, double*);
template double linear_pass(const LinearData<double>&, const LinearPass&, int64_t, int64_t,
                            double*);

}  // namespace belfry::cpu
