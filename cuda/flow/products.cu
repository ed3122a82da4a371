// Matrix products: a block computes one tile of C; operands pass through shared memory in steps of
// kDepth, the next step being read while this one is multiplied. Every element is one chain of
// fused multiply-additions in ascending k (float32 in float32), whatever the tile: sizes and
// neighbours do not change its bits. 2 m n k flops; each operand is read (other dimension)/tile
// times, from L2.
//
// What a thread's q × r elements ask of a multiprocessor for one k, where 4 schedulers issue a warp
// each per cycle and shared memory delivers 128 bytes: q r / 4 cycles of multiply-additions, q + r
// of loads a warp at worst. 8 × 8 need 16 and 16, 8 × 4 need 8 and 12, 4 × 4 need 4 and 8: of the
// peak of float32 at most all, 2/3 and 1/2. The schedulers want a warp each as well: an output of
// 4096 × 256 is 512 warps of 8 × 8 elements for the 528 schedulers of an H100, half of it 512 of
// 8 × 4. Floors there (67 Tflop/s, 5.5 TB/s from L2): 4096 × 256 × 256 takes 8.0 µs of arithmetic
// and 4.6 of L2 in tiles of 128 × 64; 256 × 256 × 256 in tiles of 32 × 32 takes 4096 cycles, 2.3
// µs. This is arithmetic: nothing here has been measured.
//
// The form and the activation are chosen at run time: as template parameters they would multiply
// the code by 33, and every thread of a launch takes the same way. On the way out a tile goes
// through shared memory, so that stores are coalesced and the activations stand in one loop.
#include "cuda/flow/epilogue.cuh"
#include "cuda/flow/products.cuh"
#include "cuda/flow/quad.cuh"
#include "cuda/flow/tensor_products.cuh"

namespace belfry::cuda {

namespace {

constexpr int kDepth = 16;

// A[m, k] or B[n, k] as tiles see it: `lines` of k entries.
template <class T>
struct Operand {
  const T* data;
  int64_t stride;  // from one row of memory to the next
  int64_t lines;
  bool lines_are_rows;  // of memory: neighbours in memory are neighbours along k

  // Whether every fourth element of a row begins a quad that can be read at once.
  __device__ bool has_quads() const {
    return stride % 4 == 0 && reinterpret_cast<uintptr_t>(data) % 16 == 0;
  }
};

// A tile of kLines lines by kDepth: global memory to registers to shared memory, in quads along
// whichever side is contiguous.
template <class T, int kLines, int kThreads>
class TileLoader {
 public:
  static constexpr int kPitch = kLines + 4;  // of shared memory; keeps rows 16-byte aligned

  __device__ TileLoader(const Operand<T>& from, int64_t first_line, int64_t first_k)
      : along_depth_(from.lines_are_rows), has_quads_(from.has_quads()), stride_(from.stride) {
    const int thread = static_cast<int>(threadIdx.x);
    const int across = along_depth_ ? kDepth / 4 : kLines / 4;
    row_ = thread / across;
    column_ = thread % across * 4;
    row_step_ = kThreads / across;
    const int64_t left = from.lines - first_line;
    lines_left_ = left < kLines ? static_cast<int>(left) : kLines;
    const int64_t first_row = along_depth_ ? first_line : first_k;
    at_ =
        from.data + (first_row + row_) * stride_ + (along_depth_ ? first_k : first_line) + column_;
  }

  // The tile at this depth; the next call takes the one behind it.
  __device__ void load(int64_t depth_left) {
    const int deep = depth_left < kDepth ? static_cast<int>(depth_left) : kDepth;
    const int rows = along_depth_ ? lines_left_ : deep;
    const int columns = (along_depth_ ? deep : lines_left_) - column_;
    const T* from = at_;
#pragma unroll
    for (int i = 0; i < kEach; ++i, from += row_step_ * stride_) {
      held_[i] = read(from, row_ + i * row_step_ < rows ? columns : 0);
    }
    at_ += kDepth * (along_depth_ ? 1 : stride_);
  }
  __device__ void store(Quad<T>* tile) const {
    if (along_depth_) {
      T* const to = tile->v + column_ * kPitch + row_;
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) to[j * kPitch + i * row_step_] = held_[i].v[j];
      }
    } else {
      Quad<T>* const to = tile + (row_ * kPitch + column_) / 4;
#pragma unroll
      for (int i = 0; i < kEach; ++i) to[i * row_step_ * (kPitch / 4)] = held_[i];
    }
  }

