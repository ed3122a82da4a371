// Matrix products in three forms, with what follows a product in a network done on the way out.
//
// A block computes one tile of C; operands pass through shared memory in steps of kDepth, the next
// step being read while this one is multiplied. Every element is one chain of fused
// multiply-additions in ascending k (float32 in float32), whatever the tile: sizes and neighbours
// do not change its bits. 2 m n k flops; each operand is read (other dimension)/tile times, from
// L2.
#pragma once

#include <limits>

#include "cuda/flow/work.cuh"
#include "math/activations.h"

namespace belfry::cuda {

enum class ProductForm {
  nt,  // A[m, k] B[n, k]ᵀ
  nn,  // A[m, k] B[k, n]
  tn,  // A[k, m]ᵀ B[k, n]
};

// All rows get the same addend.
inline constexpr int64_t kOneGroup = std::numeric_limits<int64_t>::max();

// out = f(sum + add), or sum · f'(slope_at).
template <class T>
struct Epilogue {
  const T* add = nullptr;  // [groups, n], row i takes row i / add_group; null: 0
  int64_t add_group = kOneGroup;
  const T* slope_at = nullptr;  // [m, n]
  Activation activation = Activation::identity;
  T* before = nullptr;  // [m, n], sum + add; null: not wanted
  T* out = nullptr;     // null: not wanted
  int64_t out_stride = 0;
};

template <class T>
struct Product {
  const T* a = nullptr;
  const T* b = nullptr;
  int64_t a_stride = 0, b_stride = 0;  // from one stored row to the next
  int64_t m = 0, n = 0, k = 0;
  Epilogue<T> end;
  int64_t piece = 0;      // of k for one block; 0: all
  T* partials = nullptr;  // [pieces, m, n] where there are several
};

template <class T>
Product<T> make_product(const T* a, int64_t a_stride, const T* b, int64_t b_stride, int64_t m,
                        int64_t n, int64_t k) {
  Product<T> product;
  product.a = a;
  product.a_stride = a_stride;
  product.b = b;
  product.b_stride = b_stride;
  product.m = m;
  product.n = n;
  product.k = k;
  return product;
}

namespace detail {

inline constexpr int kDepth = 16;

template <class T>
struct alignas(16) Quad {
  T v[4];
};

// A tile of `kLines` rows or columns by kDepth: global memory to registers to shared memory.
template <class T, int kLines, int kThreads, bool kDepthIsContiguous>
struct TileLoader {
  static constexpr int kEach = kLines * kDepth / kThreads;
  using Shared = Quad<T>[kDepth][kLines / 4 + 1];

  T held[kEach];

  __device__ static int line(int e) { return kDepthIsContiguous ? e / kDepth : e % kLines; }
  __device__ static int depth(int e) { return kDepthIsContiguous ? e % kDepth : e / kLines; }

  __device__ void load(const T* data, int64_t stride, int64_t first_line, int64_t num_lines,
                       int64_t first_k, int64_t end_k) {
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      const int e = static_cast<int>(threadIdx.x) + i * kThreads;
      const int64_t l = first_line + line(e), k = first_k + depth(e);
      const bool inside = l < num_lines && k < end_k;
      held[i] = inside ? data[kDepthIsContiguous ? l * stride + k : k * stride + l] : T(0);
    }
  }
  __device__ void store(Shared& tile) const {
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      const int e = static_cast<int>(threadIdx.x) + i * kThreads;
      tile[depth(e)][line(e) / 4].v[line(e) % 4] = held[i];
    }
  }
};

// One step: outer products of kDepth columns of A and rows of B.
template <class T, int kSide, int kQuads, class Shared>
__device__ void multiply_step(const Shared& a_tile, const Shared& b_tile,
                              T (&sums)[kQuads * 4][kQuads * 4]) {
  const int x = static_cast<int>(threadIdx.x) % kSide, y = static_cast<int>(threadIdx.x) / kSide;
#pragma unroll
  for (int k = 0; k < kDepth; ++k) {
    Quad<T> a[kQuads], b[kQuads];
#pragma unroll
    for (int q = 0; q < kQuads; ++q) {
      a[q] = a_tile[k][y + q * kSide];
      b[q] = b_tile[k][x + q * kSide];
    }
#pragma unroll
    for (int i = 0; i < kQuads * 4; ++i) {
#pragma unroll
      for (int j = 0; j < kQuads * 4; ++j) {
        sums[i][j] = fma(a[i / 4].v[i % 4], b[j / 4].v[j % 4], sums[i][j]);
      }
    }
  }
}

template <class T>
__device__ void finish_element(const Product<T>& p, const T* add_row, int64_t row, int64_t column,
                               T sum) {
  const Epilogue<T>& end = p.end;
  const int64_t at = row * p.n + column;
  if (end.slope_at) {
    sum *= math::activation_jet(end.activation, end.slope_at[at]).slope;
  } else {
    if (add_row) sum += add_row[column];
    if (end.before) end.before[at] = sum;
    sum = math::activation_jet(end.activation, sum).value;
  }
  if (end.out) end.out[row * end.out_stride + column] = sum;
}

