// A layer norm and the activation on either side of it, one warp per row: value, derivative along a
// tangent, gradient. Statistics and the arithmetic of a row are float64; a row is read from DRAM
// once and stays in L1 for the passes over it.
#pragma once

#include "cuda/device/reduce.cuh"
#include "cuda/flow/work.cuh"
#include "math/activations.h"
#include "math/layer_norm.h"

namespace belfry::cuda {

// place pre: out = f(γ h(z) + β); post: out = γ h(f(z)) + β. Outputs may be null, and may be the
// memory of the operand they belong to (out: z, tangent_out: tangent, grad_out: grad).
template <class T>
struct NormRows {
  const T* gamma = nullptr;  // null: 1
  const T* beta = nullptr;   // null: 0
  int64_t width = 0;
  double eps = 1e-5;
  Activation activation = Activation::identity;
  Norm place = Norm::pre;

  const T* z = nullptr;
  T* out = nullptr;
  const T* tangent = nullptr;
  T* tangent_out = nullptr;
  const T* grad = nullptr;          // with respect to out
  T* grad_affine = nullptr;         // with respect to γ h + β
  T* grad_out = nullptr;            // with respect to z
  math::RowStats* stats = nullptr;  // of each row
};

namespace detail {

// One row. All lanes of the warp call every function.
template <class T>
class NormRow {
 public:
  __device__ NormRow(const NormRows<T>& rows, const T* z) : rows_(rows), z_(z) {
    const double width = static_cast<double>(rows.width);
    double sum = 0, squares = 0;
    for (int64_t i : lane_stride(rows.width)) sum += source(i);
    const double mean = warp_reduce(sum, Add{}) / width;
    for (int64_t i : lane_stride(rows.width)) {
      const double apart = source(i) - mean;
      squares = fma(apart, apart, squares);
    }
    stats_ = math::row_stats(mean, warp_reduce(squares, Add{}), width, rows.eps);
  }

  __device__ const math::RowStats& stats() const { return stats_; }

  __device__ void write(T* out) const {
    for (int64_t i : lane_stride(rows_.width)) {
      const T value = affine(i);
      out[i] = is_pre() ? math::activation_jet(rows_.activation, value).value : value;
    }
  }

  __device__ void write_tangent(const T* tangent, T* out) const {
    const auto before = [&](int64_t i) {
      return static_cast<double>(tangent[i]) * (is_pre() ? 1 : slope(i));
    };
    const auto after = [&](int64_t i) { return scale(i) * (is_pre() ? slope(i) : 1); };
    project(before, after, out);
  }

  __device__ void write_gradient(const T* grad, T* affine_out, T* out) const {
    const auto of_affine = [&](int64_t i) {
      return static_cast<double>(grad[i]) * (is_pre() ? slope(i) : 1);
    };
    if (affine_out) {
      for (int64_t i : lane_stride(rows_.width)) affine_out[i] = static_cast<T>(of_affine(i));
    }
    if (!out) return;
    const auto before = [&](int64_t i) { return of_affine(i) * scale(i); };
    const auto after = [&](int64_t i) { return is_pre() ? 1 : slope(i); };
    project(before, after, out);
  }

 private:
  __device__ bool is_pre() const { return rows_.place == Norm::pre; }
  __device__ double scale(int64_t i) const {
    return rows_.gamma ? static_cast<double>(rows_.gamma[i]) : 1;
  }
  // What is normalised.
  __device__ double source(int64_t i) const {
    return static_cast<double>(is_pre() ? z_[i]
                                        : math::activation_jet(rows_.activation, z_[i]).value);
  }
  __device__ double normalised(int64_t i) const { return stats_.normalised(source(i)); }
  __device__ T affine(int64_t i) const {
    const double shift = rows_.beta ? static_cast<double>(rows_.beta[i]) : 0;
    return static_cast<T>(fma(normalised(i), scale(i), shift));
  }
  __device__ double slope(int64_t i) const {
    return static_cast<double>(
        math::activation_jet(rows_.activation, is_pre() ? affine(i) : z_[i]).slope);
  }

  template <class Before, class After>
  __device__ void project(const Before& before, const After& after, T* out) const {
    double sum = 0, weighted = 0;
    for (int64_t i : lane_stride(rows_.width)) {
      const double v = before(i);
      sum += v;
      weighted = fma(v, normalised(i), weighted);
    }
    const double width = static_cast<double>(rows_.width);
    const double mean = warp_reduce(sum, Add{}) / width;
    const double mean_weighted = warp_reduce(weighted, Add{}) / width;
    for (int64_t i : lane_stride(rows_.width)) {
      const double projected =
          math::norm_project(before(i), normalised(i), mean, mean_weighted, stats_.inverse);
      out[i] = static_cast<T>(projected * after(i));
    }
  }

  const NormRows<T>& rows_;
  const T* z_;
  math::RowStats stats_;
};

template <class T>
__global__ void norm_rows(NormRows<T> rows, int64_t count) {
  for (int64_t row : warp_stride(count)) {
    const int64_t at = row * rows.width;
    const NormRow<T> norm(rows, rows.z + at);
    if (rows.stats && lane_id() == 0) rows.stats[row] = norm.stats();
    if (rows.tangent_out) norm.write_tangent(rows.tangent + at, rows.tangent_out + at);
    if (rows.grad_affine || rows.grad_out) {
      norm.write_gradient(rows.grad + at, rows.grad_affine ? rows.grad_affine + at : nullptr,
                          rows.grad_out ? rows.grad_out + at : nullptr);
    }
    if (rows.out) norm.write(rows.out + at);  // last: it may replace z
  }
}

}  // namespace detail

template <class T>
void normalise(const NormRows<T>& rows, int64_t count, Work& work) {
  if (rows.width > 0) work.for_each_row(count, detail::norm_rows<T>, rows, count);
}

}  // namespace belfry::cuda