 private:
  static constexpr int kEach = kLines * kDepth / 4 / kThreads;

  // The first `count` of four neighbours, zeros behind them.
  __device__ Quad<T> read(const T* from, int count) const {
    if (has_quads_ && count >= 4) return *reinterpret_cast<const Quad<T>*>(from);
    Quad<T> quad;
#pragma unroll
    for (int j = 0; j < 4; ++j) quad.v[j] = j < count ? from[j] : T(0);
    return quad;
  }

  bool along_depth_, has_quads_;
  int64_t stride_;
  const T* at_;                               // this thread's first quad of the next tile
  int row_, column_, row_step_, lines_left_;  // of the tile as it lies in memory
  Quad<T> held_[kEach];
};

// Warps of 4 × 8 lanes, each lane with kQuadsDown × kQuadsAcross times 4 × 4 elements: eight lanes
// side by side read 128 neighbouring bytes of B and one place of A.
template <class T, int kWarpsDown, int kWarpsAcross, int kQuadsDown, int kQuadsAcross>
struct Tile {
  static constexpr int kThreads = kWarpsDown * kWarpsAcross * kWarpSize;
  static constexpr int kDown = kQuadsDown * 4, kAcross = kQuadsAcross * 4;  // of a lane
  static constexpr int kRows = kWarpsDown * 4 * kDown, kColumns = kWarpsAcross * 8 * kAcross;
  using A = TileLoader<T, kRows, kThreads>;
  using B = TileLoader<T, kColumns, kThreads>;
  using Sums = T[kDown][kAcross];
  static constexpr int kStagedRows =
      kWarpsDown * 4;  // on the way out, one of each lane's at a time

  // The first quad of this lane, in quads; its next ones are 4 below and 8 to the right.
  __device__ static int y() { return warp_id() / kWarpsAcross * kDown + lane_id() / 8; }
  __device__ static int x() { return warp_id() % kWarpsAcross * 2 * kAcross + lane_id() % 8; }

  // One step: outer products of kDepth columns of A and rows of B.
  __device__ static void multiply(const Quad<T>* a_tile, const Quad<T>* b_tile, Sums& sums) {
    const Quad<T>*const from_a = a_tile + y(), *const from_b = b_tile + x();
    // Loads ahead of the arithmetic as far as registers go: fewer where more warps take turns.
#pragma unroll(kThreads == 256 ? 2 : 8)
    for (int k = 0; k < kDepth; ++k) {
      Quad<T> a[kQuadsDown], b[kQuadsAcross];
#pragma unroll
      for (int q = 0; q < kQuadsDown; ++q) a[q] = from_a[k * (A::kPitch / 4) + q * 4];
#pragma unroll
      for (int q = 0; q < kQuadsAcross; ++q) b[q] = from_b[k * (B::kPitch / 4) + q * 8];
#pragma unroll
      for (int i = 0; i < kDown; ++i) {
#pragma unroll
        for (int j = 0; j < kAcross; ++j) {
          sums[i][j] = fma(a[i / 4].v[i % 4], b[j / 4].v[j % 4], sums[i][j]);
        }
      }
    }
  }

  // Row `which` of every lane's sums to `rows`. The index of an array in registers must be known to
  // the compiler, hence the loop.
  __device__ static void put_row(const Sums& sums, int which, Quad<T>* rows) {
    const int staged = warp_id() / kWarpsAcross * 4 + lane_id() / 8;
#pragma unroll
    for (int i = 0; i < kDown; ++i) {
      if (i != which) continue;
#pragma unroll
      for (int q = 0; q < kQuadsAcross; ++q) {
        Quad<T>& to = rows[staged * (kColumns / 4) + x() + q * 8];
#pragma unroll
        for (int j = 0; j < 4; ++j) to.v[j] = sums[i][q * 4 + j];
      }
    }
  }
  // Where it lies in the tile.
  __device__ static int row_of(int staged, int which) {
    return staged / 4 * (4 * kDown) + which / 4 * 16 + staged % 4 * 4 + which % 4;
  }
};

