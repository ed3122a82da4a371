// Matrix products: a block computes one tile of C; operands pass through shared memory in steps of
// kDepth, the next step being read while this one is multiplied. Every element is one chain of
// fused multiply-additions in ascending k (float32 in float32), whatever the tile: sizes and
// neighbours do not change its bits. 2 m n k flops; each operand is read (other dimension)/tile
// times, from L2.
//
// The form and the activation are chosen at run time: as template parameters they would multiply
// the code by 33, and every thread of a launch takes the same way. On the way out a tile goes
// through shared memory, so that stores are coalesced and the activations stand in one loop.
#include "cuda/flow/epilogue.cuh"
#include "cuda/flow/products.cuh"
#include "cuda/flow/quad.cuh"

namespace belfry::cuda {

namespace {

constexpr int kDepth = 16;

// A[m, k] or B[n, k] as tiles see it: `lines` of k entries.
template <class T>
struct Operand {
  const T* data;
  int64_t line_stride, depth_stride;
  int64_t lines;
  bool lines_are_rows;  // of memory: neighbours in memory are neighbours along k

  __device__ Operand(const T* from, int64_t stride, int64_t count, bool rows)
      : data(from),
        line_stride(rows ? stride : 1),
        depth_stride(rows ? 1 : stride),
        lines(count),
        lines_are_rows(rows) {}
};

// A tile of kLines lines by kDepth: global memory to registers to shared memory, a warp reading
// along whichever side is contiguous.
template <class T, int kLines, int kThreads>
class TileLoader {
 public:
  static constexpr int kPitch = kLines + 4;  // of shared memory; keeps rows 16-byte aligned

  __device__ TileLoader(const Operand<T>& from, int64_t first_line, int64_t first_k) {
    const int thread = static_cast<int>(threadIdx.x);
    const bool rows = from.lines_are_rows;
    line_ = rows ? thread / kDepth : thread % kLines;
    depth_ = rows ? thread % kDepth : thread / kLines;
    line_step_ = rows ? kThreads / kDepth : 0;
    depth_step_ = rows ? 0 : kThreads / kLines;
    const int64_t left = from.lines - first_line;
    lines_left_ = left < kLines ? static_cast<int>(left) : kLines;
    data_ = from.data;
    at_ = (first_line + line_) * from.line_stride + (first_k + depth_) * from.depth_stride;
    step_ = line_step_ * from.line_stride + depth_step_ * from.depth_stride;
    next_ = kDepth * from.depth_stride;
  }

  // The tile at this depth; the next call takes the one behind it.
  __device__ void load(int64_t depth_left) {
    const int deep = depth_left < kDepth ? static_cast<int>(depth_left) : kDepth;
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      const bool inside = line_ + i * line_step_ < lines_left_ && depth_ + i * depth_step_ < deep;
      held_[i] = inside ? data_[at_ + i * step_] : T(0);
    }
    at_ += next_;
  }
  __device__ void store(Quad<T>* tile) const {
    T* const to = tile->v + depth_ * kPitch + line_;
    const int step = depth_step_ * kPitch + line_step_;
#pragma unroll
    for (int i = 0; i < kEach; ++i) to[i * step] = held_[i];
  }

 private:
  static constexpr int kEach = kLines * kDepth / kThreads;

  const T* data_;
  int64_t at_, step_, next_;  // of memory: this thread's first element, to its next, to a tile's
  int line_, depth_, line_step_, depth_step_, lines_left_;
  T held_[kEach];
};

// kSide² threads, each kQuads² times 4 × 4 elements.
template <class T, int kSide, int kQuads>
struct Tile {
  static constexpr int kThreads = kSide * kSide, kEach = kQuads * 4, kWidth = kSide * kEach;
  using Loader = TileLoader<T, kWidth, kThreads>;
  static constexpr int kQuadPitch = Loader::kPitch / 4;
  using Sums = T[kEach][kEach];

  __device__ static int x() { return static_cast<int>(threadIdx.x) % kSide; }
  __device__ static int y() { return static_cast<int>(threadIdx.x) / kSide; }

  // One step: outer products of kDepth columns of A and rows of B.
  __device__ static void multiply(const Quad<T>* a_tile, const Quad<T>* b_tile, Sums& sums) {
#pragma unroll 8
    for (int k = 0; k < kDepth; ++k) {
      Quad<T> a[kQuads], b[kQuads];
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        a[q] = a_tile[k * kQuadPitch + y() + q * kSide];
        b[q] = b_tile[k * kQuadPitch + x() + q * kSide];
      }
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) {
          sums[i][j] = fma(a[i / 4].v[i % 4], b[j / 4].v[j % 4], sums[i][j]);
        }
      }
    }
  }

  // Row `which` of every thread's sums, kSide rows of the tile, to `rows`. The index of an array in
  // registers must be known to the compiler, hence the loop.
  __device__ static void put_row(const Sums& sums, int which, Quad<T>* rows) {
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      if (i != which) continue;
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        Quad<T>& to = rows[y() * (kWidth / 4) + x() + q * kSide];
#pragma unroll
        for (int j = 0; j < 4; ++j) to.v[j] = sums[i][q * 4 + j];
      }
    }
  }
};

