// meanflow_residual_ql: a thread per sample, or a warp where rows are long (math/flow_losses.h).
// Memory bound: 4 values read and 3 written an element.
#include "math/flow_losses.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status meanflow_residual_ql(const MeanflowResidualQl<T>& op, CudaContext& context) {
  const auto rows = math::residual_rows(op);
  const int64_t batch = op.g.dims[0];
  auto store = store_mean(op.loss, Out<int32_t, 0>{}, batch);
  store.other = math::data_of(op.bound_loss);
  store.other_factor = math::inverse_count(rows.dims);
  return sum_rows(rows, batch, rows_by(rows.dims), store, "meanflow_residual_ql", context);
}

}  // namespace

template <>
Status run(const MeanflowResidualQl<float>& op, CudaContext& context) {
  return meanflow_residual_ql(op, context);
}
template <>
Status run(const MeanflowResidualQl<double>& op, CudaContext& context) {
  return meanflow_residual_ql(op, context);
}

}  // namespace belfry::cuda
