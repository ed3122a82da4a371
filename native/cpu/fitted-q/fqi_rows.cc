#include "cpu/fitted-q/fqi_rows.h"

#define BELFRY_TARGET_FILE "cpu/fitted-q/fqi_rows-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void fqi_max_rows(const math::FqiRows<T>& rows, int64_t begin, int64_t end) {
  BELFRY_DISPATCH(fqi_max_range<T>)(rows, begin, end);
}
template <class T>
void fqi_soft_rows(const math::FqiRows<T>& rows, int64_t begin, int64_t end) {
  BELFRY_DISPATCH(fqi_soft_range<T>)(rows, begin, end);
}

template void fqi_max_rows(const math::FqiRows<float>&, int64_t, int64_t);
template void fqi_max_rows(const math::FqiRows<double>&, int64_t, int64_t);
template void fqi_soft_rows(const math::FqiRows<float>&, int64_t, int64_t);
template void fqi_soft_rows(const math::FqiRows<double>&, int64_t, int64_t);

}  // namespace belfry::cpu
