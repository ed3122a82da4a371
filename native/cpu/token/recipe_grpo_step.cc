// recipe_grpo_step: group_advantage → token_logprob → policy_loss + KL − entropy bonus →
// token_logprob_backward (arXiv 2402.03300). The cost is that of two passes over the logits.
#include "cpu/token/recipe_steps.h"

namespace belfry::cpu {

namespace {

template <class T>
Status recipe_grpo_step(const RecipeGrpoStep<T>& op, CpuContext& context) {
  RecipeBatch<T> batch = recipe_batch(op, nullptr, context);
  T* advantages = op.advantages ? op.advantages.begin() : context.scratch<T>(batch.rows);
  Status status =
      recipe_advantages(op, op.group_ids, op.rewards.begin(), batch, advantages, context);
  if (!status.ok()) return status;
  status = recipe_log_probs(op, batch, data_of(op.log_probs), context);
  if (!status.ok()) return status;
  const RecipePolicy<T> policy{advantages, false, data_of(op.loss), data_of(op.grad_logits)};
  return recipe_policy_loss(op, batch, policy, context);
}

}  // namespace

template <>
Status run(const RecipeGrpoStep<float>& op, CpuContext& context) {
  return recipe_grpo_step(op, context);
}
template <>
Status run(const RecipeGrpoStep<double>& op, CpuContext& context) {
  return recipe_grpo_step(op, context);
}

}  // namespace belfry::cpu
