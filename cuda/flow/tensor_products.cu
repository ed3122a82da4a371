// A block computes a tile of C, 128 × 128 (8 warps of 64 × 32) where that gives enough blocks, else
// a smaller one. Operands come in steps of 64 bytes along k by asynchronous copies into one of
// three buffers, so that two steps are on their way while a third is multiplied. Rows of shared
// memory are 16 bytes longer than the tile: eight of them at a time, as the units read, lie in
// eight different groups of banks. Of Tf32 the lanes read four rows of eight neighbours where these
// run along lines: 32 bytes keep them apart.
//
// A step of the large tile reads 2 · 128 · 32 halves = 16 KiB from L2 for 2 · 128 · 128 · 32 = 1.05
// Mflop: 64 flops for each byte, at most 350 Tflop/s where L2 gives 5.5 TB/s (H100). Of shared
// memory a warp reads 3 KiB for 65 kflop, at most 630 Tflop/s at 128 bytes a cycle. Tf32 has half
// the flops for each byte of either: 176 and 315 Tflop/s; its tile of 128 × 64 is bounded by L2 at
// 117, which is 4.6 µs for 4096 × 256 × 256. In 256 × 256 × 256 the 32 tiles of 32 × 64 wait for
// L2: 16 steps, two of them on their way. This is arithmetic: nothing here has been measured.
#include "cuda/flow/tensor_products.cuh"

#include "cuda/device/async.cuh"

namespace belfry::cuda {

namespace {

constexpr int kStages = 3;
template <class S>
constexpr int kChunk = static_cast<int>(16 / sizeof(S));  // elements of one copy
template <class S>
constexpr int kStep = 4 * kChunk<S>;  // along k
template <class S>
constexpr bool kTf32 = std::is_same_v<S, Tf32>;

// kAcross × kDown tiles of 16 × 16 for each of kWarpsAcross × kWarpsDown warps.
template <int kWarpsDown, int kWarpsAcross, int kDown, int kAcross>
struct TensorBlock {
  static constexpr int kThreads = kWarpsDown * kWarpsAcross * kWarpSize;
  static constexpr int kTilesDown = kDown, kTilesAcross = kAcross;
  static constexpr int kRows = kWarpsDown * kDown * kTensorTile;
  static constexpr int kColumns = kWarpsAcross * kAcross * kTensorTile;
  static constexpr int kPitch = kColumns + 4;  // of the tile on its way out

  __device__ static int first_row() { return warp_id() / kWarpsAcross * kDown * kTensorTile; }
  __device__ static int first_column() { return warp_id() % kWarpsAcross * kAcross * kTensorTile; }
};

using LargeBlock = TensorBlock<2, 4, 4, 2>;
using SmallBlock = TensorBlock<2, 2, 2, 2>;
// Of Tf32, whose products are those of small batches: 128 × 64 and 32 × 64.
using TallBlock = TensorBlock<4, 2, 2, 2>;
using LowBlock = TensorBlock<2, 2, 1, 2>;

// One step of an operand in shared memory, as it lies in global memory: rows along k, or rows of
// neighbouring lines.
template <class S, TensorSide kSide, bool kAlongDepth, int kLines, int kThreads>
struct OperandStep {
  static constexpr int kRows = kAlongDepth ? kLines : kStep<S>;
  static constexpr int kColumns = kAlongDepth ? kStep<S> : kLines;
  static constexpr int kPitch = kColumns + kChunk<S> * (kTf32<S> && !kAlongDepth ? 2 : 1);
  static constexpr int kSize = kRows * kPitch;
  using Tile = TensorOperand<S, kSide, kAlongDepth>;

