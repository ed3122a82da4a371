// reward_shaping: a thread per step for potentials. For sub-goals, the last reset before each step
// is a running maximum of reset indices: one maximum per segment, a scan of those by one block, and
// a scan inside each segment (math/shaping.h). Memory bound in both forms.
#include "cuda/device/scan.cuh"
#include "cuda/losses/loss_rows.cuh"
#include "math/shaping.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;
constexpr int64_t kSegment = kThreads;

struct Later {
  __device__ int64_t operator()(int64_t a, int64_t b) const { return a > b ? a : b; }
};

template <class T>
__device__ int64_t reset_at(const math::SubgoalSteps<T>& steps, int64_t i, int64_t count) {
  return i < count && steps.resets(i) ? i : -1;
}

// Last reset inside each segment; −1: none.
template <class T>
__global__ void last_resets(math::SubgoalSteps<T> steps, int64_t count, int64_t num_segments,
                            int64_t* last) {
  __shared__ int64_t shared[kThreads / kWarpSize];
  for (int64_t segment : block_stride(num_segments)) {
    const int64_t own = reset_at(steps, segment * kSegment + threadIdx.x, count);
    const int64_t found = block_reduce(own, Later{}, int64_t{-1}, shared);
    if (threadIdx.x == 0) last[segment] = found;
  }
}

// Last reset before the end of each segment. One block.
__global__ void carry_resets(int64_t num_segments, int64_t* last) {
  __shared__ int64_t shared[kThreads / kWarpSize];
  int64_t before = -1;
  for (int64_t begin = 0; begin < num_segments; begin += kThreads) {
    const int64_t segment = begin + threadIdx.x;
    const int64_t own = segment < num_segments ? last[segment] : -1;
    const auto scan = block_scan_forward(own, Later{}, int64_t{-1}, shared);
    if (segment < num_segments) last[segment] = Later{}(before, scan.inclusive);
    before = Later{}(before, scan.total);
  }
}

template <class T>
__global__ void count_steps(math::SubgoalSteps<T> steps, int64_t count, int64_t num_segments,
                            const int64_t* last) {
  __shared__ int64_t shared[kThreads / kWarpSize];
  for (int64_t segment : block_stride(num_segments)) {
    const int64_t i = segment * kSegment + threadIdx.x;
    // Resets before step i: that of step i − 1 and earlier.
    const int64_t previous = threadIdx.x > 0 ? reset_at(steps, i - 1, count) : int64_t{-1};
    const int64_t carried = segment > 0 ? last[segment - 1] : int64_t{-1};
    const auto scan = block_scan_forward(previous, Later{}, int64_t{-1}, shared);
    if (i < count) steps.write(i, Later{}(carried, scan.inclusive));
  }
}

template <class T>
Status reward_shaping(const RewardShaping<T>& op, CudaContext& context) {
  if (!op.shaped_reward) return {};
  return each_row(math::shaped_rewards(op), op.rewards.dims[0], RowsBy::thread, "reward_shaping",
                  context);
}

template <class T>
Status subgoal_bonus(const RewardShapingSubgoal<T>& op, CudaContext& context) {
  const int64_t count = op.rewards.dims[0];
  const int64_t num_segments = (count + kSegment - 1) / kSegment;
  if (num_segments == 0) return {};
  auto* last = context.scratch<int64_t>(num_segments);
  if (!last) return context.failure();
  const auto steps = math::subgoal_steps(op);
  const LaunchShape shape{dim3(blocks_for(count, kThreads)), dim3(kThreads)};
  const auto stream = context.stream();
  cudaError_t error = launch(last_resets<T>, shape, stream, steps, count, num_segments, last);
  if (error == cudaSuccess) {
    error = launch(carry_resets, LaunchShape{dim3(1), dim3(kThreads)}, stream, num_segments, last);
  }
  if (error == cudaSuccess) {
    error = launch(count_steps<T>, shape, stream, steps, count, num_segments, last);
  }
  return device_status(error, "reward_shaping");
}

}  // namespace

template <>
Status run(const RewardShaping<float>& op, CudaContext& context) {
  return reward_shaping(op, context);
}
template <>
Status run(const RewardShaping<double>& op, CudaContext& context) {
  return reward_shaping(op, context);
}

template <>
Status run(const RewardShapingSubgoal<float>& op, CudaContext& context) {
  return subgoal_bonus(op, context);
}
template <>
Status run(const RewardShapingSubgoal<double>& op, CudaContext& context) {
  return subgoal_bonus(op, context);
}

}  // namespace belfry::cuda
