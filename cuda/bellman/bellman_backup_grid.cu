// bellman_backup_grid: a thread for each cell. Its neighbours are the cells of the threads beside
// it, so that V comes from memory once and from the caches after that. Several sweeps are as many
// launches; a grid whose V and V' the L2 holds stays there between them.
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
class GridSweeps {
 public:
  GridSweeps(const BellmanBackupGrid<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        // An empty grid has a change, too: 0.
        blocks_(std::max(1u, blocks_for(op.values.size(), kThreads))) {}

  Status run() {
    const math::SweepOutputs<T> outputs(wanted(op_.values_out), op_.sweeps, op_.values.size(),
                                        context_);
    T* const changes = op_.residual_inf ? context_.scratch<T>(blocks_) : nullptr;
    if (!outputs.allocated() || (op_.residual_inf && !changes)) return context_.failure();
    auto grid = math::grid_of(op_, op_.values.begin());
    cudaError_t error = cudaSuccess;
    for (int64_t sweep = 0; sweep < op_.sweeps && error == cudaSuccess; ++sweep) {
      GridOutputs<T> out{outputs[sweep], nullptr, nullptr};
      if (sweep + 1 == op_.sweeps) out = {out.values, wanted(op_.policy), changes};
      const LaunchShape shape{.grid = blocks_, .block = kThreads};
      error = launch(backup_cells<T>, shape, context_.stream(), grid, out);
      grid.values = out.values;
    }
    if (error == cudaSuccess && changes) error = reduce(changes);
    return device_status(error, "bellman_backup_grid");
  }

 private:
  cudaError_t reduce(const T* changes) {
    const LaunchShape one{.grid = 1, .block = kThreads};
    return launch(largest_of<T>, one, context_.stream(), changes, static_cast<int64_t>(blocks_),
                  op_.residual_inf.begin());
  }

  const BellmanBackupGrid<T>& op_;
  CudaContext& context_;
  const unsigned blocks_;
};

}  // namespace

template <>
Status run(const BellmanBackupGrid<float>& op, CudaContext& context) {
  return GridSweeps<float>(op, context).run();
}
template <>
Status run(const BellmanBackupGrid<double>& op, CudaContext& context) {
  return GridSweeps<double>(op, context).run();
}

}  // namespace belfry::cuda
