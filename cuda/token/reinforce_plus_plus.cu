// reinforce_plus_plus: discounted returns on the scan of gae, then whitened over the valid tokens.
// Bytes per token: read 4 + mask, write 4; then 12.
#include <cmath>

#include "cuda/token/gae_rows.cuh"
#include "cuda/token/whiten.cuh"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

// The mask without the rows that hold a return, and so a reward, that is not finite; a warp per
// row.
template <class T>
__global__ void scorable_mask(const T* returns, math::FlagReader mask, int64_t num_rows,
                              int64_t length, uint8_t* flags) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (blockDim.x / kWarpSize);
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) / kWarpSize;
  for (int64_t row = begin; row < num_rows; row += warps) {
    const int64_t first = row * length;
    bool broken = false;
    for (int64_t t = lane_id(); t < length; t += kWarpSize) {
      broken = broken || (mask(first + t) && !isfinite(returns[first + t]));
    }
    const bool whole = __ballot_sync(kFullWarp, broken) == 0;
    for (int64_t t = lane_id(); t < length; t += kWarpSize) {
      flags[first + t] = whole && mask(first + t);
    }
  }
}

template <class T>
Status reinforce_plus_plus(const ReinforcePlusPlus<T>& op, CudaContext& context) {
  const auto mask = math::read_flags(op.mask, true);
  const int64_t size = op.rewards.size();
  T* returns = op.returns ? op.returns.begin() : context.scratch<T>(size);
  if (!returns && size > 0) return context.failure();
  auto rows = return_rows<T>(op.rewards, mask, op.gamma);
  rows.arrays.returns = returns;
  rows.arrays.reset_masked = op.at_masked == AtMasked::reset;
  Status status = launch_gae_rows(rows, rows.num_rows, context);
  if (!status.ok() || !op.advantages) return status;
  if (size == 0) return {};
  math::FlagReader counted;
  uint8_t* flags = context.scratch<uint8_t>(size);
  if (!flags) return context.failure();
  counted.bytes = flags;
  constexpr int kThreads = 128;
  const LaunchShape shape{dim3(blocks_for(rows.num_rows * kWarpSize, kThreads)), dim3(kThreads)};
  status = device_status(launch(scorable_mask<T>, shape, context.stream(), returns, mask,
                                rows.num_rows, rows.row_length, flags),
                         "scorable_mask");
  if (!status.ok()) return status;
  return whiten<T>(returns, size, counted, {}, {}, op.advantages.begin(), context);
}

}  // namespace

template <>
Status run(const ReinforcePlusPlus<float>& op, CudaContext& context) {
  return reinforce_plus_plus(op, context);
}
template <>
Status run(const ReinforcePlusPlus<double>& op, CudaContext& context) {
  return reinforce_plus_plus(op, context);
}

}  // namespace belfry::cuda
