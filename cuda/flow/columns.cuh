// Sums over the rows of a batch, one for each column, in float64 and in an order that depends on
// the number of rows only: chunks of rows, eight interleaved chains in each, then the chunks in
// order.
#pragma once

#include "cuda/flow/work.cuh"
#include "math/layer_norm.h"
#include "ops/flow/network.h"

namespace belfry::cuda {

// What is summed: g, times a factor of its row where there are factors, or g h with h the
// normalised f(x), the gradient of a norm's scale.
template <class T>
struct ColumnTerm {
  const T* g = nullptr;
  const T* x = nullptr;
  const math::RowStats* stats = nullptr;  // null: g alone
  Activation before = Activation::identity;
  const double* factors = nullptr;  // a row of factor 0 is not read
};

// out[j] = Σ_i term(i, i · width + j); 0 where there are no rows. For float and double.
template <class T>
void column_sums(const ColumnTerm<T>& term, int64_t rows, int64_t width, T* out, Work& work);

}  // namespace belfry::cuda
