// A layer norm with an activation on either side of it: value, derivative along a tangent,
// gradient.
#pragma once

#include "cuda/flow/work.cuh"
#include "math/layer_norm.h"
#include "ops/flow/network.h"

namespace belfry::cuda {

// place pre: out = f(γ h(z) + β); post: out = γ h(f(z)) + β. Outputs may be null, and may be the
// memory of the operand they belong to (out: z, tangent_out: tangent, grad_out: grad).
template <class T>
struct NormRows {
  const T* gamma = nullptr;  // null: 1
  const T* beta = nullptr;   // null: 0
  int64_t width = 0;
  double eps = 1e-5;
  Activation activation = Activation::identity;
  Norm place = Norm::pre;

  const T* z = nullptr;
  T* out = nullptr;
  const T* tangent = nullptr;
  T* tangent_out = nullptr;
  const T* grad = nullptr;          // with respect to out
  T* grad_affine = nullptr;         // with respect to γ h + β
  T* grad_out = nullptr;            // with respect to z
  math::RowStats* stats = nullptr;  // of each row
};

// For float and double.
template <class T>
void normalise(const NormRows<T>& rows, int64_t count, Work& work);

}  // namespace belfry::cuda
