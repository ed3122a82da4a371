// Column sums: a block takes 32 columns of a chunk of rows, each row of threads every eighth row.
#include "cuda/flow/columns.cuh"

#include "math/activations.h"

namespace belfry::cuda {

namespace {

constexpr int kSumColumns = 32, kSumChains = 8;

template <class T>
__device__ double value_of(const ColumnTerm<T>& term, int64_t row, int64_t at) {
  if (term.factors && term.factors[row] == 0) return 0;
  const double g = static_cast<double>(term.g[at]) * (term.factors ? term.factors[row] : 1);
  if (!term.stats) return g;
  const T value = math::activation_jet(term.before, term.x[at]).value;
  return g * term.stats[row].normalised(static_cast<double>(value));
}

template <class T>
__global__ void column_sums_of_chunk(ColumnTerm<T> term, int64_t rows, int64_t width, int64_t chunk,
                                     double* partials, T* out) {
  __shared__ double chains[kSumChains][kSumColumns];
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kSumColumns + threadIdx.x;
  const int64_t begin = blockIdx.y * chunk;
  const int64_t end = rows < begin + chunk ? rows : begin + chunk;
  double sum = 0;
  for (int64_t row = begin + threadIdx.y; column < width && row < end; row += kSumChains) {
    sum += value_of(term, row, row * width + column);
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
#pragma unroll 1
  for (int64_t column : grid_stride(width)) {
    double sum = 0;
    for (int64_t i = 0; i < chunks; ++i) sum += partials[i * width + column];
    out[column] = static_cast<T>(sum);
  }
}

}  // namespace

template <class T>
void column_sums(const ColumnTerm<T>& term, int64_t rows, int64_t width, T* out, Work& work) {
  constexpr int64_t kShortest = 256, kMostChunks = 128;
  int64_t chunk = (rows + kMostChunks - 1) / kMostChunks;
  chunk = chunk < kShortest ? kShortest : chunk;
  const int64_t chunks = rows == 0 ? 1 : (rows + chunk - 1) / chunk;
  double* partials = chunks > 1 ? work.scratch<double>(chunks * width) : nullptr;
  const dim3 grid(static_cast<unsigned>((width + kSumColumns - 1) / kSumColumns),
                  static_cast<unsigned>(chunks));
  work.launch(column_sums_of_chunk<T>, {grid, dim3(kSumColumns, kSumChains)}, term, rows, width,
              chunk, partials, chunks > 1 ? nullptr : out);
  if (chunks > 1) work.for_each(width, sum_chunks<T>, partials, chunks, width, out);
}

template void column_sums(const ColumnTerm<float>&, int64_t, int64_t, float*, Work&);
template void column_sums(const ColumnTerm<double>&, int64_t, int64_t, double*, Work&);

}  // namespace belfry::cuda
