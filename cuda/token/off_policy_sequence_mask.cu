// off_policy_sequence_mask: keep where A ≥ 0 or −mean lr ≤ threshold, one warp per row.
// Bytes per token: read 5.
#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "math/flags.h"
#include "ops/token/corrections.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void keep_rows(const T* log_ratio, const T* advantages, math::FlagReader mask,
                          int64_t num_rows, int64_t length, double threshold, uint8_t* keep) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (blockDim.x / kWarpSize);
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) / kWarpSize;
  for (int64_t row = begin; row < num_rows; row += warps) {
    double sum = 0, count = 0;
    for (int64_t t = lane_id(); t < length; t += kWarpSize) {
      if (!mask(row * length + t)) continue;
      sum += static_cast<double>(log_ratio[row * length + t]);
      count += 1;
    }
    sum = warp_reduce(sum, Add{});
    count = warp_reduce(count, Add{});
    if (lane_id() != 0) continue;
    keep[row] = count > 0 && (advantages[row] >= 0 || -sum / count <= threshold);
  }
}

template <class T>
Status off_policy_sequence_mask(const OffPolicySequenceMask<T>& op, CudaContext& context) {
  if (!op.keep) return {};
  constexpr int kThreads = 128;
  const int64_t rows = op.log_ratio.dims[0];
  const LaunchShape shape{dim3(blocks_for(rows * kWarpSize, kThreads)), dim3(kThreads)};
  return device_status(launch(keep_rows<T>, shape, context.stream(), op.log_ratio.begin(),
                              op.advantages.begin(), math::read_flags(op.mask, true), rows,
                              op.log_ratio.dims[1], op.threshold, op.keep.begin()),
                       "off_policy_sequence_mask");
}

}  // namespace

template <>
Status run(const OffPolicySequenceMask<float>& op, CudaContext& context) {
  return off_policy_sequence_mask(op, context);
}
template <>
Status run(const OffPolicySequenceMask<double>& op, CudaContext& context) {
  return off_policy_sequence_mask(op, context);
}

}  // namespace belfry::cuda
