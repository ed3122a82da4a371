// puffer_advantage: clipped importance-weighted GAE, one warp per row: tiles of 32 steps from the
// last to the first, scanned backwards by shuffles. Bytes per step: read 12 + flags, write 4.
#include "cuda/device/context.cuh"
#include "cuda/device/scan.cuh"
#include "math/flags.h"
#include "math/returns.h"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
struct SegmentArrays {
  const T *values, *rewards, *ratio;
  math::FlagReader dones;
  math::RatioRule rule;
  T* advantages;
};

template <class T>
__device__ void row_per_warp(const SegmentArrays<T>& a, int64_t first, int64_t length) {
  const auto compose = [](const math::Affine<double>& f, const math::Affine<double>& later) {
    return f.cut_after(later);
  };
  double carry = 0;
  if (lane_id() == 0) a.advantages[first + length - 1] = 0;
  for (int64_t end = length - 1; end > 0; end -= kWarpSize) {
    const int64_t t = end - kWarpSize + lane_id();
    const int64_t i = first + t;
    math::Affine<double> map;
    if (t >= 0) {
      const double ratio = a.ratio ? static_cast<double>(a.ratio[i]) : 1;
      map =
          math::puffer_step(static_cast<double>(a.rewards[i + 1]), static_cast<double>(a.values[i]),
                            static_cast<double>(a.values[i + 1]), a.dones(i + 1), ratio, a.rule);
    }
    const double advantage = warp_scan_reverse(map, compose).cut_at(carry);
    if (t >= 0) a.advantages[i] = static_cast<T>(advantage);
    carry = shuffle(advantage, 0);
  }
}

template <class T>
__global__ void segment_rows(SegmentArrays<T> arrays, int64_t rows, int64_t length) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (blockDim.x / kWarpSize);
  const int64_t first = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) / kWarpSize;
  for (int64_t row = first; row < rows; row += warps) row_per_warp(arrays, row * length, length);
}

template <class T>
Status puffer_advantage(const PufferAdvantage<T>& op, CudaContext& context) {
  constexpr int kThreads = 128;
  const int64_t rows = op.values.dims[0], length = op.values.dims[1];
  if (!op.advantages || length == 0) return {};
  SegmentArrays<T> arrays{op.values.begin(),
                          op.rewards.begin(),
                          op.ratio ? op.ratio.begin() : nullptr,
                          math::read_flags(op.dones, false),
                          math::ratio_rule(op),
                          op.advantages.begin()};
  arrays.rule.reward_weighted = op.variant == PufferVariant::reward_weighted;
  const LaunchShape shape{dim3(blocks_for(rows * kWarpSize, kThreads)), dim3(kThreads)};
  return device_status(launch(segment_rows<T>, shape, context.stream(), arrays, rows, length),
                       "puffer_advantage");
}

}  // namespace

template <>
Status run(const PufferAdvantage<float>& op, CudaContext& context) {
  return puffer_advantage(op, context);
}
template <>
Status run(const PufferAdvantage<double>& op, CudaContext& context) {
  return puffer_advantage(op, context);
}

}  // namespace belfry::cuda
