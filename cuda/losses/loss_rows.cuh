// Runs the row formula of a loss over a batch (see math/lanes.h): a thread per row, or a warp where
// rows are long. Each block leaves one partial sum, which one block combines and hands to `store`;
// the order depends on the sizes only, and nothing is read back.
#pragma once

#include "cuda/bellman/model.cuh"
#include "cuda/device/lanes.cuh"

namespace belfry::cuda {

struct AddLossSums {
  __device__ math::LossSums operator()(const math::LossSums& a, const math::LossSums& b) const {
    return a + b;
  }
};

constexpr int kLossThreads = 256;

__device__ inline void write_loss_sums(const math::LossSums& own, math::LossSums* partials) {
  __shared__ math::LossSums shared[kLossThreads / kWarpSize];
  const auto sums = block_reduce(own, AddLossSums{}, math::LossSums{}, shared);
  if (threadIdx.x == 0 && partials) partials[blockIdx.x] = sums;
}

template <class Rows>
__global__ void loss_by_thread(Rows rows, int64_t count, math::LossSums* partials) {
  math::LossSums own;
  for (int64_t row : grid_stride(count)) own = own + rows(row, math::OneLane{});
  write_loss_sums(own, partials);
}

template <class Rows>
__global__ void loss_by_warp(Rows rows, int64_t count, math::LossSums* partials) {
  math::LossSums own;
  const int64_t warps = static_cast<int64_t>(gridDim.x) * warps_in_block();
  const int64_t first = static_cast<int64_t>(blockIdx.x) * warps_in_block() + warp_id();
  for (int64_t row = first; row < count; row += warps) {
    const math::LossSums of_row = rows(row, WarpLanes{});
    if (lane_id() == 0) own = own + of_row;
  }
  write_loss_sums(own, partials);
}

// One block.
template <class Store>
__global__ void store_loss_sums(const math::LossSums* partials, int64_t count, Store store) {
  __shared__ math::LossSums shared[kLossThreads / kWarpSize];
  math::LossSums own;
  for (int64_t i : thread_stride(count)) own = own + partials[i];
  const auto total = block_reduce(own, AddLossSums{}, math::LossSums{}, shared);
  if (threadIdx.x == 0) store(total);
}

enum class RowsBy : int { thread, warp };

// A warp where a row has more entries than this.
inline RowsBy rows_by(int64_t row_length) {
  return row_length > 16 ? RowsBy::warp : RowsBy::thread;
}

template <class Rows>
cudaError_t launch_rows(const Rows& rows, int64_t count, RowsBy by, math::LossSums* partials,
                        unsigned* num_partials, cudaStream_t stream) {
  const bool by_warp = by == RowsBy::warp;
  const LaunchShape shape{dim3(blocks_for(by_warp ? count * kWarpSize : count, kLossThreads)),
                          dim3(kLossThreads)};
  if (num_partials) *num_partials = shape.grid.x;
  const auto kernel = by_warp ? loss_by_warp<Rows> : loss_by_thread<Rows>;
  return launch(kernel, shape, stream, rows, count, partials);
}

// Rows that only write.
template <class Rows>
Status each_row(const Rows& rows, int64_t count, RowsBy by, const char* step,
                CudaContext& context) {
  return device_status(launch_rows(rows, count, by, static_cast<math::LossSums*>(nullptr),
                                   static_cast<unsigned*>(nullptr), context.stream()),
                       step);
}

// Rows whose sums `store(total)` turns into outputs.
template <class Rows, class Store>
Status sum_rows(const Rows& rows, int64_t count, RowsBy by, const Store& store, const char* step,
                CudaContext& context) {
  constexpr int64_t kMostBlocks = 4096;  // of blocks_for
  auto* partials = context.scratch<math::LossSums>(kMostBlocks);
  if (!partials) return context.failure();
  unsigned num_partials = 0;
  cudaError_t error = launch_rows(rows, count, by, partials, &num_partials, context.stream());
  if (error == cudaSuccess) {
    error = launch(store_loss_sums<Store>, LaunchShape{dim3(1), dim3(kLossThreads)},
                   context.stream(), partials, static_cast<int64_t>(num_partials), store);
  }
  return device_status(error, step);
}

// The outputs `loss` and `count`, and a second mean where there is one; null: not wanted.
template <class T>
struct StoreMean {
  double share, other_factor;
  int64_t rows;
  T *loss, *other;
  int32_t* count;

  __device__ void operator()(const math::LossSums& total) const {
    if (loss) *loss = static_cast<T>(total.loss * share);
    if (other) *other = static_cast<T>(total.other * share * other_factor);
    if (count) *count = static_cast<int32_t>(rows);
  }
};

template <class T>
StoreMean<T> store_mean(const Out<T, 0>& loss, const Out<int32_t, 0>& count, int64_t rows) {
  return {math::inverse_count(rows), 0, rows, wanted(loss), nullptr, wanted(count)};
}

}  // namespace belfry::cuda
