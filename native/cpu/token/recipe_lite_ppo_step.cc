// recipe_lite_ppo_step: group_advantage (lite_ppo) → token_logprob → policy_loss →
// token_logprob_backward (arXiv 2508.08221). The cost is that of two passes over the logits.
#include "cpu/token/recipe_steps.h"

namespace belfry::cpu {

namespace {

template <class T>
Status recipe_lite_ppo_step(const RecipeLitePpoStep<T>& op, CpuContext& context) {
  RecipeBatch<T> batch = recipe_batch(op, nullptr, context);
  T* advantages = op.advantages ? op.advantages.begin() : context.scratch<T>(batch.rows);
  Status status =
      recipe_advantages(op, op.group_ids, op.rewards.begin(), batch, advantages, context);
  if (!status.ok()) return status;
  status = recipe_log_probs<T>(op, batch, nullptr, context);
  if (!status.ok()) return status;
  const RecipePolicy<T> policy{advantages, false, data_of(op.loss), data_of(op.grad_logits)};
  return recipe_policy_loss(op, batch, policy, context);
}

}  // namespace

template <>
Status run(const RecipeLitePpoStep<float>& op, CpuContext& context) {
  return recipe_lite_ppo_step(op, context);
}
template <>
Status run(const RecipeLitePpoStep<double>& op, CpuContext& context) {
  return recipe_lite_ppo_step(op, context);
}

}  // namespace belfry::cpu
