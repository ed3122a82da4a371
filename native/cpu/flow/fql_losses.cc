// fql_losses: critics, flow and distillation, the size of Q, then what depends on these
// (math/actor_critic.h). Memory bound: 3 E values a state and 6 an action entry.
#include "math/actor_critic.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status fql_losses(const FqlLosses<T>& op, CpuContext& context) {
  const int64_t critics = op.q_policy.dims[0], batch = op.q_policy.dims[1];
  math::FqlSums sums{};
  sums.critic = sum_rows(math::fql_critic_rows(op), batch, 8 * critics + 20, context).loss;
  const auto actor = sum_rows(math::fql_actor_rows(op), op.actions.size(), 30, context);
  sums.flow = actor.loss;
  sums.distill = actor.other;
  const math::FqlSizeRows<T> size{op.q_policy.begin(), critics, batch};
  const auto q = sum_rows(size, batch, 2 * critics + 4, context);
  sums.q = q.loss;
  sums.size = q.other;
  sum_rows(math::fql_final_rows(op, critics, &sums, math::data_of(op.grad_q_policy)),
           critics * batch + 1, 6, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const FqlLosses<float>& op, CpuContext& context) {
  return fql_losses(op, context);
}
template <>
Status run(const FqlLosses<double>& op, CpuContext& context) {
  return fql_losses(op, context);
}

}  // namespace belfry::cpu
