// recipe_rlvr_step: kl_shaped_rewards → gae → whitening → policy_loss and value_loss →
// token_logprob_backward (TÜLU 3, arXiv 2411.15124). The cost is that of two passes over the
// logits.
#include "cpu/token/recipe_steps.h"
#include "ops/token/statistics.h"

namespace belfry::cpu {

namespace {

// The arrays between the steps.
template <class T>
struct Chain {
  uint8_t* scorable;  // valid tokens of samples whose reward is a finite number
  T *scores, *rewards, *raw_advantages, *advantages, *returns;
};

template <class T>
Chain<T> make_chain(const RecipeRlvrStep<T>& op, const RecipeBatch<T>& batch, CpuContext& context) {
  const auto own = [&](const Out<T, 2>& output) {
    return output ? output.begin() : context.scratch<T>(batch.total);
  };
  Chain<T> chain{context.scratch<uint8_t>(batch.total),
                 context.scratch<T>(batch.rows),
                 own(op.token_rewards),
                 context.scratch<T>(batch.total),
                 own(op.advantages),
                 own(op.returns)};
  for (int64_t row = 0; row < batch.rows; ++row) {
    const bool finite = std::isfinite(op.rewards[row]);
    chain.scores[row] = static_cast<T>(op.reward_scale) * op.rewards[row];
    for (int64_t i = row * batch.length; i < (row + 1) * batch.length; ++i) {
      chain.scorable[i] = batch.mask[i] && finite;
    }
  }
  return chain;
}

template <class T>
Status shape_rewards(const RecipeRlvrStep<T>& op, const RecipeBatch<T>& batch,
                     const Chain<T>& chain, CpuContext& context) {
  KlShapedRewards<T> call{};
  call.kind = op.kl_reward;
  call.clamp = {20, true};
  call.kl_max = {10, true};
  call.beta = op.beta;
  show(call.scores, chain.scores, {batch.rows});
  call.log_probs = op.old_log_probs;
  call.ref_log_probs = op.ref_log_probs;
  show(call.mask, chain.scorable, {batch.rows, batch.length});
  show(call.rewards, chain.rewards, {batch.rows, batch.length});
  return run(call, context);
}

template <class T>
Status estimate_advantages(const RecipeRlvrStep<T>& op, const RecipeBatch<T>& batch,
                           const Chain<T>& chain, CpuContext& context) {
  Gae<T> call{};
  show(call.rewards, chain.rewards, {batch.rows, batch.length});
  call.values = op.old_values;
  show(call.mask, chain.scorable, {batch.rows, batch.length});
  call.gamma = op.gamma;
  call.lambda.value = op.lambda;
  call.alpha = 1;
  show(call.advantages, chain.raw_advantages, {batch.rows, batch.length});
  show(call.returns, chain.returns, {batch.rows, batch.length});
  return run(call, context);
}

template <class T>
Status whiten(const RecipeBatch<T>& batch, const Chain<T>& chain, CpuContext& context) {
  MaskedWhiten<T> call{};
  show(call.values, chain.raw_advantages, {batch.rows, batch.length});
  show(call.mask, chain.scorable, {batch.rows, batch.length});
  call.shift_mean = true;
  call.ddof = 1;
  call.eps = 1e-8;
  show(call.whitened, chain.advantages, {batch.rows, batch.length});
  return run(call, context);
}

template <class T>
Status regress_values(const RecipeRlvrStep<T>& op, const RecipeBatch<T>& batch,
                      const Chain<T>& chain, CpuContext& context) {
  ValueLoss<T> call{};
  static_cast<AggregationOptions&>(call) = op;
  call.values = op.values_new;
  call.old_values = op.old_values;
  show(call.returns, chain.returns, {batch.rows, batch.length});
  show(call.mask, chain.scorable, {batch.rows, batch.length});
  call.clip = op.value_clip;
  call.loss = op.value_loss;
  call.grad_values = op.grad_values;
  return run(call, context);
}

template <class T>
Status recipe_rlvr_step(const RecipeRlvrStep<T>& op, CpuContext& context) {
  RecipeBatch<T> batch = recipe_batch(op, nullptr, context);
  const Chain<T> chain = make_chain(op, batch, context);
  Status status = shape_rewards(op, batch, chain, context);
  if (!status.ok()) return status;
  status = estimate_advantages(op, batch, chain, context);
  if (!status.ok()) return status;
  status = whiten(batch, chain, context);
  if (!status.ok()) return status;
  status = regress_values(op, batch, chain, context);
  if (!status.ok()) return status;
  status = recipe_log_probs<T>(op, batch, nullptr, context);
  if (!status.ok()) return status;
  const RecipePolicy<T> policy{chain.advantages, true, data_of(op.policy_loss),
                               data_of(op.grad_logits)};
  return recipe_policy_loss(op, batch, policy, context);
}

}  // namespace

template <>
Status run(const RecipeRlvrStep<float>& op, CpuContext& context) {
  return recipe_rlvr_step(op, context);
}
template <>
Status run(const RecipeRlvrStep<double>& op, CpuContext& context) {
  return recipe_rlvr_step(op, context);
}

}  // namespace belfry::cpu