template <class T, int kSide, int kQuads>
__device__ void write_tile(const Product<T>& p, int64_t first_row, int64_t first_column,
                           const T (&sums)[kQuads * 4][kQuads * 4]) {
  const int x = static_cast<int>(threadIdx.x) % kSide, y = static_cast<int>(threadIdx.x) / kSide;
  T* partial = p.partials ? p.partials + blockIdx.z * p.m * p.n : nullptr;
#pragma unroll
  for (int i = 0; i < kQuads * 4; ++i) {
    const int64_t row = first_row + (y + i / 4 * kSide) * 4 + i % 4;
    if (row >= p.m) continue;
    const T* add_row = p.end.add ? p.end.add + row / p.end.add_group * p.n : nullptr;
#pragma unroll
    for (int j = 0; j < kQuads * 4; ++j) {
      const int64_t column = first_column + (x + j / 4 * kSide) * 4 + j % 4;
      if (column >= p.n) continue;
      if (partial) {
        partial[row * p.n + column] = sums[i][j];
      } else {
        finish_element(p, add_row, row, column, sums[i][j]);
      }
    }
  }
}

// kSide² threads, each kQuads² times 4 × 4 elements.
template <class T, ProductForm kForm, int kSide, int kQuads>
__global__ void __launch_bounds__(kSide* kSide) product_tiles(Product<T> p) {
  constexpr int kTile = kSide * 4 * kQuads, kThreads = kSide * kSide;
  using ALoader = TileLoader<T, kTile, kThreads, kForm != ProductForm::tn>;
  using BLoader = TileLoader<T, kTile, kThreads, kForm == ProductForm::nt>;
  __shared__ typename ALoader::Shared a_tiles[2];
  __shared__ typename BLoader::Shared b_tiles[2];
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kTile;
  const int64_t column = static_cast<int64_t>(blockIdx.y) * kTile;
  const int64_t begin = blockIdx.z * p.piece;
  const int64_t end = p.k < begin + p.piece ? p.k : begin + p.piece;
  ALoader a;
  BLoader b;
  T sums[kQuads * 4][kQuads * 4] = {};
  a.load(p.a, p.a_stride, row, p.m, begin, end);
  b.load(p.b, p.b_stride, column, p.n, begin, end);
  for (int64_t k = begin, stage = 0; k < end; k += kDepth, stage ^= 1) {
    // The other stage was last read before the barrier of the step before.
    a.store(a_tiles[stage]);
    b.store(b_tiles[stage]);
    __syncthreads();
    if (k + kDepth < end) {
      a.load(p.a, p.a_stride, row, p.m, k + kDepth, end);
      b.load(p.b, p.b_stride, column, p.n, k + kDepth, end);
    }
    multiply_step<T, kSide, kQuads>(a_tiles[stage], b_tiles[stage], sums);
  }
  write_tile<T, kSide, kQuads>(p, row, column, sums);
}

template <class T>
__global__ void sum_partials(const T* partials, int64_t pieces, int64_t m, int64_t n, T* out,
                             int64_t out_stride) {
  for (int64_t i : grid_stride(m * n)) {
    double sum = 0;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      sum += static_cast<double>(partials[piece * m * n + i]);
    }
    out[i / n * out_stride + i % n] = static_cast<T>(sum);
  }
}

constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

template <ProductForm kForm, int kSide, int kQuads, class T>
void launch_tiles(const Product<T>& p, int64_t pieces, Work& work) {
  constexpr int kTile = kSide * 4 * kQuads;
  const dim3 grid(static_cast<unsigned>(divide_up(p.m, kTile)),
                  static_cast<unsigned>(divide_up(p.n, kTile)), static_cast<unsigned>(pieces));
  work.launch(product_tiles<T, kForm, kSide, kQuads>, {grid, dim3(kSide * kSide)}, p);
}

// The largest tile that still gives a large GPU's multiprocessors a block each.
template <ProductForm kForm, class T>
void launch_product(const Product<T>& p, int64_t pieces, Work& work) {
  constexpr int64_t kEnoughBlocks = 128;
  const auto blocks = [&](int64_t tile) {
    return divide_up(p.m, tile) * divide_up(p.n, tile) * pieces;
  };
  if constexpr (sizeof(T) == 4) {
    if (blocks(128) >= kEnoughBlocks) return launch_tiles<kForm, 16, 2>(p, pieces, work);
  }
  if (blocks(64) >= kEnoughBlocks) return launch_tiles<kForm, 16, 1>(p, pieces, work);
  launch_tiles<kForm, 8, 1>(p, pieces, work);
}

}  // namespace detail

template <ProductForm kForm, class T>
void multiply(Product<T> p, Work& work) {
  if (p.end.out_stride == 0) p.end.out_stride = p.n;
  p.piece = p.k;
  detail::launch_product<kForm>(p, 1, work);
}

// out = Aᵀ B, summed over many rows: in pieces of a length that depends on their number only, the
// pieces' sums being added in float64 and in order.
template <class T>
void multiply_over_rows(Product<T> p, Work& work) {
  constexpr int64_t kShortest = 256, kMostPieces = 32;
  if (p.end.out_stride == 0) p.end.out_stride = p.n;
  p.piece = detail::divide_up(p.k, kMostPieces);
  p.piece = p.piece < kShortest ? kShortest : p.piece;
  const int64_t pieces = detail::divide_up(p.k, p.piece);
  if (pieces <= 1) return detail::launch_product<ProductForm::tn>(p, 1, work);
  p.partials = work.scratch<T>(pieces * p.m * p.n);
  detail::launch_product<ProductForm::tn>(p, pieces, work);
  work.for_each(p.m * p.n, detail::sum_partials<T>, p.partials, pieces, p.m, p.n, p.end.out,
                p.end.out_stride);
}

}  // namespace belfry::cuda
