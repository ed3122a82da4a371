// The recurrence of vtrace and vtrace_packed: one warp per sequence, on the scan that gae uses.
#pragma once

#include "cuda/device/context.cuh"
#include "cuda/device/scan.cuh"
#include "math/corrections.h"
#include "math/flags.h"
#include "math/returns.h"

namespace belfry::cuda {

template <class T>
struct VtraceRows {
  const T *rewards, *values, *log_ratio, *bootstrap;
  T *vs, *pg_advantages;
  math::FlagReader mask;
  math::RatioRule rule;
  const int32_t* cu_seqlens;  // null: rows of `row_length`
  int64_t num_rows, row_length;

  __device__ int64_t first(int64_t row) const {
    return cu_seqlens ? cu_seqlens[row] : row * row_length;
  }
};

template <class Op>
auto vtrace_rows(const Op& op) {
  using T = typename decltype(op.vs)::Element;
  VtraceRows<T> rows{};
  rows.rewards = op.rewards.begin();
  rows.values = op.values.begin();
  rows.log_ratio = op.log_ratio.begin();
  if (op.bootstrap_values) rows.bootstrap = op.bootstrap_values.begin();
  if (op.vs) rows.vs = op.vs.begin();
  if (op.pg_advantages) rows.pg_advantages = op.pg_advantages.begin();
  rows.mask = math::read_flags(op.mask, true);
  rows.rule = math::ratio_rule(op);
  return rows;
}

// What the nearest valid lane above holds; behind the tile `beyond`. All lanes must call.
__device__ inline double from_next_valid(double value, unsigned valid_lanes, double beyond) {
  const int lane = lane_id();
  const unsigned above =
      lane == kWarpSize - 1 ? 0u : valid_lanes & (kFullWarp << static_cast<unsigned>(lane + 1));
  const double next = shuffle(value, above ? __ffs(static_cast<int>(above)) - 1 : 0);
  return above ? next : beyond;
}

template <class T>
__device__ void vtrace_per_warp(const VtraceRows<T>& a, int64_t row) {
  const int64_t first = a.first(row), length = a.first(row + 1) - first;
  double next_value = a.bootstrap ? static_cast<double>(a.bootstrap[row]) : 0;
  double next_target = next_value, carry = 0;
  const auto compose = [](const math::Affine<double>& f, const math::Affine<double>& later) {
    return f.after(later);
  };
  for (int64_t end = length; end > 0; end -= kWarpSize) {
    const int64_t t = end - kWarpSize + lane_id();
    const int64_t i = first + t;
    const bool valid = t >= 0 && a.mask(i);
    const unsigned valid_lanes = __ballot_sync(kFullWarp, valid);
    const double value = valid ? static_cast<double>(a.values[i]) : 0;
    const double reward = valid ? static_cast<double>(a.rewards[i]) : 0;
    const double after = from_next_valid(value, valid_lanes, next_value);
    double ratio = 0;
    math::Affine<double> map;
    if (valid) {
      ratio = math::clamped_ratio(static_cast<double>(a.log_ratio[i]), a.rule.clamp);
      map = math::vtrace_step(reward, value, after, ratio, a.rule);
    }
    const double correction = warp_scan_reverse(map, compose)(carry);
    const double target = value + correction;
    const double after_target = from_next_valid(target, valid_lanes, next_target);
    if (t >= 0) {
      const double advantage = math::vtrace_advantage(reward, value, after_target, ratio, a.rule);
      if (a.vs) a.vs[i] = valid ? static_cast<T>(target) : T(0);
      if (a.pg_advantages) a.pg_advantages[i] = valid ? static_cast<T>(advantage) : T(0);
    }
    carry = shuffle(correction, 0);
    if (valid_lanes) {
      const int lowest = __ffs(static_cast<int>(valid_lanes)) - 1;
      next_value = shuffle(value, lowest);
      next_target = shuffle(target, lowest);
    }
  }
}

template <class T>
__global__ void vtrace_sequences(VtraceRows<T> rows) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (blockDim.x / kWarpSize);
  const int64_t first = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) / kWarpSize;
  for (int64_t row = first; row < rows.num_rows; row += warps) vtrace_per_warp(rows, row);
}

template <class T>
Status launch_vtrace(const VtraceRows<T>& rows, CudaContext& context) {
  constexpr int kThreads = 128;
  const LaunchShape shape{dim3(blocks_for(rows.num_rows * kWarpSize, kThreads)), dim3(kThreads)};
  return device_status(launch(vtrace_sequences<T>, shape, context.stream(), rows), "vtrace");
}

}  // namespace belfry::cuda
