// The recurrence of gae and gae_packed: one warp per sequence.
#pragma once

#include "cuda/device/context.cuh"
#include "cuda/device/scan.cuh"
#include "math/flags.h"
#include "math/returns.h"

namespace belfry::cuda {

template <class T>
struct GaeArrays {
  const T* rewards;
  const T* values;  // null: 0
  const T* bootstrap;
  const T* gammas;
  const T* lambdas;
  T* advantages;
  T* returns;
  math::FlagReader mask;
  double gamma;
  bool reset_masked;  // a masked token ends what comes before it
};

// One sequence: where it lies, and its own constants.
struct GaeRow {
  int64_t first, length;
  double bootstrap, lambda;
  double baseline = 0;  // subtracted from the advantages alone
};

template <class Op>
auto gae_arrays(const Op& op) {
  using T = typename decltype(op.advantages)::Element;
  GaeArrays<T> arrays{};
  arrays.rewards = op.rewards.begin();
  arrays.values = op.values.begin();
  if (op.bootstrap_values) arrays.bootstrap = op.bootstrap_values.begin();
  if (op.advantages) arrays.advantages = op.advantages.begin();
  if (op.returns) arrays.returns = op.returns.begin();
  arrays.mask = math::read_flags(op.mask, true);
  arrays.gamma = op.gamma;
  return arrays;
}

__device__ inline int lane() { return static_cast<int>(threadIdx.x) & 31; }

// Valid tokens of a row, counted by the whole warp.
__device__ inline int64_t count_valid(const math::FlagReader& mask, int64_t first, int64_t length) {
  if (!mask.given()) return length;
  int64_t count = 0;
  for (int64_t tile = 0; tile < length; tile += 32) {
    const int64_t t = tile + lane();
    count += __popc(__ballot_sync(0xffffffffu, t < length && mask(first + t)));
  }
  return count;
}

template <class T>
__device__ void gae_per_warp(const GaeArrays<T>& a, const GaeRow& row) {
  double next_value = row.bootstrap, carry = 0;
  for (int64_t end = row.length; end > 0; end -= 32) {
    const int64_t t = end - 32 + lane();
    const int64_t i = row.first + t;
    const bool valid = t >= 0 && a.mask(i);
    const double value = valid && a.values ? static_cast<double>(a.values[i]) : 0;
    // The value after this token is that of the nearest valid lane above, or of the tile behind.
    const unsigned valid_lanes = __ballot_sync(0xffffffffu, valid);
    const unsigned above = lane() == 31 ? 0u : valid_lanes & (0xffffffffu << (lane() + 1));
    const int source = above ? __ffs(static_cast<int>(above)) - 1 : 0;
    const double shared_value = __shfl_sync(0xffffffffu, value, source);
    const double after = above ? shared_value : next_value;
    math::Affine<double> map;
    if (valid) {
      const double gamma = a.gammas ? static_cast<double>(a.gammas[i]) : a.gamma;
      const double lambda = a.lambdas ? static_cast<double>(a.lambdas[i]) : row.lambda;
      map = math::gae_step<double>(static_cast<double>(a.rewards[i]), value, after, gamma, lambda);
    } else if (a.reset_masked) {
      map = {0, 0};
    }
    const auto compose = [](const math::Affine<double>& first, const math::Affine<double>& later) {
      return first.cut_after(later);
    };
    const math::Affine<double> scanned = warp_scan_reverse(map, compose);
    const double advantage = scanned.cut_at(carry);
    if (t >= 0) {
      if (a.advantages) a.advantages[i] = valid ? static_cast<T>(advantage - row.baseline) : T(0);
      if (a.returns) a.returns[i] = valid ? static_cast<T>(advantage + value) : T(0);
    }
    carry = __shfl_sync(0xffffffffu, advantage, 0);
    if (valid_lanes) {
      next_value = __shfl_sync(0xffffffffu, value, __ffs(static_cast<int>(valid_lanes)) - 1);
    }
  }
}

// Rows of a padded batch with the same λ.
template <class T>
struct GaePaddedRows {
  GaeArrays<T> arrays;
  int64_t num_rows, row_length;
  double lambda;
  const T* baselines;  // null: 0

  __device__ int64_t rows() const { return num_rows; }
  __device__ GaeRow row(int64_t index) const {
    GaeRow row{index * row_length, row_length, 0, lambda};
    if (arrays.bootstrap) row.bootstrap = static_cast<double>(arrays.bootstrap[index]);
    if (baselines) row.baseline = static_cast<double>(baselines[index]);
    return row;
  }
};

// Rewards alone: the recurrence of discounted returns.
template <class T>
GaePaddedRows<T> return_rows(const In<T, 2>& rewards, const math::FlagReader& mask, double gamma) {
  GaePaddedRows<T> rows{};
  rows.arrays.rewards = rewards.begin();
  rows.arrays.mask = mask;
  rows.arrays.gamma = gamma;
  rows.num_rows = rewards.dims[0];
  rows.row_length = rewards.dims[1];
  rows.lambda = 1;
  return rows;
}

template <class Rows>
__global__ void gae_rows(Rows rows) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (blockDim.x / 32);
  const int64_t first = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) / 32;
  for (int64_t index = first; index < rows.rows(); index += warps) {
    gae_per_warp(rows.arrays, rows.row(index));
  }
}

template <class Rows>
Status launch_gae_rows(const Rows& rows, int64_t count, CudaContext& context) {
  constexpr int kThreads = 128;
  const LaunchShape shape{dim3(blocks_for(count * 32, kThreads)), dim3(kThreads)};
  return device_status(launch(gae_rows<Rows>, shape, context.stream(), rows), "gae");
}

}  // namespace belfry::cuda