template <class T, int kSide, int kQuads>
__device__ void write_tile(const Product<T>& p, int64_t first_row, int64_t first_column,
                           const typename Tile<T, kSide, kQuads>::Sums& sums, Quad<T>* rows) {
  using Own = Tile<T, kSide, kQuads>;
  const T* const staged = rows->v;
  T* const partial = p.partials ? p.partials + blockIdx.y * p.m * p.n : nullptr;
#pragma unroll 1
  for (int which = 0; which < Own::kEach; ++which) {
    __syncthreads();
    Own::put_row(sums, which, rows);
    __syncthreads();
#pragma unroll 1
    for (int e = static_cast<int>(threadIdx.x); e < kSide * Own::kWidth; e += Own::kThreads) {
      const int side = e / Own::kWidth;
      const int64_t row = first_row + (side + which / 4 * kSide) * 4 + which % 4;
      const int64_t column = first_column + e % Own::kWidth;
      if (row >= p.m || column >= p.n) continue;
      const T sum = staged[e];
      if (partial) {
        partial[row * p.n + column] = sum;
      } else {
        finish_element(p.end, p.n, row, column, sum);
      }
    }
  }
}

// The largest tile asks for two blocks on a multiprocessor, which bounds its registers.
template <class T, int kSide, int kQuads>
__global__ void __launch_bounds__(kSide* kSide, kQuads == 2 ? 2 : 1)
    product_tiles(const __grid_constant__ Product<T> p, ProductForm form) {
  using Own = Tile<T, kSide, kQuads>;
  __shared__ Quad<T> a_tiles[2][kDepth * Own::kQuadPitch];
  __shared__ Quad<T> b_tiles[2][kDepth * Own::kQuadPitch];
  const int64_t tiles_down = (p.m + Own::kWidth - 1) / Own::kWidth;
  const int64_t row = blockIdx.x % tiles_down * Own::kWidth;
  const int64_t column = blockIdx.x / tiles_down * Own::kWidth;
  const int64_t begin = blockIdx.y * p.piece;
  const int64_t end = p.k < begin + p.piece ? p.k : begin + p.piece;
  const Operand<T> of_a(p.a, p.a_stride, p.m, form != ProductForm::tn);
  const Operand<T> of_b(p.b, p.b_stride, p.n, form == ProductForm::nt);
  typename Own::Loader a(of_a, row, begin), b(of_b, column, begin);
  typename Own::Sums sums = {};
  a.load(end - begin);
  b.load(end - begin);
  int stage = 0;
  for (int64_t k = begin; k < end; k += kDepth, stage ^= 1) {
    // The other stage was last read before the barrier of the step before.
    a.store(a_tiles[stage]);
    b.store(b_tiles[stage]);
    __syncthreads();
    if (k + kDepth < end) {
      a.load(end - k - kDepth);
      b.load(end - k - kDepth);
    }
    Own::multiply(a_tiles[stage], b_tiles[stage], sums);
  }
  write_tile<T, kSide, kQuads>(p, row, column, sums, a_tiles[0]);
}

template <class T>
__global__ void sum_partials(const T* partials, int64_t pieces, int64_t m, int64_t n, T* out,
                             int64_t out_stride) {
#pragma unroll 1
  for (int64_t i : grid_stride(m * n)) {
    double sum = 0;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      sum += static_cast<double>(partials[piece * m * n + i]);
    }
    out[i / n * out_stride + i % n] = static_cast<T>(sum);
  }
}

// Tiles in x, which alone has room for any number of them.
template <int kSide, int kQuads, class T>
void launch_tiles(ProductForm form, const Product<T>& p, int64_t pieces, Work& work) {
  using Own = Tile<T, kSide, kQuads>;
  const int64_t tiles = divide_up(p.m, Own::kWidth) * divide_up(p.n, Own::kWidth);
  const dim3 grid(static_cast<unsigned>(tiles), static_cast<unsigned>(pieces));
  work.launch(product_tiles<T, kSide, kQuads>, {grid, dim3(Own::kThreads)}, p, form);
}

// The largest tile that still gives a large GPU's multiprocessors a block each.
template <class T>
void launch_product(ProductForm form, const Product<T>& p, int64_t pieces, Work& work) {
  constexpr int64_t kEnoughBlocks = 128;
  const auto blocks = [&](int64_t tile) {
    return divide_up(p.m, tile) * divide_up(p.n, tile) * pieces;
  };
  if constexpr (sizeof(T) == 4) {
    if (blocks(128) >= kEnoughBlocks) return launch_tiles<16, 2>(form, p, pieces, work);
  }
  if (blocks(64) >= kEnoughBlocks) return launch_tiles<16, 1>(form, p, pieces, work);
  launch_tiles<8, 1>(form, p, pieces, work);
}

}  // namespace

template <class T>
void multiply(ProductForm form, Product<T> p, Work& work) {
  if (p.end.out_stride == 0) p.end.out_stride = p.n;
  p.piece = p.k;
  launch_product(form, p, 1, work);
}

template <class T>
void multiply_over_rows(Product<T> p, Work& work) {
  constexpr int64_t kShortest = 256, kMostPieces = 32;
  if (p.end.out_stride == 0) p.end.out_stride = p.n;
  p.piece = divide_up(p.k, kMostPieces);
  p.piece = p.piece < kShortest ? kShortest : p.piece;
  const int64_t pieces = divide_up(p.k, p.piece);
  if (pieces <= 1) return launch_product(ProductForm::tn, p, 1, work);
  p.partials = work.scratch<T>(pieces * p.m * p.n);
  launch_product(ProductForm::tn, p, pieces, work);
  work.for_each(p.m * p.n, sum_partials<T>, p.partials, pieces, p.m, p.n, p.end.out,
                p.end.out_stride);
}

template void multiply(ProductForm, Product<float>, Work&);
template void multiply(ProductForm, Product<double>, Work&);
template void multiply_over_rows(Product<float>, Work&);
template void multiply_over_rows(Product<double>, Work&);

}  // namespace belfry::cuda
