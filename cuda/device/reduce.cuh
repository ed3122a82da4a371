// Reductions over a warp or a block, for any monoid. The order of the combinations depends on the
// number of threads only, so a result has the same bits every time. `combine(a, b)` need only be
// associative: it is always called with the value of the lower threads first.
#pragma once

#include "warp.cuh"

namespace belfry::cuda {

struct Add {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};

/// A NaN wins.
struct Max {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a > b || a != a ? a : b;
  }
};

struct Min {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a < b || a != a ? a : b;
  }
};

/// Combines each group of `lanes` neighbouring lanes (a power of two, the same in the whole warp);
/// every lane gets the result of its group. All 32 lanes of the warp must call.
template <class T, class Combine>
__device__ T lanes_reduce(T value, Combine combine, int lanes) {
  const int lane = lane_id();
#pragma unroll 1
  for (int step = 1; step < lanes; step *= 2) {
    const T other = shuffle_xor(value, step);
    value = (lane & step) == 0 ? combine(value, other) : combine(other, value);
  }
  return value;
}

/// The same, with the same bits, for a number known to the compiler. The steps of a large monoid
/// stay a loop: it is reduced once in a row or a block, and its code would be most of a kernel's.
template <int kLanes, class T, class Combine>
__device__ T lanes_reduce(T value, Combine combine) {
  static_assert(kLanes > 0 && kLanes <= kWarpSize && (kLanes & (kLanes - 1)) == 0);
  if constexpr (sizeof(T) > 8) {
    return lanes_reduce(value, combine, kLanes);
  } else {
    const int lane = lane_id();
#pragma unroll
    for (int step = 1; step < kLanes; step *= 2) {
      const T other = shuffle_xor(value, step);
      value = (lane & step) == 0 ? combine(value, other) : combine(other, value);
    }
    return value;
  }
}

/// Combines the values of a full warp; every lane gets the result.
template <class T, class Combine>
__device__ T warp_reduce(T value, Combine combine) {
  return lanes_reduce<kWarpSize>(value, combine);
}

/// Combines the values of a block of whole warps; every thread gets the result. All threads must
/// call. `shared` holds at least one T per warp, and is free again when this returns. What threads
/// read before the call they have read when any thread returns.
template <class T, class Combine>
__device__ T block_reduce(T value, Combine combine, T identity, T* shared) {
  const int lane = lane_id();
  const int num_warps = warps_in_block();
  value = warp_reduce(value, combine);
  if (num_warps == 1) {
    __syncwarp();  // shuffles alone order no memory accesses
    return value;
  }
  if (lane == 0) shared[warp_id()] = value;
  __syncthreads();
  // Every warp does the last step for itself: cheaper than a barrier more for the broadcast.
  value = warp_reduce(lane < num_warps ? shared[lane] : identity, combine);
  __syncthreads();
  return value;
}

}  // namespace belfry::cuda
