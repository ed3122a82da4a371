// Matrix products in three forms, with what follows a product in a network done on the way out.
// The kernels are in products.cu, one for each tile size and type.
#pragma once

#include "cuda/flow/epilogue.cuh"
#include "cuda/flow/work.cuh"

namespace belfry::cuda {

BELFRY_HD constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

enum class ProductForm : int32_t {
  nt,  // A[m, k] B[n, k]ᵀ
  nn,  // A[m, k] B[k, n]
  tn,  // A[k, m]ᵀ B[k, n]
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

// For float and double.
template <class T>
void multiply(ProductForm form, Product<T> product, Work& work);

// out = Aᵀ B, summed over many rows: in pieces of a length that depends on their number only, the
// pieces' sums being added in float64 and in order.
template <class T>
void multiply_over_rows(Product<T> product, Work& work);

}  // namespace belfry::cuda
