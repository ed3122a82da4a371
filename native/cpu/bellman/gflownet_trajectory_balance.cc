// gflownet_trajectory_balance: res = log Z + Σ log P_F − log R − Σ log P_B, loss = mean res²,
// trajectories over the threads (math/sequence.h). Memory bound: 2 values read and 2 written a
// transition.
#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "math/sequence.h"

namespace belfry::cpu {

namespace {

template <class T>
Status gflownet_trajectory_balance(const GflownetTrajectoryBalance<T>& op, CpuContext& context) {
  const int64_t batch = op.log_reward.dims[0];
  const int64_t mean_length = batch > 0 ? op.forward_log_probs.dims[0] / batch : 0;
  const auto sums = sum_rows(math::balance_rows(op), batch, 10 + 4 * mean_length, context);
  write_mean(op, sums.loss, batch);
  if (op.grad_log_z) {
    op.grad_log_z[0] = static_cast<T>(2 * sums.other * math::inverse_count(batch));
  }
  return finished(context);
}

}  // namespace

template <>
Status run(const GflownetTrajectoryBalance<float>& op, CpuContext& context) {
  return gflownet_trajectory_balance(op, context);
}
template <>
Status run(const GflownetTrajectoryBalance<double>& op, CpuContext& context) {
  return gflownet_trajectory_balance(op, context);
}

}  // namespace belfry::cpu
