// Rows of features against a weight vector. A group of neighbouring lanes reads one row, so that
// its features come in whole sectors; sums are float64.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "math/fqi.h"

namespace belfry::cuda {

constexpr int kFeatureThreads = 256;

// The row of this lane's group in each round. Every lane of a warp makes the same rounds; `own` of
// a group without a row is false.
struct FeatureRounds {
  int64_t first, step, offset;

  __device__ explicit FeatureRounds(int lanes) {
    const int64_t thread = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    first = thread / kWarpSize * (kWarpSize / lanes);
    step = static_cast<int64_t>(gridDim.x) * blockDim.x / lanes;
    offset = lane_id() / lanes;
  }
};

// row·w for every lane of the group; null: 0. All lanes of the warp must call.
template <class T, class W>
__device__ double feature_dot(int lanes, const T* row, const W* w, int64_t size) {
  using std::fma;
  double sum = 0;
  if (row) {
    for (int64_t j = lane_id() % lanes; j < size; j += lanes) {
      sum = fma(static_cast<double>(row[j]), static_cast<double>(w[j]), sum);
    }
  }
  return lanes_reduce(sum, Add{}, lanes);
}

// Lanes for a row of `size` features.
inline int feature_lanes(int64_t size) { return size <= 4 ? 2 : size <= 16 ? 8 : kWarpSize; }

inline LaunchShape feature_shape(int lanes, int64_t num_rows) {
  return {dim3(blocks_for(num_rows * lanes, kFeatureThreads)), dim3(kFeatureThreads)};
}

}  // namespace belfry::cuda