template <class Own, class T>
__device__ void write_tile(const Product<T>& p, int64_t first_row, int64_t first_column,
                           const typename Own::Sums& sums, Quad<T>* rows) {
  constexpr int kRowStep = Own::kThreads / Own::kColumns;
  static_assert(kRowStep > 0 && Own::kThreads % Own::kColumns == 0, "a thread keeps to a column");
  const int thread = static_cast<int>(threadIdx.x), tile_column = thread % Own::kColumns;
  const int64_t column = first_column + tile_column;
  T* const partial = p.partials ? p.partials + blockIdx.y * p.m * p.n : nullptr;
#pragma unroll 1
  for (int which = 0; which < Own::kDown; ++which) {
    __syncthreads();
    Own::put_row(sums, which, rows);
    __syncthreads();
    if (column >= p.n) continue;
#pragma unroll 1
    for (int staged = thread / Own::kColumns; staged < Own::kStagedRows; staged += kRowStep) {
      const int64_t row = first_row + Own::row_of(staged, which);
      if (row >= p.m) break;
      const T sum = rows->v[staged * Own::kColumns + tile_column];
      if (partial) {
        partial[row * p.n + column] = sum;
      } else {
        finish_element(p.end, p.n, row, column, sum);
      }
    }
  }
}

// Two blocks on a multiprocessor bound the registers of the largest tile.
template <class Own, class T>
__global__ void __launch_bounds__(Own::kThreads, 2)
    product_tiles(const __grid_constant__ Product<T> p, ProductForm form) {
  __shared__ Quad<T> a_tiles[2][kDepth * Own::A::kPitch / 4];
  __shared__ Quad<T> b_tiles[2][kDepth * Own::B::kPitch / 4];
  static_assert(Own::kStagedRows * Own::kColumns <= kDepth * Own::A::kPitch, "has room on its way");
  const int64_t tiles_down = divide_up(p.m, Own::kRows);
  const int64_t row = blockIdx.x % tiles_down * Own::kRows;
  const int64_t column = blockIdx.x / tiles_down * Own::kColumns;
  const int64_t begin = blockIdx.y * p.piece;
  const int64_t end = p.k < begin + p.piece ? p.k : begin + p.piece;
  typename Own::A a({p.a, p.a_stride, p.m, form != ProductForm::tn}, row, begin);
  typename Own::B b({p.b, p.b_stride, p.n, form == ProductForm::nt}, column, begin);
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
  write_tile<Own>(p, row, column, sums, a_tiles[0]);
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
template <class Own, class T>
void launch_tiles(ProductForm form, const Product<T>& p, int64_t pieces, Work& work) {
  const int64_t tiles = divide_up(p.m, Own::kRows) * divide_up(p.n, Own::kColumns);
  const dim3 grid(static_cast<unsigned>(tiles), static_cast<unsigned>(pieces));
  work.launch(product_tiles<Own, T>, {grid, dim3(Own::kThreads)}, p, form);
}

// The first of the tiles that gives a large GPU's multiprocessors a block each, else the last.
template <class First, class... Others, class T>
void launch_fitting(ProductForm form, const Product<T>& p, int64_t pieces, Work& work) {
  constexpr int64_t kEnoughBlocks = 128;
  if constexpr (sizeof...(Others) > 0) {
    const int64_t tiles = divide_up(p.m, First::kRows) * divide_up(p.n, First::kColumns);
    if (tiles * pieces < kEnoughBlocks) return launch_fitting<Others...>(form, p, pieces, work);
  }
  launch_tiles<First>(form, p, pieces, work);
}

void launch_product(ProductForm form, const Product<double>& p, int64_t pieces, Work& work) {
  launch_fitting<Tile<double, 4, 2, 1, 1>, Tile<double, 2, 1, 1, 1>>(form, p, pieces, work);
}

Parts<Tf32> as_tf32(const float* data, int64_t stride) {
  return {reinterpret_cast<const Tf32*>(data), stride};
}

void launch_product(ProductForm form, const Product<float>& p, int64_t pieces, Work& work) {
  if (work.takes_tf32<float>()) {
    TensorProduct<Tf32> product;
    product.a = as_tf32(p.a, p.a_stride);
    product.b = as_tf32(p.b, p.b_stride);
    product.m = p.m;
    product.n = p.n;
    product.k = p.k;
    product.end = p.end;
    product.piece = p.piece;
    product.partials = p.partials;
    return multiply_on_tensor_cores(form, product, work);
  }
  // 128 × 128, 128 × 64, 64 × 64 and 32 × 32.
  launch_fitting<Tile<float, 4, 2, 2, 2>, Tile<float, 4, 1, 2, 2>, Tile<float, 2, 2, 2, 1>,
                 Tile<float, 2, 1, 1, 1>>(form, p, pieces, work);
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
