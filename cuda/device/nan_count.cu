#include "cuda/device/nan_count.cuh"

#include "cuda/device/reduce.cuh"
#include "math/flags.h"
#include "math/half.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

__global__ void clear_count(int32_t* count) { *count = 0; }

// Integers: the order of the atomics does not matter.
__global__ void add_nans(const void* data, DType dtype, math::FlagReader mask, int64_t tokens,
                         int64_t width, int32_t* count) {
  __shared__ int32_t shared[kThreads / kWarpSize];
  int32_t own = 0;
  for (int64_t i : grid_stride(tokens * width)) {
    own += mask(width == 1 ? i : i / width) && math::is_nan_at(data, dtype, i);
  }
  own = block_reduce(own, Add{}, 0, shared);
  if (threadIdx.x == 0 && own > 0) atomicAdd(count, own);
}

}  // namespace

Status count_nans(const NanPlan& plan, const void* op, CudaContext& context) {
  const char* base = static_cast<const char*>(op);
  const auto& out = *reinterpret_cast<const Out<int32_t, 0>*>(base + plan.count);
  if (!out) return {};
  const auto& flags = *reinterpret_cast<const Flags<1>*>(base + plan.mask);
  cudaError_t error = launch(clear_count, {dim3(1), dim3(1)}, context.stream(), out.begin());
  for (size_t i = 0; error == cudaSuccess && i < plan.operands.size(); ++i) {
    const TokenNumbers numbers = token_numbers(op, plan.operands[i], plan.mask);
    if (!numbers.view) continue;
    const LaunchShape shape{dim3(blocks_for(numbers.tokens * numbers.width, kThreads)),
                            dim3(kThreads)};
    error = launch(add_nans, shape, context.stream(), numbers.view->data, numbers.view->dtype,
                   math::read_flags(flags, true), numbers.tokens, numbers.width, out.begin());
  }
  return device_status(error, "count of NaN");
}

}  // namespace belfry::cuda
