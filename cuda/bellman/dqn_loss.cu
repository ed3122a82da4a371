// dqn_loss: a thread per row, or a warp where there are more than 16 actions; the formulas are
// those of math/dqn.h. Memory bound: 2 A values read and A written a row.
#include "math/dqn.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status dqn_loss(const DqnLoss<T>& op, CudaContext& context) {
  const int64_t batch = op.q_values.dims[0];
  return sum_rows(math::dqn_rows(op), batch, rows_by(op.q_values.dims[1]),
                  store_mean(op.loss, op.count, batch), "dqn_loss", context);
}

}  // namespace

template <>
Status run(const DqnLoss<float>& op, CudaContext& context) {
  return dqn_loss(op, context);
}
template <>
Status run(const DqnLoss<double>& op, CudaContext& context) {
  return dqn_loss(op, context);
}

}  // namespace belfry::cuda
