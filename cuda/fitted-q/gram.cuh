// ΦᵀΦ + ridge·I in float64: tiles of 64 by 64 on and above the diagonal, each over pieces of rows.
// A block keeps 16 rows of two column strips in shared memory, a thread 4 by 4 sums in registers:
// 8 shared loads feed 16 fma. The pieces' partial matrices are added in order by a second kernel.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cuda/device/context.cuh"

namespace belfry::cuda {

constexpr int kGramTile = 64;
constexpr int kGramDepth = 16;
constexpr int kGramSide = 16;  // threads along a side of a tile
constexpr int kGramEach = kGramTile / kGramSide;

// By sizes only: at most 128 MiB of partial matrices.
struct GramPieces {
  int64_t rows, count;

  GramPieces(int64_t num_rows, int64_t size) {
    const int64_t memory = (int64_t{1} << 24) / std::max<int64_t>(1, size * size);
    const int64_t most = std::clamp<int64_t>(memory, 1, 512);
    rows = std::max<int64_t>(256, (num_rows + most - 1) / most);
    count = (num_rows + rows - 1) / rows;
  }
};

// Rows [first, first + kGramDepth) of one column strip; zeros beyond the end of either.
template <class T>
__device__ void load_strip(const T* phi, int64_t size, int64_t first, int64_t end, int64_t column,
                           double* strip) {
  for (int64_t i : thread_stride(kGramDepth * kGramTile)) {
    const int64_t row = first + i / kGramTile, j = column + i % kGramTile;
    strip[i] = row < end && j < size ? static_cast<double>(phi[row * size + j]) : 0;
  }
}

template <class T>
__global__ void gram_tiles(const T* phi, int64_t num_rows, int64_t size, int64_t piece_rows,
                           double* partials) {
  using std::fma;
  __shared__ double left[kGramDepth * kGramTile];
  __shared__ double right[kGramDepth * kGramTile];
  const int64_t tiles = (size + kGramTile - 1) / kGramTile;
  const int64_t i0 = blockIdx.x / tiles * kGramTile, j0 = blockIdx.x % tiles * kGramTile;
  if (j0 < i0) return;
  const int tx = static_cast<int>(threadIdx.x) % kGramSide;
  const int ty = static_cast<int>(threadIdx.x) / kGramSide;
  const int64_t begin = blockIdx.y * piece_rows;
  const int64_t end = begin + piece_rows < num_rows ? begin + piece_rows : num_rows;
  double sums[kGramEach][kGramEach] = {};
  for (int64_t first = begin; first < end; first += kGramDepth) {
    load_strip(phi, size, first, end, i0, left);
    load_strip(phi, size, first, end, j0, right);
    __syncthreads();
    for (int n = 0; n < kGramDepth; ++n) {
      double a[kGramEach], b[kGramEach];
#pragma unroll
      for (int v = 0; v < kGramEach; ++v) {
        a[v] = left[n * kGramTile + ty + v * kGramSide];
        b[v] = right[n * kGramTile + tx + v * kGramSide];
      }
#pragma unroll
      for (int u = 0; u < kGramEach; ++u) {
#pragma unroll
        for (int v = 0; v < kGramEach; ++v) sums[u][v] = fma(a[u], b[v], sums[u][v]);
      }
    }
    __syncthreads();
  }
  double* out = partials + static_cast<int64_t>(blockIdx.y) * size * size;
#pragma unroll
  for (int u = 0; u < kGramEach; ++u) {
#pragma unroll
    for (int v = 0; v < kGramEach; ++v) {
      const int64_t i = i0 + ty + u * kGramSide, j = j0 + tx + v * kGramSide;
      if (i < size && j < size) out[i * size + j] = sums[u][v];
    }
  }
}

// Both halves of the matrix from the upper half of the partials. `out` may be null.
template <class T>
__global__ void combine_gram(const double* partials, int64_t num_pieces, int64_t size, double ridge,
                             double* gram, T* out) {
#pragma unroll 1
  for (int64_t at : grid_stride(size * size)) {
    const int64_t i = at / size, j = at % size;
    if (j < i) continue;
    double sum = 0;
    for (int64_t p = 0; p < num_pieces; ++p) sum += partials[p * size * size + at];
    if (i == j) sum += ridge;
    gram[at] = gram[j * size + i] = sum;
    if (out) out[at] = out[j * size + i] = static_cast<T>(sum);
  }
}

template <class T>
Status make_gram(const T* phi, int64_t num_rows, int64_t size, double ridge, CudaContext& context,
                 double* gram, T* out) {
  const GramPieces pieces(num_rows, size);
  double* partials = context.scratch<double>(pieces.count * size * size);
  if (!partials) return context.failure();
  const auto tiles = static_cast<unsigned>((size + kGramTile - 1) / kGramTile);
  const LaunchShape shape{dim3(tiles * tiles, static_cast<unsigned>(pieces.count)),
                          dim3(kGramSide * kGramSide)};
  cudaError_t error =
      launch(gram_tiles<T>, shape, context.stream(), phi, num_rows, size, pieces.rows, partials);
  if (error == cudaSuccess) {
    const LaunchShape elements{dim3(blocks_for(size * size, 256)), dim3(256)};
    error = launch(combine_gram<T>, elements, context.stream(), partials, pieces.count, size, ridge,
                   gram, out);
  }
  return device_status(error, "linear_fqi");
}

}  // namespace belfry::cuda
