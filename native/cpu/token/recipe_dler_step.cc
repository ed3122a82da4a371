// recipe_dler_step: truncated rewards → groups that vary → group_advantage, whitened over the batch
// → policy_loss with an asymmetric clip → token_logprob_backward (arXiv 2510.15110). The cost is
// that of two passes over the logits.
#include <limits>

#include "cpu/token/recipe_steps.h"
#include "ops/token/rewards.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

template <class T>
Status shape_rewards(const RecipeDlerStep<T>& op, T* shaped, CpuContext& context) {
  TruncationReward<T> call{};
  call.rewards = op.rewards;
  call.truncated = op.truncated;
  call.coef = op.truncation_coef;
  show(call.shaped, shaped, {op.rewards.dims[0]});
  return run(call, context);
}

template <class T>
Status filter_groups(const RecipeDlerStep<T>& op, const T* shaped, uint8_t* keep,
                     CpuContext& context) {
  const int64_t samples = op.rewards.dims[0];
  std::fill_n(keep, samples, uint8_t{1});
  if (op.filter == RecipeFilter::none) return {};
  GroupFilter<T> call{};
  show(call.rewards, shaped, {samples});
  call.group_ids = op.group_ids;
  call.rule = GroupFilterRule::nonzero_std;
  call.keep_singletons = true;
  show(call.sample_keep, keep, {samples});
  return run(call, context);
}

template <class T>
Status recipe_dler_step(const RecipeDlerStep<T>& op, CpuContext& context) {
  const int64_t samples = op.rewards.dims[0];
  T* shaped = op.shaped_rewards ? op.shaped_rewards.begin() : context.scratch<T>(samples);
  uint8_t* keep = op.sample_keep ? op.sample_keep.begin() : context.scratch<uint8_t>(samples);
  Status status = shape_rewards(op, shaped, context);
  if (!status.ok()) return status;
  status = filter_groups(op, shaped, keep, context);
  if (!status.ok()) return status;
  RecipeBatch<T> batch = recipe_batch(op, keep, context);

  // What is dropped is unscorable: it leaves the statistics.
  T* rewards = context.scratch<T>(samples);
  T* advantages = context.scratch<T>(samples);
  for (int64_t i = 0; i < samples; ++i) {
    rewards[i] = keep[i] ? shaped[i] : std::numeric_limits<T>::quiet_NaN();
  }
  status = recipe_advantages(op, op.group_ids, rewards, batch, advantages, context);
  if (!status.ok()) return status;
  for (int64_t i = 0; op.token_advantages && i < batch.total; ++i) {
    op.token_advantages[i] = batch.mask[i] ? advantages[i / batch.length] : T(0);
  }
  status = recipe_log_probs<T>(op, batch, nullptr, context);
  if (!status.ok()) return status;
  const RecipePolicy<T> policy{advantages, false, data_of(op.loss), data_of(op.grad_logits)};
  return recipe_policy_loss(op, batch, policy, context);
}

}  // namespace

template <>
Status run(const RecipeDlerStep<float>& op, CpuContext& context) {
  return recipe_dler_step(op, context);
}
template <>
Status run(const RecipeDlerStep<double>& op, CpuContext& context) {
  return recipe_dler_step(op, context);
}

}  // namespace belfry::cpu
