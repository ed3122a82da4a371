// sqirl, the loss: a thread for each row and depth, then a block for each depth adds up its losses,
// then one adds up the depths. The formulas are those of math/sqirl.h.
#include "math/sqirl.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void depth_losses(math::SqirlRows<T> rows, int64_t count, double* losses) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) losses[i] = rows(i / rows.depths, i % rows.depths);
}

// sums[k] = share · Σ_rows losses[row, k].
template <class T>
__global__ void sum_depths(const double* losses, int64_t batch, int64_t depths, double share,
                           double* sums, T* out) {
  __shared__ double shared[kLossThreads / kWarpSize];
  for (int64_t k : block_stride(depths)) {
    double own = 0;
    for (int64_t row : thread_stride(batch)) own += losses[row * depths + k];
    const double sum = block_reduce(own, Add{}, 0.0, shared) * share;
    if (threadIdx.x == 0) {
      sums[k] = sum;
      if (out) out[k] = static_cast<T>(sum);
    }
  }
}

template <class T>
__global__ void add_depths(const double* sums, int64_t depths, T* loss) {
  double total = 0;
  for (int64_t k = 0; k < depths; ++k) total += sums[k];
  *loss = static_cast<T>(total);
}

template <class T>
Status sqirl_loss(const SqirlLoss<T>& op, CudaContext& context) {
  const auto rows = math::sqirl_rows(op);
  const int64_t batch = op.q_values.dims[0], count = batch * rows.depths;
  double* const losses = context.scratch<double>(count > 0 ? count : 1);
  double* const sums = context.scratch<double>(rows.depths > 0 ? rows.depths : 1);
  if (!losses || !sums) return context.failure();
  const LaunchShape all{dim3(blocks_for(count, kLossThreads)), dim3(kLossThreads)};
  const LaunchShape depths{dim3(blocks_for(rows.depths * kLossThreads, kLossThreads)),
                           dim3(kLossThreads)};
  cudaError_t error = launch(depth_losses<T>, all, context.stream(), rows, count, losses);
  if (error == cudaSuccess) {
    error = launch(sum_depths<T>, depths, context.stream(), losses, batch, rows.depths,
                   rows.inverse_count, sums, wanted(op.loss_per_depth));
  }
  if (error == cudaSuccess && op.loss.present) {
    error = launch(add_depths<T>, LaunchShape{dim3(1), dim3(1)}, context.stream(), sums,
                   rows.depths, op.loss.begin());
  }
  return device_status(error, "sqirl");
}

}  // namespace

template <>
Status run(const SqirlLoss<float>& op, CudaContext& context) {
  return sqirl_loss(op, context);
}
template <>
Status run(const SqirlLoss<double>& op, CudaContext& context) {
  return sqirl_loss(op, context);
}

}  // namespace belfry::cuda
