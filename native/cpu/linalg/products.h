// Matrix products of the sizes of a layer: hundreds of columns, one to thousands of rows.
//
//   multiply          C[m,n] = A[m,k] B[k,n], B in panels: the batch times Wᵀ or W
//   multiply_few      C[m,n] = A[m,k] Wᵀ for a handful of rows, W read once as it lies
//   multiply_outer    C[m,n] = Aᵀ B, A[k,m], B[k,n]: gradients of weights
//
// float32 sums are formed in float32 with fma, in blocks of kDepth terms that are added up one
// after the other; float64 in float64. Every element of C is a function of its row of A and its
// column of B alone, so any split of rows or columns gives the same bits.
#pragma once

#include <cstdint>

namespace belfry::cpu {

// Terms summed in registers before they are added to C; a panel of that depth fits L1.
constexpr int64_t kDepth = 256;

// Up to this many rows the weights are read once and straight from memory: packing would cost more.
constexpr int64_t kFewRows = 12;

// Columns of one panel.
template <class T>
int64_t panel_columns();

// Length of B[k,n] in panels: whole vectors of columns, the missing ones are zeros.
template <class T>
int64_t panel_size(int64_t k, int64_t n);

// Packs columns [begin, end) of B[k,n]; `begin` is a multiple of panel_columns, `end` too or n.
// pack_rows takes B as it is, pack_columns takes W[n,k] with B = Wᵀ.
template <class T>
void pack_rows(const T* b, int64_t b_stride, int64_t k, int64_t begin, int64_t end, T* panels);
template <class T>
void pack_columns(const T* w, int64_t w_stride, int64_t k, int64_t begin, int64_t end, T* panels);

template <class T>
struct Product {
  const T* a = nullptr;
  int64_t a_stride = 0;
  const T* b = nullptr;  // panels, or B itself when b_stride is given
  int64_t b_stride = 0;
  const T* bias = nullptr;  // added to every row of C; not with `accumulate`
  T* c = nullptr;
  int64_t c_stride = 0;
  int64_t m = 0, n = 0, k = 0;
  bool accumulate = false;  // C += A B
};
template <class T>
void multiply(const Product<T>& product);

// B of the product is W[n,k] with rows b_stride apart.
template <class T>
void multiply_few(const Product<T>& product);

// C = Aᵀ B for columns [begin, end) of B and C; k is the number of rows of A[k,m] and B[k,n].
template <class T>
struct OuterProduct {
  const T* a = nullptr;
  int64_t a_stride = 0;
  const T* b = nullptr;
  int64_t b_stride = 0;
  T* c = nullptr;
  int64_t c_stride = 0;
  int64_t m = 0, k = 0, begin = 0, end = 0;
};
template <class T>
void multiply_outer(const OuterProduct<T>& product);

}  // namespace belfry::cpu
