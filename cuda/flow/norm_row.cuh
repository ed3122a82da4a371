// One row of a layer norm, by one warp. Statistics and the arithmetic of a row are float64; a row
// is read from DRAM once and stays in L1 for the passes over it.
#pragma once

#include "cuda/device/reduce.cuh"
#include "cuda/flow/norm_rows.cuh"
#include "math/activations.h"

namespace belfry::cuda {

// A call and not inline: a row has a dozen places that want an activation, and eleven functions in
// each would be most of the code.
template <class T>
BELFRY_NOINLINE __device__ math::Jet<T> activation_call(Activation kind, T x) {
  return math::activation_jet(kind, x);
}

// One row. All lanes of the warp call every function.
template <class T>
class NormRow {
 public:
  __device__ NormRow(const NormRows<T>& rows, const T* z) : rows_(rows), z_(z) {
    const double width = static_cast<double>(rows.width);
    double sum = 0, squares = 0;
#pragma unroll 1
    for (int64_t i : lane_stride(rows.width)) sum += source(i);
    const double mean = warp_reduce(sum, Add{}) / width;
#pragma unroll 1
    for (int64_t i : lane_stride(rows.width)) {
      const double apart = source(i) - mean;
      squares = fma(apart, apart, squares);
    }
    stats_ = math::row_stats(mean, warp_reduce(squares, Add{}), width, rows.eps);
  }

  __device__ const math::RowStats& stats() const { return stats_; }

  __device__ void write(T* out) const {
#pragma unroll 1
    for (int64_t i : lane_stride(rows_.width)) {
      const T value = affine(i);
      out[i] = is_pre() ? activation_call(rows_.activation, value).value : value;
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
#pragma unroll 1
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
    return static_cast<double>(is_pre() ? z_[i] : activation_call(rows_.activation, z_[i]).value);
  }
  __device__ double normalised(int64_t i) const { return stats_.normalised(source(i)); }
  __device__ T affine(int64_t i) const {
    const double shift = rows_.beta ? static_cast<double>(rows_.beta[i]) : 0;
    return static_cast<T>(fma(normalised(i), scale(i), shift));
  }
  __device__ double slope(int64_t i) const {
    return static_cast<double>(
        activation_call(rows_.activation, is_pre() ? affine(i) : z_[i]).slope);
  }

  template <class Before, class After>
  __device__ void project(const Before& before, const After& after, T* out) const {
    double sum = 0, weighted = 0;
#pragma unroll 1
    for (int64_t i : lane_stride(rows_.width)) {
      const double v = before(i);
      sum += v;
      weighted = fma(v, normalised(i), weighted);
    }
    const double width = static_cast<double>(rows_.width);
    const double mean = warp_reduce(sum, Add{}) / width;
    const double mean_weighted = warp_reduce(weighted, Add{}) / width;
#pragma unroll 1
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

}  // namespace belfry::cuda
