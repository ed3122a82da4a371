// Matrix products on tensor cores, with float sums.
//
// An operand may come in parts, arrays of one shape whose sum it is: a float is two bf16 to 17
// bits and three without loss, an f16 is two. The product is then the sum of the products of their
// parts but for those of two small ones, so that float results come from the units of halves.
//
// Tf32 is a float as it lies in memory, of which the units see 11 bits.
#pragma once

#include "cuda/device/tensor_core.cuh"
#include "cuda/flow/products.cuh"

namespace belfry::cuda {

// Rows that begin at multiples of 16 bytes (of Tf32 at any); a part lies `next` elements behind the
// one before.
template <class S>
struct Parts {
  const S* data = nullptr;
  int64_t stride = 0;
  int count = 1;
  int64_t next = 0;
};

// Where rows run along k, those of halves are filled up with zeros to a multiple of 16 bytes.
template <class S>
struct TensorProduct {
  Parts<S> a, b;  // stored as `ProductForm` says
  int64_t m = 0, n = 0, k = 0;
  Epilogue<float> end;
  int64_t piece = 0;          // of k for one block; 0: all
  float* partials = nullptr;  // [pieces, m, n] where there are several

  int64_t pieces() const { return partials ? divide_up(k, piece) : 1; }
};

// Elements of a row that begins, and whose next begins, at a multiple of 16 bytes.
template <class S>
BELFRY_HD constexpr int64_t padded_width(int64_t width) {
  constexpr auto kChunk = static_cast<int64_t>(16 / sizeof(S));
  return divide_up(width, kChunk) * kChunk;
}

// Whether a matrix of such rows can be read where it lies.
template <class S>
__host__ __device__ bool is_padded(const void* data, int64_t width) {
  return width == padded_width<S>(width) && reinterpret_cast<uintptr_t>(data) % 16 == 0;
}

// The nearest S, and what is left of x without it: nothing of an infinity or a NaN. No finite
// number is rounded up to an infinity: 0x1.fep127 is the largest bf16, and an f16 comes from its
// own kind. A Tf32 is rounded by the units.
template <class S>
__device__ S take_part(float& x) {
  if constexpr (std::is_same_v<S, Tf32>) {
    return {x};
  } else {
    constexpr float kMost = 0x1.fep127f;
    const bool finite = x - x == 0;
    const S part = from_real<S>(finite ? fminf(fmaxf(x, -kMost), kMost) : x);
    x = finite ? x - to_real(part) : 0;
    return part;
  }
}

// Whether the current device has so much shared memory for one block.
inline bool fits_shared_memory(std::size_t bytes) {
  int device = 0, most = 0;
  return cudaGetDevice(&device) == cudaSuccess &&
         cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device) ==
             cudaSuccess &&
         bytes <= static_cast<std::size_t>(most);
}

// Scratch memory for `count` parts of a matrix; to be filled by split_rows.
template <class S>
struct SplitRows {
  S* data = nullptr;
  int64_t stride = 0, next = 0;
  int count = 1;

  Parts<S> parts() const { return {data, stride, count, next}; }
};

template <class S>
SplitRows<S> split_scratch(int64_t rows, int64_t width, int count, Work& work) {
  SplitRows<S> out;
  out.stride = padded_width<S>(width);
  out.next = rows * out.stride;
  out.count = count;
  out.data = work.scratch<S>(out.next * count);
  return out;
}

// Rows `rows[first]`, `rows[first + 1]`, … (null: first, first + 1, …) of a matrix of float or of
// halves, split into parts and filled up with zeros.
template <class S>
void split_rows(const void* data, DType type, const int32_t* rows, int64_t first, int64_t count,
                int64_t width, const SplitRows<S>& out, Work& work);

// For F16 in form nt, for Bf16 and Tf32 in every form; for Tf32 on sm_80 and up. m, n and k may be
// 0. An element's terms are summed in the same order whatever the tile, the sizes and the
// neighbours.
template <class S>
void multiply_on_tensor_cores(ProductForm form, TensorProduct<S> product, Work& work);

}  // namespace belfry::cuda
