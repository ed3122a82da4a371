// layer_norm: value, tangent and gradient of a row by one warp in one kernel; gradients of scale
// and shift as column sums in a fixed order. x, grad_y and tangent_x are read from DRAM once.
#include "cuda/flow/columns.cuh"
#include "cuda/flow/norm_rows.cuh"
#include "ops/flow/network.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void fill_zero(T* out, int64_t count) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) out[i] = T(0);
}

// `term` summed over the rows, or 0 when scale and shift take no part.
template <class T>
void affine_gradient(const LayerNorm<T>& op, const ColumnTerm<T>& term, T* out, Work& work) {
  const int64_t width = op.x.dims[1];
  if (!op.affine) return work.for_each(width, fill_zero<T>, out, width);
  column_sums(term, op.x.dims[0], width, out, work);
}

template <class T>
Status layer_norm(const LayerNorm<T>& op, CudaContext& context) {
  Work work(context, "layer_norm");
  NormRows<T> norm;
  norm.width = op.x.dims[1];
  norm.eps = op.eps;
  if (op.affine && op.gamma.present) norm.gamma = op.gamma.begin();
  if (op.affine && op.beta.present) norm.beta = op.beta.begin();
  norm.z = op.x.begin();
  norm.out = wanted(op.y);
  if (op.tangent_x.present) {
    norm.tangent = op.tangent_x.begin();
    norm.tangent_out = wanted(op.tangent_y);
  }
  T *grad_gamma = nullptr, *grad_beta = nullptr;
  if (op.grad_y.present) {
    norm.grad = op.grad_y.begin();
    norm.grad_out = wanted(op.grad_x);
    grad_gamma = wanted(op.grad_gamma);
    grad_beta = wanted(op.grad_beta);
  }
  if (grad_gamma && op.affine) norm.stats = work.scratch<math::RowStats>(op.x.dims[0]);
  if (norm.out || norm.tangent_out || norm.grad_out || norm.stats) {
    normalise(norm, op.x.dims[0], work);
  }
  if (grad_gamma) {
    const ColumnTerm<T> term{norm.grad, norm.z, norm.stats, Activation::identity};
    affine_gradient(op, term, grad_gamma, work);
  }
  if (grad_beta) affine_gradient(op, ColumnTerm<T>{norm.grad}, grad_beta, work);
  return work.status();
}

}  // namespace

template <>
Status run(const LayerNorm<float>& op, CudaContext& context) {
  return layer_norm(op, context);
}
template <>
Status run(const LayerNorm<double>& op, CudaContext& context) {
  return layer_norm(op, context);
}

}  // namespace belfry::cuda
