// D += A B of 16 × 16 tiles by one warp, with float sums, on tensor cores.
//
//   storage   depth   a product of two operands is           two of the instruction
//   Bf16      16      exact                                  mma.m16n8k16
//   F16       16      exact                                  mma.m16n8k16
//   Tf32       8      that of operands rounded to 11 bits    mma.m16n8k8
//
// Sums are float, in an order and with a rounding of the hardware's own choice. How a tile lies in
// the registers of the lanes is nobody's business: it is loaded and stored whole. nvcuda::wmma
// offers the same, but its loads of Bf16 and Tf32 do not know that they read shared memory.
//
// GPUs before sm_80 and the emulated device have twins of the three instructions, in which lanes
// hold what the PTX manual says and meet in shared memory. The tests run the twins; the hardware's
// side compiles and has not run on a GPU yet.
#pragma once

#include "cuda/device/half.cuh"
#include "cuda/device/warp.cuh"

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

namespace detail {

#if BELFRY_PLAIN_TENSOR_TILES

// Where the lanes of this warp meet.
__device__ inline float* tensor_box() {
  __shared__ __align__(16) float boxes[kMostTensorWarps][(kTensorTile + 8) * 16];
  return boxes[warp_id()];
}

template <bool kTransposed>
__device__ inline void load_matrices(uint32_t (&to)[4], const void* row) {
  auto* const rows = reinterpret_cast<const void**>(tensor_box());
  const int group = lane_id() / 4, place = lane_id() % 4;
  rows[lane_id()] = row;
  __syncwarp();
  for (int i = 0; i < 4; ++i) {
    if constexpr (kTransposed) {
      const auto at = [&](int j) {
        return uint32_t{static_cast<const uint16_t*>(rows[8 * i + j])[group]};
      };
      to[i] = at(2 * place) | at(2 * place + 1) << 16;
    } else {
      memcpy(&to[i], static_cast<const uint32_t*>(rows[8 * i + group]) + place, sizeof to[i]);
    }
  }
  __syncwarp();
}

// NaN and infinities have no bits to lose.
__device__ inline uint32_t round_to_tf32(uint32_t bits) {
  return (bits & 0x7f800000u) == 0x7f800000u ? bits : (bits + 0x1000u) & ~0x1fffu;
}

// Puts a lane's word of an operand, of the first half of the depth or the second, into its line.
template <class S>
__device__ void unpack_word(uint32_t word, int half, float* line) {
  const int place = lane_id() % 4;
  if constexpr (sizeof(S) == 2) {
    line[half * 8 + place * 2] = to_real(S{static_cast<uint16_t>(word)});
    line[half * 8 + place * 2 + 1] = to_real(S{static_cast<uint16_t>(word >> 16)});
  } else {
    line[half * 4 + place] = math::float_of_bits(word);
  }
}

template <class S>
__device__ void multiply_matrices(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0,
                                  uint32_t b1) {
  constexpr int kDepth = kTensorDepth<S>;
  float *const of_a = tensor_box(), *const of_b = of_a + kTensorTile * kDepth;
  const int group = lane_id() / 4, place = lane_id() % 4;
  for (int i = 0; i < 4; ++i) unpack_word<S>(a[i], i / 2, of_a + (group + i % 2 * 8) * kDepth);
  unpack_word<S>(b0, 0, of_b + group * kDepth);
  unpack_word<S>(b1, 1, of_b + group * kDepth);
  __syncwarp();
  for (int i = 0; i < 4; ++i) {
    const float* const row = of_a + (group + i / 2 * 8) * kDepth;
    const float* const column = of_b + (place * 2 + i % 2) * kDepth;
#pragma unroll 1
    for (int k = 0; k < kDepth; ++k) sums[i] += row[k] * column[k];
  }
  __syncwarp();
}

#else

// Four 8 × 8 matrices of 16-bit words, or 8 × 4 of 32-bit ones: lane 8 i + j names row j of matrix
// i, and gets of each the words with number lane % 4 in row lane / 4; of transposed ones two words
// of column lane / 4.
template <bool kTransposed>
__device__ inline void load_matrices(uint32_t (&to)[4], const void* row) {
  const auto at = static_cast<unsigned>(__cvta_generic_to_shared(row));
  if constexpr (kTransposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(at)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(at)
                 : "memory");
  }
}

// To the nearest, ties away from zero.
__device__ inline uint32_t round_to_tf32(uint32_t bits) {
  uint32_t rounded;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(__uint_as_float(bits)));
  return rounded;
}

