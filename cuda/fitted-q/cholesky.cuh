// G = L Lᵀ in place and solutions with it, for any size. The factorisation is right-looking by
// blocks of 32 columns, three launches each; the lower half is read and written.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/device/context.cuh"
#include "cuda/device/warp.cuh"
#include "math/fqi.h"

namespace belfry::cuda {

constexpr int kPanel = 32;

// The first pivot that vanished; index −1 when none did.
struct BadPivot {
  int64_t index;
  double pivot;
};

static __global__ void begin_factor(const double* matrix, int64_t size, double* diagonal,
                                    BadPivot* bad) {
#pragma unroll 1
  for (int64_t i : grid_stride(size)) diagonal[i] = matrix[i * size + i];
  if (blockIdx.x == 0 && threadIdx.x == 0) *bad = {-1, 0};
}

// One warp, a row of the block for each lane. A bad pivot is replaced by 1: the result is not used.
static __global__ void factor_block(double* matrix, int64_t size, int64_t begin,
                                    const double* diagonal, BadPivot* bad) {
  __shared__ double block[kPanel][kPanel + 1];
  const int r = static_cast<int>(threadIdx.x);
  const int width = static_cast<int>(size - begin < kPanel ? size - begin : kPanel);
  double* row = matrix + (begin + r) * size + begin;
  for (int c = 0; r < width && c <= r; ++c) block[r][c] = row[c];
  __syncthreads();
  for (int j = 0; j < width; ++j) {
    double pivot = block[j][j];
    if (math::fqi_pivot_vanishes(pivot, diagonal[begin + j], size)) {
      if (r == 0 && bad->index < 0) *bad = {begin + j, pivot};
      pivot = 1;
    }
    const double root = sqrt(pivot);
    __syncthreads();
    if (r == j) block[j][j] = root;
    if (r > j && r < width) block[r][j] /= root;
    __syncthreads();
    if (r < width) {
      for (int c = j + 1; c <= r; ++c) block[r][c] -= block[r][j] * block[c][j];
    }
    __syncthreads();
  }
  for (int c = 0; r < width && c <= r; ++c) row[c] = block[r][c];
}

// The rows below a block, a thread each. Such a block is always kPanel wide.
static __global__ void solve_panel(double* matrix, int64_t size, int64_t begin) {
  __shared__ double block[kPanel][kPanel];
  for (int64_t i : thread_stride(kPanel * kPanel)) {
    block[i / kPanel][i % kPanel] = matrix[(begin + i / kPanel) * size + begin + i % kPanel];
  }
  __syncthreads();
  const int64_t first = begin + kPanel;
#pragma unroll 1
  for (int64_t i : grid_stride(size - first)) {
    double* row = matrix + (first + i) * size + begin;
    double x[kPanel];
#pragma unroll
    for (int j = 0; j < kPanel; ++j) {
      double value = row[j];
#pragma unroll
      for (int c = 0; c < j; ++c) value -= x[c] * block[j][c];
      row[j] = x[j] = value / block[j][j];
    }
  }
}

// Subtracts the panel's products from a tile of what lies to its right.
static __global__ void subtract_panel(double* matrix, int64_t size, int64_t begin) {
  if (blockIdx.y > blockIdx.x) return;
  __shared__ double upper[kPanel][kPanel + 1], left[kPanel][kPanel + 1];
  const int64_t i0 = begin + kPanel * (1 + static_cast<int64_t>(blockIdx.x));
  const int64_t j0 = begin + kPanel * (1 + static_cast<int64_t>(blockIdx.y));
  for (int64_t at : thread_stride(kPanel * kPanel)) {
    const int64_t r = at / kPanel, c = at % kPanel;
    left[r][c] = i0 + r < size ? matrix[(i0 + r) * size + begin + c] : 0;
    upper[r][c] = j0 + r < size ? matrix[(j0 + r) * size + begin + c] : 0;
  }
  __syncthreads();
  for (int64_t at : thread_stride(kPanel * kPanel)) {
    const int64_t i = i0 + at / kPanel, j = j0 + at % kPanel;
    if (i >= size || j > i) continue;
    double sum = 0;
    for (int c = 0; c < kPanel; ++c) sum += left[at / kPanel][c] * upper[at % kPanel][c];
    matrix[i * size + j] -= sum;
  }
}

inline cudaError_t factorise(double* matrix, int64_t size, double* diagonal, BadPivot* bad,
                             cudaStream_t stream) {
  const LaunchShape all{dim3(blocks_for(size > 0 ? size : 1, 256)), dim3(256)};
  cudaError_t error = launch(begin_factor, all, stream, matrix, size, diagonal, bad);
  for (int64_t begin = 0; begin < size && error == cudaSuccess; begin += kPanel) {
    const LaunchShape warp{dim3(1), dim3(kPanel)};
    error = launch(factor_block, warp, stream, matrix, size, begin, diagonal, bad);
    const int64_t below = size - begin - kPanel;
    if (error != cudaSuccess || below <= 0) continue;
    const LaunchShape rows{dim3(blocks_for(below, 64)), dim3(64)};
    error = launch(solve_panel, rows, stream, matrix, size, begin);
    if (error != cudaSuccess) continue;
    const auto tiles = static_cast<unsigned>((below + kPanel - 1) / kPanel);
    error = launch(subtract_panel, LaunchShape{dim3(tiles, tiles), dim3(256)}, stream, matrix, size,
                   begin);
  }
  return error;
}

// L x = b for the 32 unknowns from `begin` on, by the first warp.
__device__ inline void solve_lower_block(const double* factor, int64_t size, int64_t begin,
                                         double* x) {
  const int lane = lane_id();
  const int64_t i = begin + lane;
  double value = i < size ? x[i] : 0;
  for (int c = 0; c < kPanel && begin + c < size; ++c) {
    if (lane == c) value /= factor[i * size + i];
    const double known = shuffle(value, c);
    if (lane > c && i < size) value -= factor[i * size + begin + c] * known;
  }
  if (i < size) x[i] = value;
}

// Lᵀ x = b in the same way, from the last unknown to the first.
__device__ inline void solve_upper_block(const double* factor, int64_t size, int64_t begin,
                                         double* x) {
  const int lane = lane_id();
  const int64_t i = begin + lane;
  double value = i < size ? x[i] : 0;
  for (int c = kPanel - 1; c >= 0; --c) {
    if (begin + c >= size) continue;
    if (lane == c) value /= factor[i * size + i];
    const double known = shuffle(value, c);
    if (lane < c) value -= factor[(begin + c) * size + i] * known;
  }
  if (i < size) x[i] = value;
}

// x becomes G⁻¹ x, by one block of whole warps. x is complete for every thread before and after.
__device__ inline void solve_with_factor(const double* factor, int64_t size, double* x) {
  const int64_t threads = blockDim.x;
  for (int64_t begin = 0; begin < size; begin += kPanel) {
    if (warp_id() == 0) solve_lower_block(factor, size, begin, x);
    __syncthreads();
    for (int64_t i = begin + kPanel + threadIdx.x; i < size; i += threads) {
      double sum = 0;
      for (int c = 0; c < kPanel; ++c) sum += factor[i * size + begin + c] * x[begin + c];
      x[i] -= sum;
    }
    __syncthreads();
  }
  for (int64_t begin = (size - 1) / kPanel * kPanel; size > 0 && begin >= 0; begin -= kPanel) {
    if (warp_id() == 0) solve_upper_block(factor, size, begin, x);
    __syncthreads();
    const int64_t end = begin + kPanel < size ? begin + kPanel : size;
    for (int64_t i = threadIdx.x; i < begin; i += threads) {
      double sum = 0;
      for (int64_t c = begin; c < end; ++c) sum += factor[c * size + i] * x[c];
      x[i] -= sum;
    }
    __syncthreads();
  }
}

}  // namespace belfry::cuda
