// dqn_loss: y = r + γ c B(q'), loss = mean w l(Q(s,a) − y), rows over the threads (math/dqn.h).
// Memory bound: 2 A values read and A written a row (3 A when double).
#include "math/dqn.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status dqn_loss(const DqnLoss<T>& op, CpuContext& context) {
  const int64_t batch = op.q_values.dims[0], num_actions = op.q_values.dims[1];
  const auto sums = sum_rows(math::dqn_rows(op), batch, 12 + 4 * num_actions, context);
  write_mean(op, sums.loss, batch);
  return finished(context);
}

}  // namespace

template <>
Status run(const DqnLoss<float>& op, CpuContext& context) {
  return dqn_loss(op, context);
}
template <>
Status run(const DqnLoss<double>& op, CpuContext& context) {
  return dqn_loss(op, context);
}

}  // namespace belfry::cpu
