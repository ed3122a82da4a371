// Launching kernels. launch() is the only way a kernel is started: the triple angle brackets are
// not C++, and the tests compile every .cu file as C++ and run it on an emulated device.
//
//   __global__ void scale(float* data, int64_t count, float factor) {
//     for (int64_t i : grid_stride(count)) data[i] *= factor;
//   }
//   const LaunchShape shape{.grid = blocks_for(count, 256), .block = 256};
//   return launch(scale, shape, stream, data, count, factor);
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "cuda/device/recording.cuh"

// Keeps a device function out of line. Not CUDA's own word, which libstdc++ uses as well.
#if defined(BELFRY_CUDA_EMULATION)
#define BELFRY_NOINLINE __attribute__((noinline))
#else
#define BELFRY_NOINLINE __noinline__
#endif

namespace belfry::cuda {

/// Blocks that give each of `items` a thread of its own, up to a cap; beyond it threads stride. The
/// cap is the same on every GPU, so that the order of a sum depends on the shape only.
inline unsigned blocks_for(std::int64_t items, int threads) {
  constexpr std::int64_t kMaxBlocks = 4096;
  const std::int64_t blocks = items <= 0 ? 0 : (items - 1) / threads + 1;
  return static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks);
}

/// Threads for a block that works on `items`: whole warps, at least one, at most `most`.
inline unsigned threads_for(std::int64_t items, int most) {
  const std::int64_t wanted = items <= 1 ? 32 : (items + 31) / 32 * 32;
  return static_cast<unsigned>(wanted < most ? wanted : most);
}

/// Queues a kernel, or records it where the thread does so with the launches of this stream. An
/// empty grid is no work and no error. Returns the error of the launch itself or, as CUDA does, of
/// earlier work that has failed by now; errors of the kernel appear later, and so do those of a
/// launch that is recorded.
template <class... P, class... A>
cudaError_t launch(void (*kernel)(P...), const LaunchShape& shape, cudaStream_t stream,
                   A&&... arguments) {
  static_assert(sizeof...(P) == sizeof...(A), "the kernel takes another number of arguments");
  static_assert((std::is_convertible_v<A, P> && ...), "an argument has the wrong type");
  static_assert((std::is_trivially_copyable_v<P> && ...), "arguments are copied byte by byte");
  if (shape.grid.x == 0 || shape.grid.y == 0 || shape.grid.z == 0) return cudaSuccess;
#if defined(BELFRY_CUDA_EMULATION)
  emulation::make_known(kernel);
#endif
  std::tuple<P...> values{static_cast<P>(std::forward<A>(arguments))...};
  const auto launch_with = [&](auto&... argument) {
    void* pointers[] = {const_cast<void*>(static_cast<const void*>(&argument))..., nullptr};
    const KernelCall call{reinterpret_cast<const void*>(kernel), shape, pointers};
    if (active_recording.list && active_recording.stream == stream) {
      constexpr std::size_t kSizes[] = {sizeof(P)..., 0};
      active_recording.list->add(call, kSizes, sizeof...(P));
      return cudaSuccess;
    }
    return start(call, stream);
  };
  return std::apply(launch_with, values);
}

/// The indices this thread handles when a grid of one-dimensional blocks shares out 0..count-1.
class GridStride {
 public:
  struct End {
    std::int64_t count;
  };

  class Iterator {
   public:
    __device__ Iterator(std::int64_t index, std::int64_t step) : index_(index), step_(step) {}
    __device__ std::int64_t operator*() const { return index_; }
    __device__ Iterator& operator++() {
      index_ += step_;
      return *this;
    }
    __device__ bool operator!=(End end) const { return index_ < end.count; }

   private:
    std::int64_t index_;
    std::int64_t step_;
  };

  __device__ GridStride(std::int64_t first, std::int64_t step, std::int64_t count)
      : first_(first), step_(step), count_(count) {}
  __device__ Iterator begin() const { return {first_, step_}; }
  __device__ End end() const { return {count_}; }

 private:
  std::int64_t first_;
  std::int64_t step_;
  std::int64_t count_;
};

__device__ inline GridStride grid_stride(std::int64_t count) {
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  return {first, static_cast<std::int64_t>(gridDim.x) * blockDim.x, count};
}

/// The same with whole blocks: the rows (or tiles) this block handles, the same for all its
/// threads, so that barriers inside the loop are reached by all of them.
__device__ inline GridStride block_stride(std::int64_t count) {
  return {static_cast<std::int64_t>(blockIdx.x), static_cast<std::int64_t>(gridDim.x), count};
}

/// The elements of one row that this thread of a one-dimensional block handles.
__device__ inline GridStride thread_stride(std::int64_t count) {
  return {static_cast<std::int64_t>(threadIdx.x), static_cast<std::int64_t>(blockDim.x), count};
}

/// The block's dynamic shared memory, LaunchShape::shared_bytes long, aligned to 128 bytes,
/// uninitialised. Every call returns the same memory.
template <class T>
__device__ T* dynamic_shared() {
#if defined(BELFRY_CUDA_EMULATION)
  return static_cast<T*>(emulation::dynamic_shared_memory());
#else
  extern __shared__ __align__(128) unsigned char belfry_dynamic_shared[];
  return reinterpret_cast<T*>(belfry_dynamic_shared);
#endif
}

}  // namespace belfry::cuda
