// fqi_target: a thread per row, so that a warp reads 32 short rows which lie side by side, or a
// warp per row where there are more than 32 actions. The formulas are those of math/fqi.h.
#include "cuda/device/context.cuh"
#include "cuda/device/lanes.cuh"
#include "math/fqi.h"
#include "ops/fitted_q.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void targets_by_thread(math::FqiRows<T> rows, int64_t num_rows) {
#pragma unroll 1
  for (int64_t row : grid_stride(num_rows)) {
    math::NextValue next;
    if (!rows.terminated(row)) next = rows.next_value(row, math::OneLane{});
    rows.target[row] = rows.target_of(row, next);
  }
}

template <class T>
__global__ void targets_by_warp(math::FqiRows<T> rows, int64_t num_rows) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * warps_in_block();
  const int64_t first = static_cast<int64_t>(blockIdx.x) * warps_in_block() + warp_id();
  for (int64_t row = first; row < num_rows; row += warps) {
    math::NextValue next;
    if (!rows.terminated(row)) next = rows.next_value(row, WarpLanes{});
    if (lane_id() == 0) rows.target[row] = rows.target_of(row, next);
  }
}

template <class T>
Status fqi_target(const FqiTarget<T>& op, CudaContext& context) {
  if (Status s = math::check_fqi_target(op); !s.ok()) return s;
  if (!op.target) return {};
  constexpr int kThreads = 256;
  const auto rows = math::fqi_rows(op);
  const int64_t num_rows = op.rewards.dims[0];
  const bool by_warp = rows.num_actions > kWarpSize;
  const int64_t threads = by_warp ? num_rows * kWarpSize : num_rows;
  const LaunchShape shape{dim3(blocks_for(threads, kThreads)), dim3(kThreads)};
  const auto kernel = by_warp ? targets_by_warp<T> : targets_by_thread<T>;
  return device_status(launch(kernel, shape, context.stream(), rows, num_rows), "fqi_target");
}

}  // namespace

template <>
Status run(const FqiTarget<float>& op, CudaContext& context) {
  return fqi_target(op, context);
}
template <>
Status run(const FqiTarget<double>& op, CudaContext& context) {
  return fqi_target(op, context);
}

}  // namespace belfry::cuda
