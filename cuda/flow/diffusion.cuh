// Kernels that the samplers of diffusion policies share.
#pragma once

#include "cuda/flow/timed_pass.cuh"
#include "math/diffusion.h"
#include "ops/flow/sampling.h"

namespace belfry::cuda {

// ᾱ of all steps; one thread, since each follows from the one before.
template <int = 0>
__global__ void fill_alpha_bars(NoiseSchedule schedule, int64_t steps, double* out) {
  if (blockIdx.x == 0 && threadIdx.x == 0) math::alpha_bars(schedule, steps, out);
}

inline double* alpha_bar_table(NoiseSchedule schedule, int64_t steps, Work& work) {
  double* const table = work.scratch<double>(steps);
  work.launch(fill_alpha_bars<>, {dim3(1), dim3(32)}, schedule, steps, table);
  return table;
}

// out[i] = the step that row i is at, as a time.
template <class T>
__global__ void index_times(const int32_t* steps, int64_t count, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) out[i] = static_cast<T>(steps[i]);
}

template <class T>
__global__ void fill(T value, int64_t count, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) out[i] = value;
}

}  // namespace belfry::cuda
