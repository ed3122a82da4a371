// gflownet_trajectory_balance: a warp per trajectory, or a thread where they are short
// (math/sequence.h). Memory bound: 2 values read and 2 written a transition.
#include "cuda/losses/loss_rows.cuh"
#include "math/sequence.h"

namespace belfry::cuda {

namespace {

template <class T>
Status gflownet_trajectory_balance(const GflownetTrajectoryBalance<T>& op, CudaContext& context) {
  const int64_t batch = op.log_reward.dims[0];
  const int64_t mean_length = batch > 0 ? op.forward_log_probs.dims[0] / batch : 0;
  auto store = store_mean(op.loss, op.count, batch);
  store.other = wanted(op.grad_log_z);
  store.other_factor = 2;
  return sum_rows(math::balance_rows(op), batch, rows_by(mean_length), store,
                  "gflownet_trajectory_balance", context);
}

}  // namespace

template <>
Status run(const GflownetTrajectoryBalance<float>& op, CudaContext& context) {
  return gflownet_trajectory_balance(op, context);
}
template <>
Status run(const GflownetTrajectoryBalance<double>& op, CudaContext& context) {
  return gflownet_trajectory_balance(op, context);
}

}  // namespace belfry::cuda
