#include "cpu/flow/elementwise.h"

#include <cstring>

#include "math/activations.h"

#define BELFRY_TARGET_FILE "cpu/flow/elementwise-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void activate(Activation kind, const T* x, T* y, int64_t n) {
  if (kind == Activation::identity) {
    if (x != y && n > 0) std::memcpy(y, x, static_cast<size_t>(n) * sizeof(T));
    return;
  }
  BELFRY_DISPATCH(activate_body<T>)(kind, x, y, n);
}

template <class T>
void activate_chain(Activation kind, const T* x, const T* in, T* out, T* y, int64_t n) {
  BELFRY_DISPATCH(chain_body<T>)(kind, x, in, out, y, n);
}

template <class T>
void add_scaled(const T* a, const T* b, T s, T* out, int64_t n) {
  BELFRY_DISPATCH(scaled_body<T>)(a, b, s, out, n);
}

template <class T>
void add_column_sums(const T* x, int64_t rows, int64_t width, double* sums) {
  BELFRY_DISPATCH(column_sums_body<T>)(x, rows, width, sums);
}

template void activate(Activation, const float*, float*, int64_t);
template void activate(Activation, const double*, double*, int64_t);
template void activate_chain(Activation, const float*, const float*, float*, float*, int64_t);
template void activate_chain(Activation, const double*, const double*, double*, double*, int64_t);
template void add_scaled(const float*, const float*, float, float*, int64_t);
template void add_scaled(const double*, const double*, double, double*, int64_t);
template void add_column_sums(const float*, int64_t, int64_t, double*);
template void add_column_sums(const double*, int64_t, int64_t, double*);

}  // namespace belfry::cpu
