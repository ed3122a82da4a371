// D += A B of 16 × 16 tiles by one warp, with float sums, on tensor cores.
//
//   storage   depth   a product of two operands is
//   Bf16      16      exact
//   F16       16      exact
//   Tf32       8      that of operands rounded to 11 bits; no op asks for it yet
//
// Sums are float, in an order and with a rounding of the hardware's own choice. How a tile lies in
// the registers of the lanes is nobody's business: it is loaded and stored whole.
//
// GPUs before sm_80 and the emulated device have a plain twin: lanes that hold a tile in an order
// of their own and meet in shared memory. The tests run the twin; the hardware's side compiles and
// has not run on a GPU yet.
#pragma once

#include "cuda/device/half.cuh"
#include "cuda/device/warp.cuh"

#if !defined(BELFRY_CUDA_EMULATION)
#include <mma.h>
#endif

#if defined(BELFRY_CUDA_EMULATION) || (defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800)
#define BELFRY_PLAIN_TENSOR_TILES 1
#else
#define BELFRY_PLAIN_TENSOR_TILES 0
#endif

namespace belfry::cuda {

// A float that a product rounds to 11 bits.
struct Tf32 {
  float value;
};

inline constexpr int kTensorTile = 16;      // rows of A, columns of B
inline constexpr int kMostTensorWarps = 8;  // of a block that multiplies
template <class S>
inline constexpr int kTensorDepth = sizeof(S) == 2 ? 16 : 8;  // columns of A, rows of B

enum class TensorSide { a, b };

#if BELFRY_PLAIN_TENSOR_TILES

namespace detail {

// A number of the tile for each of a lane's places: any order will do that is no order of a GPU's.
__device__ inline int tensor_place(int i, int count) {
  return (5 * (lane_id() + kWarpSize * i) + 3) % count;
}

// Where the lanes of this warp meet.
__device__ inline float* tensor_box() {
  __shared__ float boxes[kMostTensorWarps][2 * kTensorTile * 16];
  return boxes[warp_id()];
}

// What the hardware asks of the address of a tile, the same in all lanes: 32 bytes for the first
// element, 16 for every line.
__device__ inline void check_tensor_address(const void* tile, int64_t line_bytes) {
#if defined(BELFRY_CUDA_EMULATION)
  const auto address = reinterpret_cast<unsigned long long>(tile);
  if (__shfl_sync(kFullWarp, address, 0) != address) {
    emulation::stop_in_kernel("the lanes of a warp name different tiles");
  }
  if (address % 32 != 0 || line_bytes % 16 != 0) {
    emulation::stop_in_kernel("a tile for tensor cores is not aligned");
  }
#else
  static_cast<void>(tile);
  static_cast<void>(line_bytes);
#endif
}

__device__ inline float tensor_operand(Bf16 x) { return to_real(x); }
__device__ inline float tensor_operand(F16 x) { return to_real(x); }
// To the nearest, ties away from zero; NaN and infinities have no bits to lose.
__device__ inline float tensor_operand(Tf32 x) {
  const uint32_t bits = math::bits_of_float(x.value);
  if ((bits & 0x7f800000u) == 0x7f800000u) return x.value;
  return math::float_of_bits((bits + 0x1000u) & ~0x1fffu);
}

}  // namespace detail

#endif

/// A[16, depth], or B[depth, 16]; lines are A's rows and B's columns. kAlongDepth: neighbours in
/// memory are neighbours along the depth, else they are neighbouring lines.
template <class S, TensorSide kSide, bool kAlongDepth>
class TensorOperand {
 public:
  /// From shared or global memory, by all lanes: 32-byte aligned, `pitch` elements (a multiple of
  /// 16 bytes) from one row of memory to the next.
  __device__ void load(const S* tile, int pitch) {
#if BELFRY_PLAIN_TENSOR_TILES
    detail::check_tensor_address(tile, int64_t{pitch} * static_cast<int64_t>(sizeof(S)));
    for (int i = 0; i < kHeld; ++i) {
      const int place = detail::tensor_place(i, kCount);
      const int line = place % kTensorTile, depth = place / kTensorTile;
      held_[i] =
          detail::tensor_operand(tile[kAlongDepth ? line * pitch + depth : depth * pitch + line]);
    }
#else
    nvcuda::wmma::load_matrix_sync(held_, reinterpret_cast<const Stored*>(tile), pitch);
    if constexpr (std::is_same_v<S, Tf32>) {
      for (int i = 0; i < held_.num_elements; ++i) {
        held_.x[i] = nvcuda::wmma::__float_to_tf32(held_.x[i]);
      }
    }
#endif
  }

