// flow_matching_loss: a thread per sample, or a warp where rows are long (math/flow_losses.h).
// Memory bound: 3 values read and 3 written an element.
#include "math/flow_losses.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

// The mean over all elements, and over the samples.
template <class T>
struct StoreMeans {
  double inverse, inverse_rows;
  T *loss, *loss_sum_dims;

  __device__ void operator()(const math::LossSums& total) const {
    if (loss) *loss = static_cast<T>(total.loss * inverse);
    if (loss_sum_dims) *loss_sum_dims = static_cast<T>(total.loss * inverse_rows);
  }
};

template <class T>
Status flow_matching_loss(const FlowMatchingLoss<T>& op, CudaContext& context) {
  const auto rows = math::flow_matching_rows(op);
  const int64_t batch = op.actions.dims[0];
  const StoreMeans<T> store{rows.inverse, math::inverse_count(batch), math::data_of(op.loss),
                            math::data_of(op.loss_sum_dims)};
  return sum_rows(rows, batch, rows_by(rows.dims), store, "flow_matching_loss", context);
}

}  // namespace

template <>
Status run(const FlowMatchingLoss<float>& op, CudaContext& context) {
  return flow_matching_loss(op, context);
}
template <>
Status run(const FlowMatchingLoss<double>& op, CudaContext& context) {
  return flow_matching_loss(op, context);
}

}  // namespace belfry::cuda
