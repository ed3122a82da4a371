// Matrix products of the sizes of a layer: hundreds of columns, one to thousands of rows.
//
// multiply: C[m,n] = A[m,k] Wᵀ, W[n,k], the batch times the weights, A's rows in the lanes.
// multiply_few: the same for a handful of rows, k in the lanes.
// multiply_strided: C[m,n] = A B, B[k,n], A by two strides: gradients of inputs and of weights.
//
// Weights are read as they lie, never packed. float32 sums are formed in float32 with fma, in
// blocks of kDepth terms that are added up one after the other; float64 in float64. Every element
// of C is a function of its row of A and its column of B alone, so any split of rows or columns
// gives the same bits.
#pragma once

#include <cstdint>

namespace belfry::cpu {

// Terms summed in registers before they are added to C; a panel of that depth fits L1.
constexpr int64_t kDepth = 256;

// bfloat16 as stored; widened exactly when it is read.
struct Bf16 {
  uint16_t bits;
};

template <class T, class Stored = T>
struct Product {
  const T* a = nullptr;
  int64_t a_stride = 0;
  const Stored* b = nullptr;  // W
  int64_t b_stride = 0;
  const T* bias = nullptr;  // added to every row of C; not with `accumulate`
  T* c = nullptr;
  int64_t c_stride = 0;
  int64_t m = 0, n = 0, k = 0;
  bool accumulate = false;  // C += A Wᵀ
};
template <class T>
void multiply(const Product<T>& product);
template <class T, class Stored>
void multiply_few(const Product<T, Stored>& product);

// Whether multiply_few is the faster form: one vector of rows costs `multiply` as much as half its
// lanes cost multiply_few.
template <class T>
bool are_few(int64_t rows);

// A's element (i, k) is a[i · a_stride + k · a_step].
template <class T>
struct StridedProduct {
  const T* a = nullptr;
  int64_t a_stride = 0, a_step = 1;
  const T* b = nullptr;
  int64_t b_stride = 0;
  T* c = nullptr;
  int64_t c_stride = 0;
  int64_t m = 0, n = 0, k = 0;
  bool accumulate = false;  // C += A B
};
template <class T>
void multiply_strided(const StridedProduct<T>& product);

}  // namespace belfry::cpu
