// recipe_dler_step: truncated rewards → groups that vary → group_advantage, whitened over the batch
// → policy_loss with an asymmetric clip → token_logprob_backward (arXiv 2510.15110). The cost is
// that of two passes over the logits.
#include <limits>

#include "cpu/token/recipe_steps.h"

namespace belfry::cpu {

namespace {

template <class T>
void shape_rewards(const RecipeDlerStep<T>& op, T* shaped) {
  const math::FlagReader truncated = math::read_flags(op.truncated, false);
  const T factor = static_cast<T>(op.truncation_coef);
  for (int64_t i = 0; i < op.rewards.dims[0]; ++i) {
    const T cut = op.truncation_coef >= 0 ? op.rewards[i] * factor : factor;
    shaped[i] = truncated(i) ? cut : op.rewards[i];
  }
}

// 1 for the samples of groups whose scorable rewards differ, and of groups with one such reward.
template <class T>
void keep_groups(const In<int32_t, 1>& ids, const T* rewards, uint8_t* keep, CpuContext& context) {
  const int64_t count = ids.dims[0];
  int64_t* order = context.scratch<int64_t>(count);
  for (int64_t i = 0; i < count; ++i) order[i] = i;
  std::sort(order, order + count,
            [&](int64_t a, int64_t b) { return ids[a] != ids[b] ? ids[a] < ids[b] : a < b; });
  for (int64_t begin = 0, end; begin < count; begin = end) {
    int64_t scorable = 0;
    bool vary = false;
    T first = 0;
    for (end = begin; end < count && ids[order[end]] == ids[order[begin]]; ++end) {
      const T reward = rewards[order[end]];
      if (!std::isfinite(reward)) continue;
      if (scorable++ == 0) first = reward;
      vary = vary || reward != first;
    }
    for (int64_t i = begin; i < end; ++i) keep[order[i]] = vary || scorable == 1;
  }
}

template <class T>
Status recipe_dler_step(const RecipeDlerStep<T>& op, CpuContext& context) {
  const int64_t samples = op.rewards.dims[0];
  T* shaped = op.shaped_rewards ? op.shaped_rewards.begin() : context.scratch<T>(samples);
  uint8_t* keep = op.sample_keep ? op.sample_keep.begin() : context.scratch<uint8_t>(samples);
  shape_rewards(op, shaped);
  std::fill_n(keep, samples, uint8_t{1});
  if (op.filter == RecipeFilter::nonzero_std) keep_groups(op.group_ids, shaped, keep, context);
  RecipeBatch<T> batch = recipe_batch(op, keep, context);

  // What is dropped is unscorable: it leaves the statistics.
  T* rewards = context.scratch<T>(samples);
  T* advantages = context.scratch<T>(samples);
  for (int64_t i = 0; i < samples; ++i) {
    rewards[i] = keep[i] ? shaped[i] : std::numeric_limits<T>::quiet_NaN();
  }
  Status status = recipe_advantages(op, op.group_ids, rewards, batch, advantages, context);
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
