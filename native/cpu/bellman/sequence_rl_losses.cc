// sequence_rl_losses: actor = Σ_t mean_b (α log π − min Q), critic = mean squares around the
// one-step target (math/sequence.h). Memory bound: 3 values read and 3 written an action.
#include "math/sequence.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status sequence_rl_losses(const SequenceRlLosses<T>& op, CpuContext& context) {
  const int64_t batch = op.rewards.dims[0];
  const double share = math::inverse_count(batch);
  const auto actor = sum_rows(math::sequence_actor(op), op.q1.size(), 8, context);
  const auto critic = sum_rows(math::sequence_critic(op), batch, 16, context);
  if (op.actor_loss) op.actor_loss[0] = static_cast<T>(actor.loss * share);
  if (op.critic_loss) op.critic_loss[0] = static_cast<T>(critic.loss * share);
  if (op.count) op.count[0] = static_cast<int32_t>(batch);
  return finished(context);
}

}  // namespace

template <>
Status run(const SequenceRlLosses<float>& op, CpuContext& context) {
  return sequence_rl_losses(op, context);
}
template <>
Status run(const SequenceRlLosses<double>& op, CpuContext& context) {
  return sequence_rl_losses(op, context);
}

}  // namespace belfry::cpu
