// Activations over arrays, at vector speed, for float and double. Arrays of one call may be the
// same memory. Errors are those of cpu/simd/activations-inl.h; limits at ±Infinity are right.
#pragma once

#include <cstdint>

#include "ops/flow/network.h"

namespace belfry::cpu {

// y = f(x)
template <class T>
void activate(Activation kind, const T* x, T* y, int64_t n);

// out = f'(x) in, and y = f(x) unless y is null. `in` null means 1.
template <class T>
void activate_chain(Activation kind, const T* x, const T* in, T* out, T* y, int64_t n);

// out = a + b s for each of n elements.
template <class T>
void add_scaled(const T* a, const T* b, T s, T* out, int64_t n);

// Sums of the columns of x[rows, width] are added to sums[width]. rows in ascending order.
template <class T>
void add_column_sums(const T* x, int64_t rows, int64_t width, double* sums);

}  // namespace belfry::cpu
