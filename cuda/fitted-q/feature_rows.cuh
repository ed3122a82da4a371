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
template <int kLanes>
struct FeatureRounds {
  int64_t first, step, offset;

  __device__ FeatureRounds() {
    const int64_t thread = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    first = thread / kWarpSize * (kWarpSize / kLanes);
    step = static_cast<int64_t>(gridDim.x) * blockDim.x / kLanes;
    offset = lane_id() / kLanes;
  }
};

// row·w for every lane of the group; null: 0. All lanes of the warp must call.
template <int kLanes, class T, class W>
__device__ double feature_dot(const T* row, const W* w, int64_t size) {
  using std::fma;
  double sum = 0;
  if (row) {
    for (int64_t j = lane_id() % kLanes; j < size; j += kLanes) {
      sum = fma(static_cast<double>(row[j]), static_cast<double>(w[j]), sum);
    }
  }
  return lanes_reduce<kLanes>(sum, Add{});
}

// Calls start.template operator()<kLanes>() for rows of `size` features.
template <class Start>
cudaError_t with_feature_lanes(int64_t size, const Start& start) {
  if (size <= 4) return start.template operator()<2>();
  if (size <= 16) return start.template operator()<8>();
  return start.template operator()<32>();
}

template <int kLanes>
LaunchShape feature_shape(int64_t num_rows) {
  return {dim3(blocks_for(num_rows * kLanes, kFeatureThreads)), dim3(kFeatureThreads)};
}

}  // namespace belfry::cuda
