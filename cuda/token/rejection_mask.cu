// rejection_mask: drops tokens or rows whose divergence estimate is out of bounds, one warp per
// row. Bytes per token: read 5, write 1, a row level reads twice; at most 1 exp.
#include <cmath>

#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "math/corrections.h"
#include "math/flags.h"
#include "ops/token/corrections.h"

namespace belfry::cuda {

namespace {

template <class T>
struct Rows {
  const T* log_ratio;
  uint8_t* kept;
  math::FlagReader mask;
  math::RejectionRule rule;
  int64_t num_rows, length;
};

template <class T>
__device__ bool row_accepted(const Rows<T>& rows, int64_t first) {
  double sum = 0, count = 0, greatest = -INFINITY;
  for (int64_t t = lane_id(); t < rows.length; t += kWarpSize) {
    if (!rows.mask(first + t)) continue;
    const double score = rows.rule.score(static_cast<double>(rows.log_ratio[first + t]));
    sum += score;
    count += 1;
    greatest = score > greatest ? score : greatest;
  }
  sum = warp_reduce(sum, Add{});
  count = warp_reduce(count, Add{});
  return rows.rule.accepts(rows.rule.of_row(sum, count, warp_reduce(greatest, Max{})));
}

template <class T>
__global__ void keep_tokens(Rows<T> rows) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (blockDim.x / kWarpSize);
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) / kWarpSize;
  const bool by_token = rows.rule.level == math::RejectionLevel::token;
  for (int64_t row = begin; row < rows.num_rows; row += warps) {
    const int64_t first = row * rows.length;
    const bool whole = by_token || row_accepted(rows, first);
    for (int64_t t = lane_id(); t < rows.length; t += kWarpSize) {
      const int64_t i = first + t;
      bool keep = whole && rows.mask(i);
      if (keep && by_token) {
        keep = rows.rule.accepts(rows.rule.score(static_cast<double>(rows.log_ratio[i])));
      }
      rows.kept[i] = keep;
    }
  }
}

template <class T>
Status rejection_mask(const RejectionMask<T>& op, CudaContext& context) {
  if (!op.kept) return {};
  constexpr int kThreads = 128;
  const Rows<T> rows{
      op.log_ratio.begin(),     op.kept.begin(),      math::read_flags(op.mask, true),
      math::rejection_rule(op), op.log_ratio.dims[0], op.log_ratio.dims[1]};
  const LaunchShape shape{dim3(blocks_for(rows.num_rows * kWarpSize, kThreads)), dim3(kThreads)};
  return device_status(launch(keep_tokens<T>, shape, context.stream(), rows), "rejection_mask");
}

}  // namespace

template <>
Status run(const RejectionMask<float>& op, CudaContext& context) {
  return rejection_mask(op, context);
}
template <>
Status run(const RejectionMask<double>& op, CudaContext& context) {
  return rejection_mask(op, context);
}

}  // namespace belfry::cuda
