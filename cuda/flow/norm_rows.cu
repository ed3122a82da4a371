// Rows through a layer norm, one warp each.
#include "cuda/flow/norm_rows.cuh"

#include "cuda/flow/norm_row.cuh"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void norm_rows(NormRows<T> rows, int64_t count) {
#pragma unroll 1
  for (int64_t row : warp_stride(count)) {
    const int64_t at = row * rows.width;
    const NormRow<T> norm(rows, rows.z + at);
    if (rows.stats && lane_id() == 0) rows.stats[row] = norm.stats();
    if (rows.tangent_out) norm.write_tangent(rows.tangent + at, rows.tangent_out + at);
    if (rows.grad_affine || rows.grad_out) {
      norm.write_gradient(rows.grad + at, rows.grad_affine ? rows.grad_affine + at : nullptr,
                          rows.grad_out ? rows.grad_out + at : nullptr);
    }
    if (rows.out) norm.write(rows.out + at);  // last: it may replace z
  }
}

}  // namespace

template <class T>
void normalise(const NormRows<T>& rows, int64_t count, Work& work) {
  if (rows.width > 0) work.for_each_row(count, norm_rows<T>, rows, count);
}

template void normalise(const NormRows<float>&, int64_t, Work&);
template void normalise(const NormRows<double>&, int64_t, Work&);

}  // namespace belfry::cuda