 private:
  template <class>
  friend class TensorSums;

#if BELFRY_PLAIN_TENSOR_TILES
  static constexpr int kCount = kTensorTile * kTensorDepth<S>, kHeld = kCount / kWarpSize;

  float held_[kHeld];
#else
  using Half = std::conditional_t<std::is_same_v<S, Bf16>, __nv_bfloat16, __half>;
  static constexpr bool kHalf = sizeof(S) == 2;
  using Stored = std::conditional_t<kHalf, Half, float>;
  using Element = std::conditional_t<kHalf, Half, nvcuda::wmma::precision::tf32>;
  using Use =
      std::conditional_t<kSide == TensorSide::a, nvcuda::wmma::matrix_a, nvcuda::wmma::matrix_b>;
  using Order = std::conditional_t<kAlongDepth == (kSide == TensorSide::a), nvcuda::wmma::row_major,
                                   nvcuda::wmma::col_major>;

  nvcuda::wmma::fragment<Use, kTensorTile, kTensorTile, kTensorDepth<S>, Element, Order> held_;
#endif
};

/// D[16, 16], zeros at first.
template <class S>
class TensorSums {
 public:
  __device__ TensorSums() {
#if BELFRY_PLAIN_TENSOR_TILES
    for (float& sum : held_) sum = 0;
#else
    nvcuda::wmma::fill_fragment(held_, 0.0f);
#endif
  }

  /// By all lanes of the warp. The twin has room for kMostTensorWarps of them.
  template <bool kA, bool kB>
  __device__ void add_product(const TensorOperand<S, TensorSide::a, kA>& a,
                              const TensorOperand<S, TensorSide::b, kB>& b) {
#if BELFRY_PLAIN_TENSOR_TILES
    constexpr int kDepth = kTensorDepth<S>, kCount = kTensorTile * kDepth;
    float *const of_a = detail::tensor_box(), *const of_b = of_a + kCount;
    for (int i = 0; i < a.kHeld; ++i) {
      of_a[detail::tensor_place(i, kCount)] = a.held_[i];
      of_b[detail::tensor_place(i, kCount)] = b.held_[i];
    }
    __syncwarp();
    for (int i = 0; i < kHeld; ++i) {
      const int place = detail::tensor_place(i, kTensorTile * kTensorTile);
      const int row = place / kTensorTile, column = place % kTensorTile;
      for (int k = 0; k < kDepth; ++k) {
        held_[i] += of_a[k * kTensorTile + row] * of_b[k * kTensorTile + column];
      }
    }
    __syncwarp();
#else
    nvcuda::wmma::mma_sync(held_, a.held_, b.held_, held_);
#endif
  }

  /// Row by row, by all lanes; 32-byte aligned, `pitch` a multiple of 4. Other lanes may read what
  /// was stored after a barrier.
  __device__ void store(float* tile, int pitch) const {
#if BELFRY_PLAIN_TENSOR_TILES
    detail::check_tensor_address(tile, int64_t{pitch} * static_cast<int64_t>(sizeof(float)));
    for (int i = 0; i < kHeld; ++i) {
      const int place = detail::tensor_place(i, kTensorTile * kTensorTile);
      tile[place / kTensorTile * pitch + place % kTensorTile] = held_[i];
    }
#else
    nvcuda::wmma::store_matrix_sync(tile, held_, pitch, nvcuda::wmma::mem_row_major);
#endif
  }

 private:
#if BELFRY_PLAIN_TENSOR_TILES
  static constexpr int kHeld = kTensorTile * kTensorTile / kWarpSize;

  float held_[kHeld];
#else
  nvcuda::wmma::fragment<nvcuda::wmma::accumulator, kTensorTile, kTensorTile, kTensorDepth<S>,
                         float>
      held_;
#endif
};

}  // namespace belfry::cuda
