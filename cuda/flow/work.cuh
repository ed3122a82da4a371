// The scratch memory and launches of one call. After the first failure nothing more is queued, and
// `status()` tells what it was.
#pragma once

#include <utility>

#include "cuda/device/context.cuh"

namespace belfry::cuda {

class Work {
 public:
  Work(CudaContext& context, const char* name) : context_(context), name_(name) {}

  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }
  const char* name() const { return name_; }
  // Whether products of matrices of T round their operands to tf32.
  template <class T>
  bool takes_tf32() const {
    return std::is_same_v<T, float> && context_.takes_tf32();
  }

  // Null after a failure, this one or an earlier one.
  template <class T>
  T* scratch(int64_t count) {
    if (!ok()) return nullptr;
    T* memory = context_.scratch<T>(count);
    if (!memory) status_ = context_.failure();
    return memory;
  }

  template <class... P, class... A>
  void launch(void (*kernel)(P...), const LaunchShape& shape, A&&... arguments) {
    if (!ok()) return;
    const cudaError_t error =
        cuda::launch(kernel, shape, context_.stream(), std::forward<A>(arguments)...);
    if (error != cudaSuccess) status_ = device_status(error, name_);
  }

  // One thread for each of `count` elements.
  template <class... P, class... A>
  void for_each(int64_t count, void (*kernel)(P...), A&&... arguments) {
    constexpr int kThreads = 256;
    launch(kernel, {dim3(blocks_for(count, kThreads)), dim3(kThreads)},
           std::forward<A>(arguments)...);
  }

  // One warp for each of `count` rows.
  template <class... P, class... A>
  void for_each_row(int64_t count, void (*kernel)(P...), A&&... arguments) {
    constexpr int kThreads = 128;
    launch(kernel, {dim3(blocks_for(count, kThreads / 32)), dim3(kThreads)},
           std::forward<A>(arguments)...);
  }

 private:
  CudaContext& context_;
  const char* name_;
  Status status_;
};

// The rows that this warp handles, of a grid of one-dimensional blocks.
__device__ inline GridStride warp_stride(int64_t rows) {
  const int64_t warps = blockDim.x / 32;
  return {blockIdx.x * warps + threadIdx.x / 32, gridDim.x * warps, rows};
}

// The elements of a row that this lane handles.
__device__ inline GridStride lane_stride(int64_t count) {
  return {static_cast<int64_t>(threadIdx.x % 32), 32, count};
}

// Null: nobody asked for it.
template <class V>
auto* wanted(const V& view) {
  return view.present ? view.begin() : nullptr;
}

}  // namespace belfry::cuda