  // Zeros beyond the matrix.
  __device__ static void copy(const Parts<S>& from, int part, int64_t lines, int64_t depth,
                              int64_t first_line, int64_t first_depth, S* to) {
    const int64_t first_row = kAlongDepth ? first_line : first_depth;
    const int64_t first_column = kAlongDepth ? first_depth : first_line;
    const int64_t rows = (kAlongDepth ? lines : depth) - first_row;
    const int64_t columns = (kAlongDepth ? depth : lines) - first_column;
    const S* const data = from.data + part * from.next + first_row * from.stride + first_column;
    if constexpr (kTf32<S>) {
      const bool chunks = is_padded<S>(data, from.stride) && columns % kChunk<S> == 0;
      if (!chunks) return copy_each<1>(data, from.stride, rows, columns, to);
    }
    copy_each<kChunk<S>>(data, from.stride, rows, columns, to);
  }

  // kWide elements at a time.
  template <int kWide>
  __device__ static void copy_each(const S* data, int64_t stride, int64_t rows, int64_t columns,
                                   S* to) {
    constexpr int kAcross = kColumns / kWide;
#pragma unroll(kWide == 1 ? 2 : 8)
    for (int i = 0; i < kRows * kAcross / kThreads; ++i) {
      const int e = static_cast<int>(threadIdx.x) + i * kThreads;
      const int row = e / kAcross, column = e % kAcross * kWide;
      const bool inside = row < rows && column < columns;
      S* const at = to + row * kPitch + column;
      const S* const source = data + row * stride + column;
      if constexpr (kWide == 1) {
        if (inside) copy_async_4(at, source);
        if (!inside) *at = S{};
      } else {
        if (inside) copy_async_16(at, source);
        if (!inside) *reinterpret_cast<uint4*>(at) = uint4{0, 0, 0, 0};
      }
    }
  }

  __device__ static void load(const S* step, int line, int depth, Tile& tile) {
    tile.load(step + (kAlongDepth ? line * kPitch + depth : depth * kPitch + line), kPitch);
  }
};

// One step for one pair of parts; all pairs of a step before the next step.
template <class S>
class PartSteps {
 public:
  __device__ PartSteps(const TensorProduct<S>& p, int64_t first_depth)
      : of_a_(p.a.count), of_b_(p.b.count), most_(max(p.a.count, p.b.count)), depth_(first_depth) {}

  __device__ int64_t depth() const { return depth_; }
  __device__ int a() const { return a_; }
  __device__ int b() const { return b_; }
  // Two parts of rank i and j make about 2^-8(i + j) of the product.
  __device__ void next() {
    if (++a_ < of_a_ && a_ + b_ < most_) return;
    a_ = 0;
    if (++b_ < of_b_) return;
    b_ = 0;
    depth_ += kStep<S>;
  }

 private:
  int of_a_, of_b_, most_, a_ = 0, b_ = 0;
  int64_t depth_;
};

template <class S, ProductForm kForm, class Block>
struct BlockSteps {
  using A = OperandStep<S, TensorSide::a, kForm != ProductForm::tn, Block::kRows, Block::kThreads>;
  using B =
      OperandStep<S, TensorSide::b, kForm == ProductForm::nt, Block::kColumns, Block::kThreads>;
  using Sums = TensorSums<S>[Block::kTilesDown][Block::kTilesAcross];
  static constexpr int kSize = A::kSize + B::kSize;

  static constexpr size_t shared_bytes() {
    constexpr size_t kIn = kStages * kSize * sizeof(S);
    constexpr size_t kOut = Block::kRows * Block::kPitch * sizeof(float);
    return kIn > kOut ? kIn : kOut;
  }

  __device__ static void copy(const TensorProduct<S>& p, const PartSteps<S>& step, int64_t end,
                              int64_t row, int64_t column, S* to) {
    A::copy(p.a, step.a(), p.m, end, row, step.depth(), to);
    B::copy(p.b, step.b(), p.n, end, column, step.depth(), to + A::kSize);
  }

