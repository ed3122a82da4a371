// Sums over the rows of a batch, one for each column, in float64 and in an order that depends on
// the number of rows only: chunks of rows, eight interleaved chains in each, then the chunks in
// order.
#pragma once

#include "cuda/flow/work.cuh"
#include "math/activations.h"
#include "math/layer_norm.h"

namespace belfry::cuda {

// g
template <class T>
struct PlainTerm {
  const T* g;

  __device__ double operator()(int64_t, int64_t at) const { return static_cast<double>(g[at]); }
};

// g h, with h the normalised f(x): the gradient of a norm's scale.
template <class T>
struct ScaleTerm {
  const T* g;
  const T* x;
  const math::RowStats* stats;
  Activation before;

  __device__ double operator()(int64_t row, int64_t at) const {
    const T value = math::activation_jet(before, x[at]).value;
    return static_cast<double>(g[at]) * stats[row].normalised(static_cast<double>(value));
  }
};

namespace detail {

inline constexpr int kSumColumns = 32, kSumChains = 8;

template <class T, class Term>
__global__ void column_sums_of_chunk(Term term, int64_t rows, int64_t width, int64_t chunk,
                                     double* partials, T* out) {
  __shared__ double chains[kSumChains][kSumColumns];
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kSumColumns + threadIdx.x;
  const int64_t begin = blockIdx.y * chunk;
  const int64_t end = rows < begin + chunk ? rows : begin + chunk;
  double sum = 0;
  for (int64_t row = begin + threadIdx.y; column < width && row < end; row += kSumChains) {
    sum += term(row, row * width + column);
  }
  chains[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || column >= width) return;
  for (int i = 1; i < kSumChains; ++i) sum += chains[i][threadIdx.x];
  if (out) {
    out[column] = static_cast<T>(sum);
  } else {
    partials[blockIdx.y * width + column] = sum;
  }
}

template <class T>
__global__ void sum_chunks(const double* partials, int64_t chunks, int64_t width, T* out) {
  for (int64_t column : grid_stride(width)) {
    double sum = 0;
    for (int64_t i = 0; i < chunks; ++i) sum += partials[i * width + column];
    out[column] = static_cast<T>(sum);
  }
}

}  // namespace detail

// out[j] = Σ_i term(i, i · width + j); 0 where there are no rows.
template <class T, class Term>
void column_sums(const Term& term, int64_t rows, int64_t width, T* out, Work& work) {
  using namespace detail;
  constexpr int64_t kShortest = 256, kMostChunks = 128;
  int64_t chunk = (rows + kMostChunks - 1) / kMostChunks;
  chunk = chunk < kShortest ? kShortest : chunk;
  const int64_t chunks = rows == 0 ? 1 : (rows + chunk - 1) / chunk;
  double* partials = chunks > 1 ? work.scratch<double>(chunks * width) : nullptr;
  const dim3 grid(static_cast<unsigned>((width + kSumColumns - 1) / kSumColumns),
                  static_cast<unsigned>(chunks));
  work.launch(column_sums_of_chunk<T, Term>, {grid, dim3(kSumColumns, kSumChains)}, term, rows,
              width, chunk, partials, chunks > 1 ? nullptr : out);
  if (chunks > 1) work.for_each(width, sum_chunks<T>, partials, chunks, width, out);
}

}  // namespace belfry::cuda
