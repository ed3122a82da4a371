// Where a thread stands in its block, and shuffles of whole structs.
#pragma once

#include <cuda_runtime.h>

#include <cstring>
#include <type_traits>

namespace belfry::cuda {

inline constexpr int kWarpSize = 32;
inline constexpr unsigned kFullWarp = 0xffffffffu;

__device__ inline int thread_in_block() {
  return static_cast<int>(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z));
}

__device__ inline int threads_in_block() {
  return static_cast<int>(blockDim.x * blockDim.y * blockDim.z);
}

__device__ inline int lane_id() { return thread_in_block() % kWarpSize; }
__device__ inline int warp_id() { return thread_in_block() / kWarpSize; }
__device__ inline int warps_in_block() { return threads_in_block() / kWarpSize; }

namespace detail {

// The hardware moves 4 bytes at a time, whatever they are a part of.
template <class T, class Shuffle>
__device__ T shuffle_words(T value, Shuffle shuffle) {
  static_assert(std::is_trivially_copyable_v<T>, "a shuffle copies bytes");
  unsigned words[(sizeof(T) + 3) / 4] = {};
  memcpy(words, &value, sizeof(T));
  for (unsigned& word : words) word = shuffle(word);
  memcpy(static_cast<void*>(&value), words, sizeof(T));
  return value;
}

}  // namespace detail

/// The value of another lane. All lanes of `mask` must call with the same mask; a lane outside it,
/// or one that has exited, yields an undefined value.
template <class T>
__device__ T shuffle(T value, int lane, unsigned mask = kFullWarp) {
  return detail::shuffle_words(value, [=](unsigned word) { return __shfl_sync(mask, word, lane); });
}

/// The value of lane - delta; below the first lane the own value.
template <class T>
__device__ T shuffle_up(T value, int delta, unsigned mask = kFullWarp) {
  return detail::shuffle_words(value, [=](unsigned word) {
    return __shfl_up_sync(mask, word, static_cast<unsigned>(delta));
  });
}

/// The value of lane + delta; beyond the last lane the own value.
template <class T>
__device__ T shuffle_down(T value, int delta, unsigned mask = kFullWarp) {
  return detail::shuffle_words(value, [=](unsigned word) {
    return __shfl_down_sync(mask, word, static_cast<unsigned>(delta));
  });
}

/// The value of lane ^ lane_mask.
template <class T>
__device__ T shuffle_xor(T value, int lane_mask, unsigned mask = kFullWarp) {
  return detail::shuffle_words(
      value, [=](unsigned word) { return __shfl_xor_sync(mask, word, lane_mask); });
}

}  // namespace belfry::cuda
