// bellman_backup_grid: a thread for each cell. Its neighbours are the cells of the threads beside
// it, so that V comes from memory once and from the caches after that.
#include <algorithm>

#include "cuda/bellman/model.cuh"
#include "cuda/device/reduce.cuh"
#include "math/grid.h"
#include "ops/bellman/grids.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

template <class T>
struct GridOutputs {
  T* values;
  int32_t* policy;
  T* changes;  // of each block; null: not wanted
};

template <class T>
__global__ void backup_cells(math::Grid<T> grid, GridOutputs<T> out) {
  __shared__ T shared[kThreads / kWarpSize];
  T largest = 0;
  for (int64_t cell : grid_stride(grid.height * grid.width)) {
    const auto best = grid.best_of(cell / grid.width, cell % grid.width);
    const T value = best.value(grid.minimise);
    const T change = value - grid.values[cell];
    largest = Max{}(largest, change < 0 ? -change : change);
    if (out.values) out.values[cell] = value;
    if (out.policy) out.policy[cell] = best.action;
  }
  if (!out.changes) return;
  largest = block_reduce(largest, Max{}, T(0), shared);
  if (threadIdx.x == 0) out.changes[blockIdx.x] = largest;
}

template <class T>
__global__ void largest_of(const T* changes, int64_t count, T* out) {
  __shared__ T shared[kThreads / kWarpSize];
  T largest = 0;
  for (int64_t i : thread_stride(count)) largest = Max{}(largest, changes[i]);
  largest = block_reduce(largest, Max{}, T(0), shared);
  if (threadIdx.x == 0) out[0] = largest;
}

template <class T>
Status bellman_backup_grid(const BellmanBackupGrid<T>& op, CudaContext& context) {
  const auto grid = math::grid_of(op, op.values.begin());
  // An empty grid has a change, too: 0.
  const unsigned blocks = std::max(1u, blocks_for(op.values.size(), kThreads));
  GridOutputs<T> out{wanted(op.values_out), wanted(op.policy), nullptr};
  if (op.residual_inf) {
    out.changes = context.scratch<T>(blocks);
    if (!out.changes) return context.failure();
  }
  const LaunchShape shape{.grid = blocks, .block = kThreads};
  cudaError_t error = launch(backup_cells<T>, shape, context.stream(), grid, out);
  if (error == cudaSuccess && out.changes) {
    const LaunchShape one{.grid = 1, .block = kThreads};
    error = launch(largest_of<T>, one, context.stream(), static_cast<const T*>(out.changes),
                   static_cast<int64_t>(blocks), op.residual_inf.begin());
  }
  return device_status(error, "bellman_backup_grid");
}

}  // namespace

template <>
Status run(const BellmanBackupGrid<float>& op, CudaContext& context) {
  return bellman_backup_grid(op, context);
}
template <>
Status run(const BellmanBackupGrid<double>& op, CudaContext& context) {
  return bellman_backup_grid(op, context);
}

}  // namespace belfry::cuda
