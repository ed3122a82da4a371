// One step of an optimiser on arrays of parameters, a thread for each; the factor of a clipped norm
// stays on the device.
#pragma once

#include <algorithm>
#include <vector>

#include "cuda/flow/work.cuh"
#include "math/optimizer.h"
#include "math/parameter_array.h"

namespace belfry::cuda {

using math::ParameterArray;

template <class T>
struct StepScales {
  const double* squares = nullptr;  // Σ g² over all arrays, where their norm is limited
  double max_norm = 0;
  T tau = 0;  // share of the new parameters in their averages
};

inline constexpr int kArraysOfLaunch = 16;

template <class T>
struct ArrayBatch {
  ParameterArray<T> items[kArraysOfLaunch];
};

// blockIdx.y is the array.
template <class T, class Rule>
__global__ void step_parameters(ArrayBatch<T> arrays, Rule rule, StepScales<T> scales) {
  const ParameterArray<T>& array = arrays.items[blockIdx.y];
  const T scale =
      scales.max_norm == 0
          ? T(1)
          : static_cast<T>(math::clip_norm_scale(sqrt(*scales.squares), scales.max_norm));
#pragma unroll 1
  for (int64_t i : grid_stride(array.size)) {
    T w = array.w[i], first = array.first[i], second = array.second ? array.second[i] : T(0);
    rule(w, first, second, scale * array.grad[i]);
    if (array.new_w) array.new_w[i] = w;
    if (array.new_first) array.new_first[i] = first;
    if (array.new_second) array.new_second[i] = second;
    if (array.new_average) {
      array.new_average[i] = scales.tau * w + (1 - scales.tau) * array.average[i];
    }
  }
}

template <class T, class Rule>
void step_arrays(const std::vector<ParameterArray<T>>& arrays, const Rule& rule,
                 const StepScales<T>& scales, Work& work) {
  constexpr int kThreads = 256;
  for (size_t begin = 0; begin < arrays.size(); begin += kArraysOfLaunch) {
    ArrayBatch<T> batch{};
    int64_t longest = 0;
    unsigned count = 0;
    for (size_t i = begin; i < arrays.size() && count < kArraysOfLaunch; ++i) {
      batch.items[count++] = arrays[i];
      longest = std::max(longest, arrays[i].size);
    }
    const dim3 grid(blocks_for(longest, kThreads), count);
    work.launch(step_parameters<T, Rule>, {grid, dim3(kThreads)}, batch, rule, scales);
  }
}

}  // namespace belfry::cuda
