// Inclusive scans over a warp or a block, for any monoid, in a fixed order (see reduce.cuh).
// Forward:  y_i = combine(v_0, ..., v_i).  Reverse:  y_i = combine(v_i, ..., v_last).
// `combine(a, b)` need only be associative: a is always the part with the lower indices.
//
// A backward recurrence x_t = a_t x_{t+1} + b_t is the reverse scan of the maps x -> a_t x + b_t
// with combine(f, g) = f after g: the result maps what follows the block to x_t.
#pragma once

#include "warp.cuh"

namespace belfry::cuda {

template <class T>
struct Scan {
  T inclusive;
  T total;  // of all threads, the same in each
};

template <class T, class Combine>
__device__ T warp_scan_forward(T value, Combine combine) {
  const int lane = lane_id();
#pragma unroll
  for (int step = 1; step < kWarpSize; step *= 2) {
    const T before = shuffle_up(value, step);
    if (lane >= step) value = combine(before, value);
  }
  return value;
}

template <class T, class Combine>
__device__ T warp_scan_reverse(T value, Combine combine) {
  const int lane = lane_id();
#pragma unroll
  for (int step = 1; step < kWarpSize; step *= 2) {
    const T after = shuffle_down(value, step);
    if (lane + step < kWarpSize) value = combine(value, after);
  }
  return value;
}

/// Scans a block of whole warps. All threads must call. `shared` holds at least one T per warp, and
/// is free again when this returns.
template <class T, class Combine>
__device__ Scan<T> block_scan_forward(T value, Combine combine, T identity, T* shared) {
  const int lane = lane_id();
  const int warp = warp_id();
  const int num_warps = warps_in_block();
  value = warp_scan_forward(value, combine);
  if (lane == kWarpSize - 1) shared[warp] = value;
  __syncthreads();
  // Every warp scans the totals of all warps for itself, which spares a barrier.
  const T totals = warp_scan_forward(lane < num_warps ? shared[lane] : identity, combine);
  const T before = shuffle(totals, warp == 0 ? 0 : warp - 1);
  const T total = shuffle(totals, num_warps - 1);
  __syncthreads();
  return {warp == 0 ? value : combine(before, value), total};
}

template <class T, class Combine>
__device__ Scan<T> block_scan_reverse(T value, Combine combine, T identity, T* shared) {
  const int lane = lane_id();
  const int warp = warp_id();
  const int num_warps = warps_in_block();
  value = warp_scan_reverse(value, combine);
  if (lane == 0) shared[warp] = value;
  __syncthreads();
  const T totals = warp_scan_reverse(lane < num_warps ? shared[lane] : identity, combine);
  const bool is_last = warp == num_warps - 1;
  const T after = shuffle(totals, is_last ? warp : warp + 1);
  const T total = shuffle(totals, 0);
  __syncthreads();
  return {is_last ? value : combine(value, after), total};
}

}  // namespace belfry::cuda
