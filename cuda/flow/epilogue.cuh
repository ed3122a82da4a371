// What follows a product on its way out, element by element.
#pragma once

#include <cuda_runtime.h>

#include <limits>

#include "math/activations.h"

namespace belfry::cuda {

// All rows get the same addend.
inline constexpr int64_t kOneGroup = std::numeric_limits<int64_t>::max();

// The group of a row, mostly without a division.
__device__ inline int64_t group_of(int64_t row, int64_t rows_of_group) {
  return rows_of_group == kOneGroup ? 0 : row / rows_of_group;
}

// out = f(sum + add), or sum · f'(slope_at).
template <class T>
struct Epilogue {
  const T* add = nullptr;  // [groups, n], row i takes row i / add_group; null: 0
  int64_t add_group = kOneGroup;
  const T* slope_at = nullptr;  // [m, n]
  Activation activation = Activation::identity;
  T* before = nullptr;  // [m, n], sum + add; null: not wanted
  T* out = nullptr;     // null: not wanted
  int64_t out_stride = 0;
};

// Element [row, column] of a product of n columns, whose sum this is.
template <class T>
__device__ void finish_element(const Epilogue<T>& end, int64_t n, int64_t row, int64_t column,
                               T sum) {
  const int64_t at = row * n + column;
  T x = sum;
  if (end.slope_at) {
    x = end.slope_at[at];
  } else if (end.add) {
    x += end.add[group_of(row, end.add_group) * n + column];
  }
  if (end.before) end.before[at] = x;
  if (!end.out) return;
  const math::Jet<T> jet = math::activation_jet(end.activation, x);
  end.out[row * end.out_stride + column] = end.slope_at ? sum * jet.slope : jet.value;
}

}  // namespace belfry::cuda
