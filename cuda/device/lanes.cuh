// The lanes of a warp that share a row (see math/lanes.h).
#pragma once

#include "cuda/device/reduce.cuh"
#include "math/lanes.h"

namespace belfry::cuda {

struct WarpLanes {
  BELFRY_HD int64_t step() const { return kWarpSize; }
  __device__ int64_t first() const { return lane_id(); }
  template <class V, class Combine>
  __device__ V combine(V value, Combine combination) const {
    return warp_reduce(value, combination);
  }
};

}  // namespace belfry::cuda
