// Layer normalisation of consecutive rows x[rows, width]: value, tangent and gradient. Statistics
// and the arithmetic of a row are float64. Output arrays may be any of the input arrays.
#pragma once

#include <cstdint>

#include "math/layer_norm.h"

namespace belfry::cpu {

template <class T>
struct NormRows {
  const T* gamma = nullptr;  // null: 1
  const T* beta = nullptr;   // null: 0
  int64_t rows = 0, width = 0;
  double eps = 1e-5;
};

// The mean, and 1/σ from a second pass, of every row.
template <class T>
void norm_stats(const NormRows<T>& norm, const T* x, math::RowStats* stats);

// y = γ h + β
template <class T>
void norm_forward(const NormRows<T>& norm, const math::RowStats* stats, const T* x, T* y);

// ẏ = γ (ẋ − mean ẋ − h mean(h ẋ))/σ
template <class T>
void norm_tangent(const NormRows<T>& norm, const math::RowStats* stats, const T* x,
                  const T* tangent_x, T* tangent_y);

// With g = γ grad_y: grad_x = (g − mean g − h mean(h g))/σ
template <class T>
void norm_backward(const NormRows<T>& norm, const math::RowStats* stats, const T* x,
                   const T* grad_y, T* grad_x);

// Adds Σ grad_y h and Σ grad_y over the rows, in ascending order.
template <class T>
void add_norm_sums(const NormRows<T>& norm, const math::RowStats* stats, const T* x,
                   const T* grad_y, double* gamma_sums, double* beta_sums);

}  // namespace belfry::cpu