  __device__ static void multiply(const S* step, Sums& sums) {
#pragma unroll
    for (int depth = 0; depth < kStep<S>; depth += kTensorDepth<S>) {
      typename B::Tile b[Block::kTilesAcross];
#pragma unroll
      for (int j = 0; j < Block::kTilesAcross; ++j) {
        B::load(step + A::kSize, Block::first_column() + j * kTensorTile, depth, b[j]);
      }
#pragma unroll
      for (int i = 0; i < Block::kTilesDown; ++i) {
        typename A::Tile a;
        A::load(step, Block::first_row() + i * kTensorTile, depth, a);
#pragma unroll
        for (int j = 0; j < Block::kTilesAcross; ++j) sums[i][j].add_product(a, b[j]);
      }
    }
  }
};

// Through shared memory, so that stores are coalesced and the activations stand in one loop.
template <class S, class Block>
__device__ void write_tile(const TensorProduct<S>& p, int64_t first_row, int64_t first_column,
                           const TensorSums<S> (&sums)[Block::kTilesDown][Block::kTilesAcross]) {
  float* const staged = dynamic_shared<float>();
  float* const partial = p.partials ? p.partials + blockIdx.y * p.m * p.n : nullptr;
  __syncthreads();
#pragma unroll
  for (int i = 0; i < Block::kTilesDown; ++i) {
#pragma unroll
    for (int j = 0; j < Block::kTilesAcross; ++j) {
      const int row = Block::first_row() + i * kTensorTile;
      sums[i][j].store(staged + row * Block::kPitch + Block::first_column() + j * kTensorTile,
                       Block::kPitch);
    }
  }
  __syncthreads();
  constexpr int kRowStep = Block::kThreads / Block::kColumns;
  static_assert(kRowStep > 0 && Block::kThreads % Block::kColumns == 0,
                "a thread keeps to a column");
  const int thread = static_cast<int>(threadIdx.x), tile_column = thread % Block::kColumns;
  const int64_t column = first_column + tile_column;
  if (column >= p.n) return;
#pragma unroll 1
  for (int tile_row = thread / Block::kColumns; tile_row < Block::kRows; tile_row += kRowStep) {
    const int64_t row = first_row + tile_row;
    if (row >= p.m) break;
    const float sum = staged[tile_row * Block::kPitch + tile_column];
    if (partial) {
      partial[row * p.n + column] = sum;
    } else {
      finish_element(p.end, p.n, row, column, sum);
    }
  }
}

// Neighbouring blocks share their columns: W is read once, by all of them at a time.
template <class S, ProductForm kForm, class Block>
__device__ void multiply_tile(const TensorProduct<S>& p) {
  using Steps = BlockSteps<S, kForm, Block>;
  S* const buffers = dynamic_shared<S>();
  const int64_t tiles_down = divide_up(p.m, Block::kRows);
  const int64_t row = blockIdx.x % tiles_down * Block::kRows;
  const int64_t column = blockIdx.x / tiles_down * Block::kColumns;
  const int64_t begin = blockIdx.y * p.piece;
  const int64_t end = p.k < begin + p.piece ? p.k : begin + p.piece;
  PartSteps<S> ahead(p, begin);
  const auto begin_copy = [&](int buffer) {
    if (ahead.depth() < end)
      Steps::copy(p, ahead, end, row, column, buffers + buffer * Steps::kSize);
    ahead.next();
    copy_async_commit();
  };
  for (int buffer = 0; buffer < kStages - 1; ++buffer) begin_copy(buffer);
  typename Steps::Sums sums;
  int buffer = 0;
  for (PartSteps<S> now(p, begin); now.depth() < end; now.next()) {
    copy_async_wait<kStages - 2>();
    // Every warp's copies are there, and every warp has read the buffer that is filled next.
    __syncthreads();
    begin_copy((buffer + kStages - 1) % kStages);
    Steps::multiply(buffers + buffer * Steps::kSize, sums);
    buffer = (buffer + 1) % kStages;
  }
  copy_async_wait<0>();
  write_tile<S, Block>(p, row, column, sums);
}

// Only a device with units for it is asked for Tf32: for others no code is made.
template <class S, ProductForm kForm, class Block>
__global__ void __launch_bounds__(Block::kThreads, 2)
    tensor_tiles(const __grid_constant__ TensorProduct<S> p) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  if constexpr (!kTf32<S>) multiply_tile<S, kForm, Block>(p);
#else
  multiply_tile<S, kForm, Block>(p);
#endif
}

template <class S, ProductForm kForm, class Block>
void launch_blocks(const TensorProduct<S>& p, Work& work) {
  const int64_t tiles = divide_up(p.m, Block::kRows) * divide_up(p.n, Block::kColumns);
  const dim3 grid(static_cast<unsigned>(tiles), static_cast<unsigned>(p.pieces()));
  const LaunchShape shape{grid, dim3(Block::kThreads), BlockSteps<S, kForm, Block>::shared_bytes()};
  work.launch(tensor_tiles<S, kForm, Block>, shape, p);
}

// The first of the tiles that gives a large GPU's multiprocessors a block each, else the last.
template <class S, ProductForm kForm, class First, class... Others>
void launch_fitting(const TensorProduct<S>& p, Work& work) {
  constexpr int64_t kEnoughBlocks = 128;
  if constexpr (sizeof...(Others) > 0) {
    const int64_t blocks =
        divide_up(p.m, First::kRows) * divide_up(p.n, First::kColumns) * p.pieces();
    const bool fits = fits_shared_memory(BlockSteps<S, kForm, First>::shared_bytes());
    if (!fits || blocks < kEnoughBlocks) return launch_fitting<S, kForm, Others...>(p, work);
  }
  launch_blocks<S, kForm, First>(p, work);
}

template <class S, ProductForm kForm>
void launch_form(const TensorProduct<S>& p, Work& work) {
  if constexpr (kTf32<S>)
    launch_fitting<S, kForm, LargeBlock, TallBlock, LowBlock>(p, work);
  else
    launch_fitting<S, kForm, LargeBlock, SmallBlock>(p, work);
}

__device__ inline float real_at(const void* data, DType type, int64_t at) {
  if (type == DType::bf16) return to_real(static_cast<const Bf16*>(data)[at]);
  if (type == DType::f16) return to_real(static_cast<const F16*>(data)[at]);
  return static_cast<const float*>(data)[at];
}

template <class S>
__global__ void split_elements(const void* data, DType type, const int32_t* rows, int64_t first,
                               int64_t count, int64_t width, SplitRows<S> out) {
  for (int64_t i : grid_stride(count * out.stride)) {
    const int64_t row = first + i / out.stride, column = i % out.stride;
    float left = 0;
    if (column < width) left = real_at(data, type, (rows ? rows[row] : row) * width + column);
    for (int part = 0; part < out.count; ++part) {
      out.data[part * out.next + i] = take_part<S>(left);
    }
  }
}

}  // namespace

