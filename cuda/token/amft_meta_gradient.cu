// amft_meta_gradient: g = η ⟨∇L_val, ∇L_SFT − ∇L_RL⟩. Each block sums its share, one block sums
// those, in an order that depends on the sizes only. Bytes per parameter: read 12.
#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "ops/token/schedules.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void partial_products(const T* sft, const T* rl, const T* validation, int64_t size,
                                 double* partial) {
  __shared__ double shared[kThreads / kWarpSize];
  double sum = 0;
  for (const int64_t i : grid_stride(size)) {
    const double apart = static_cast<double>(sft[i]) - static_cast<double>(rl[i]);
    sum += static_cast<double>(validation[i]) * apart;
  }
  sum = block_reduce(sum, Add{}, 0.0, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

template <class T>
__global__ void add_products(const double* partial, int64_t count, double factor, T* out) {
  __shared__ double shared[kThreads / kWarpSize];
  double sum = 0;
  for (const int64_t i : thread_stride(count)) sum += partial[i];
  sum = block_reduce(sum, Add{}, 0.0, shared);
  if (threadIdx.x == 0) *out = static_cast<T>(factor * sum);
}

template <class T>
Status amft_meta_gradient(const AmftMetaGradient<T>& op, CudaContext& context) {
  if (!op.meta_gradient) return {};
  const int64_t size = op.grad_sft.dims[0];
  const unsigned blocks = blocks_for(size, kThreads);
  double* partial = context.scratch<double>(blocks == 0 ? 1 : blocks);
  if (!partial) return context.failure();
  const LaunchShape wide{dim3(blocks), dim3(kThreads)}, single{dim3(1), dim3(kThreads)};
  const double sign = op.objective == MetaObjective::utility ? 1 : -1;
  cudaError_t error = launch(partial_products<T>, wide, context.stream(), op.grad_sft.begin(),
                             op.grad_rl.begin(), op.grad_validation_loss.begin(), size, partial);
  if (error == cudaSuccess) {
    error = launch(add_products<T>, single, context.stream(), partial, static_cast<int64_t>(blocks),
                   sign * op.policy_lr, op.meta_gradient.begin());
  }
  return device_status(error, "amft_meta_gradient");
}

}  // namespace

template <>
Status run(const AmftMetaGradient<float>& op, CudaContext& context) {
  return amft_meta_gradient(op, context);
}
template <>
Status run(const AmftMetaGradient<double>& op, CudaContext& context) {
  return amft_meta_gradient(op, context);
}

}  // namespace belfry::cuda