#define BELFRY_MMA(shape_and_types)                                               \
  asm volatile("mma.sync.aligned." shape_and_types                                \
               " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};" \
               : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])       \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1))

// Sixteen rows and eight columns: rows lane / 4 and 8 below, columns 2 (lane % 4) and the next.
template <class S>
__device__ void multiply_matrices(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0,
                                  uint32_t b1) {
  if constexpr (std::is_same_v<S, Bf16>)
    BELFRY_MMA("m16n8k16.row.col.f32.bf16.bf16.f32");
  else if constexpr (std::is_same_v<S, F16>)
    BELFRY_MMA("m16n8k16.row.col.f32.f16.f16.f32");
  else
    BELFRY_MMA("m16n8k8.row.col.f32.tf32.tf32.f32");
}

#undef BELFRY_MMA

#endif

// What the hardware asks of the address of a tile, the same in all lanes: 16 bytes for every line,
// and 32 for the first element, which leaves room for wider loads.
__device__ inline void check_tensor_address([[maybe_unused]] const void* tile,
                                            [[maybe_unused]] int64_t line_bytes) {
#if defined(BELFRY_CUDA_EMULATION)
  const auto address = reinterpret_cast<unsigned long long>(tile);
  if (__shfl_sync(kFullWarp, address, 0) != address) {
    emulation::stop_in_kernel("the lanes of a warp name different tiles");
  }
  if (address % 32 != 0 || line_bytes % 16 != 0) {
    emulation::stop_in_kernel("a tile for tensor cores is not aligned");
  }
#endif
}

}  // namespace detail

/// A[16, depth], or B[depth, 16]; lines are A's rows and B's columns. kAlongDepth: neighbours in
/// memory are neighbours along the depth, else they are neighbouring lines.
template <class S, TensorSide kSide, bool kAlongDepth>
class TensorOperand {
 public:
  /// From shared memory, by all lanes: 32-byte aligned, `pitch` elements (a multiple of 16 bytes)
  /// from one row of memory to the next.
  __device__ void load(const S* tile, int pitch) {
    detail::check_tensor_address(tile, int64_t{pitch} * static_cast<int64_t>(sizeof(S)));
    constexpr int kHalf = kTensorDepth<S> / 2;
    const int lane = lane_id(), row = lane % 8, below = lane / 8 % 2 * 8,
              behind = lane / 16 * kHalf;
    if constexpr (kAlongDepth) {
      detail::load_matrices<false>(held_, tile + (row + below) * pitch + behind);
    } else if constexpr (sizeof(S) == 2) {
      detail::load_matrices<true>(held_, tile + (row + behind) * pitch + below);
    } else {
      const S* const from = tile + lane % 4 * pitch + lane / 4;
      for (int i = 0; i < 4; ++i) {
        held_[i] = math::bits_of_float(from[i / 2 * kHalf * pitch + i % 2 * 8].value);
      }
    }
    if constexpr (std::is_same_v<S, Tf32>) {
      for (uint32_t& word : held_) word = detail::round_to_tf32(word);
    }
  }

 private:
  template <class>
  friend class TensorSums;

  // Lines 0 to 7 and 8 to 15 of the first half of the depth, and of the second.
  uint32_t held_[4];
};

/// D[16, 16], zeros at first.
template <class S>
class TensorSums {
 public:
  /// By all lanes of the warp. The twins have room for kMostTensorWarps of them.
  template <bool kA, bool kB>
  __device__ void add_product(const TensorOperand<S, TensorSide::a, kA>& a,
                              const TensorOperand<S, TensorSide::b, kB>& b) {
    for (int i = 0; i < 2; ++i) {
      detail::multiply_matrices<S>(held_[i], a.held_, b.held_[i], b.held_[2 + i]);
    }
  }

  /// Row by row, by all lanes; 32-byte aligned, `pitch` a multiple of 4. Other lanes may read what
  /// was stored after a barrier.
  __device__ void store(float* tile, int pitch) const {
    detail::check_tensor_address(tile, int64_t{pitch} * static_cast<int64_t>(sizeof(float)));
    float* const to = tile + lane_id() / 4 * pitch + lane_id() % 4 * 2;
    for (int i = 0; i < 4; ++i) {
      const float* const pair = held_[i / 2] + i % 2 * 2;
      *reinterpret_cast<float2*>(to + i % 2 * 8 * pitch + i / 2 * 8) = float2{pair[0], pair[1]};
    }
  }

 private:
  // Of the first eight columns and the second: two neighbours, and those eight rows below.
  float held_[2][4] = {};
};

}  // namespace belfry::cuda