template <class S>
void split_rows(const void* data, DType type, const int32_t* rows, int64_t first, int64_t count,
                int64_t width, const SplitRows<S>& out, Work& work) {
  work.for_each(count * out.stride, split_elements<S>, data, type, rows, first, count, width, out);
}

template <class S>
void multiply_on_tensor_cores(ProductForm form, TensorProduct<S> p, Work& work) {
  if (p.end.out_stride == 0) p.end.out_stride = p.n;
  if (p.piece == 0) p.piece = p.k;
  if constexpr (!std::is_same_v<S, F16>) {
    if (form == ProductForm::nn) return launch_form<S, ProductForm::nn>(p, work);
    if (form == ProductForm::tn) return launch_form<S, ProductForm::tn>(p, work);
  }
  launch_form<S, ProductForm::nt>(p, work);
}

template void split_rows(const void*, DType, const int32_t*, int64_t, int64_t, int64_t,
                         const SplitRows<Bf16>&, Work&);
template void split_rows(const void*, DType, const int32_t*, int64_t, int64_t, int64_t,
                         const SplitRows<F16>&, Work&);
template void multiply_on_tensor_cores(ProductForm, TensorProduct<Bf16>, Work&);
template void multiply_on_tensor_cores(ProductForm, TensorProduct<F16>, Work&);
template void multiply_on_tensor_cores(ProductForm, TensorProduct<Tf32>, Work&);

}  // namespace belfry::cuda
