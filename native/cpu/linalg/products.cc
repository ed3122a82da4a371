#include "cpu/linalg/products.h"

#define BELFRY_TARGET_FILE "cpu/linalg/pack-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/linalg/tile-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/linalg/dots-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
int64_t panel_columns() {
  return BELFRY_DISPATCH(columns_of_panel<T>)();
}

template <class T>
int64_t panel_size(int64_t k, int64_t n) {
  const int64_t columns = panel_columns<T>();
  return k * ((n + columns - 1) / columns * columns);
}

template <class T>
void pack_rows(const T* b, int64_t b_stride, int64_t k, int64_t begin, int64_t end, T* panels) {
  BELFRY_DISPATCH(pack_rows_range<T>)(b, b_stride, k, begin, end, panels);
}

template <class T>
void pack_columns(const T* w, int64_t w_stride, int64_t k, int64_t begin, int64_t end, T* panels) {
  BELFRY_DISPATCH(pack_columns_range<T>)(w, w_stride, k, begin, end, panels);
}

template <class T>
void multiply(const Product<T>& p) {
  BELFRY_DISPATCH(product<T>)(p);
}

template <class T>
void multiply_few(const Product<T>& p) {
  BELFRY_DISPATCH(product_few<T>)(p);
}

template <class T>
void multiply_outer(const OuterProduct<T>& p) {
  BELFRY_DISPATCH(outer_product<T>)(p);
}

template int64_t panel_columns<float>();
template int64_t panel_columns<double>();
template int64_t panel_size<float>(int64_t, int64_t);
template int64_t panel_size<double>(int64_t, int64_t);
template void pack_rows(const float*, int64_t, int64_t, int64_t, int64_t, float*);
template void pack_rows(const double*, int64_t, int64_t, int64_t, int64_t, double*);
template void pack_columns(const float*, int64_t, int64_t, int64_t, int64_t, float*);
template void pack_columns(const double*, int64_t, int64_t, int64_t, int64_t, double*);
template void multiply(const Product<float>&);
template void multiply(const Product<double>&);
template void multiply_few(const Product<float>&);
template void multiply_few(const Product<double>&);
template void multiply_outer(const OuterProduct<float>&);
template void multiply_outer(const OuterProduct<double>&);

}  // namespace belfry::cpu
