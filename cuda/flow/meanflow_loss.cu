// meanflow_loss: a thread per sample, or a warp where rows are long (math/meanflow.h). Memory
// bound: 3 values read and 2 written an element.
#include "math/meanflow.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status meanflow_loss(const MeanflowLoss<T>& op, CudaContext& context) {
  const auto rows = math::meanflow_rows(op);
  const int64_t batch = op.u.dims[0];
  return sum_rows(rows, batch, rows_by(rows.dims), store_mean(op.loss, Out<int32_t, 0>{}, batch),
                  "meanflow_loss", context);
}

}  // namespace

template <>
Status run(const MeanflowLoss<float>& op, CudaContext& context) {
  return meanflow_loss(op, context);
}
template <>
Status run(const MeanflowLoss<double>& op, CudaContext& context) {
  return meanflow_loss(op, context);
}

}  // namespace belfry::cuda
