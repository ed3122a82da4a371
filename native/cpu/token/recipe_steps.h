// What the recipes have in common: the batch without what is masked, the log-probabilities of its
// tokens, and the policy loss back to the logits. The kernels are those of the ops.
#pragma once

#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/policy_tokens.h"
#include "ops/token/logits.h"
#include "ops/token/losses.h"
#include "ops/views.h"

namespace belfry::cpu {

template <class T>
struct RecipeBatch {
  int64_t rows, length, total, width;
  uint8_t* mask;
  int32_t* labels;   // -1 at masked tokens
  int32_t* lengths;  // valid tokens of each sample
  T *log_probs, *entropy;
};

// `keep`: samples that take part, null: all. Labels equal to ignore_index count as masked.
template <class T>
RecipeBatch<T> recipe_batch(const RecipeOperands<T>& op, const uint8_t* keep, CpuContext& context) {
  RecipeBatch<T> batch{};
  batch.rows = op.old_log_probs.dims[0];
  batch.length = op.old_log_probs.dims[1];
  batch.total = batch.rows * batch.length;
  batch.width = op.logits.dims[1];
  batch.mask = context.scratch<uint8_t>(batch.total);
  batch.labels = context.scratch<int32_t>(batch.total);
  batch.lengths = context.scratch<int32_t>(batch.rows);
  const math::FlagReader mask = math::read_flags(op.mask, true);
  for (int64_t row = 0; row < batch.rows; ++row) {
    batch.lengths[row] = 0;
    for (int64_t i = row * batch.length; i < (row + 1) * batch.length; ++i) {
      const bool valid = mask(i) && op.labels[i] != op.ignore_index && (!keep || keep[row]);
      batch.mask[i] = valid;
      batch.labels[i] = valid ? op.labels[i] : -1;
      batch.lengths[row] += valid;
    }
  }
  return batch;
}

template <class T>
Status recipe_log_probs(const RecipeOperands<T>& op, RecipeBatch<T>& batch, T* log_probs,
                        CpuContext& context) {
  batch.log_probs = log_probs ? log_probs : context.scratch<T>(batch.total);
  if (op.entropy_coef != 0) batch.entropy = context.scratch<T>(batch.total);
  TokenLogprob<T> call{};
  call.logits = op.logits;
  show(call.labels, batch.labels, {batch.total});
  call.temperature = op.temperature;
  call.ignore_index = -1;
  show(call.log_probs, batch.log_probs, {batch.total});
  show(call.entropy, batch.entropy, {batch.total});
  return run(call, context);
}

template <class T>
Status recipe_advantages(const RecipeGroups& groups, const In<int32_t, 1>& group_ids,
                         const T* rewards, const RecipeBatch<T>& batch, T* advantages,
                         CpuContext& context) {
  GroupAdvantage<T> call{};
  show(call.rewards, rewards, {batch.rows});
  call.group_ids = group_ids;
  show(call.lengths, batch.lengths, {batch.rows});
  call.estimator = groups.estimator;
  call.ddof = groups.ddof;
  call.singleton = groups.singleton;
  call.eps = groups.eps;
  call.normalize = true;
  call.k = 1;
  show(call.advantages, advantages, {batch.rows});
  return run(call, context);
}

template <class T>
struct RecipePolicy {
  const T* advantages;
  bool per_token;
  T *loss, *grad_logits;  // null: not wanted
};

// The policy loss of the batch and its gradient at the logits.
template <class T>
Status recipe_policy_loss(const RecipeOperands<T>& op, const RecipeBatch<T>& batch,
                          const RecipePolicy<T>& policy, CpuContext& context) {
  PolicyLoss<T> call{};
  static_cast<PolicyLossOptions&>(call) = op;
  T* grad = context.scratch<T>(batch.total);
  show(call.log_probs, batch.log_probs, {batch.rows, batch.length});
  call.old_log_probs = op.old_log_probs;
  if (policy.per_token)
    show(call.advantages, policy.advantages, {batch.rows, batch.length});
  else
    show(call.advantages, policy.advantages, {batch.rows});
  show(call.mask, batch.mask, {batch.rows, batch.length});
  call.ref_log_probs = op.ref_log_probs;
  show(call.entropy, batch.entropy, {batch.rows, batch.length});
  show(call.loss, policy.loss, {});
  show(call.grad_log_probs, grad, {batch.rows, batch.length});
  if (Status status = run(call, context); !status.ok()) return status;
  if (!policy.grad_logits) return {};

  TokenLogprobBackward<T> back{};
  back.logits = op.logits;
  show(back.labels, batch.labels, {batch.total});
  show(back.grad_log_probs, grad, {batch.total});
  if (op.entropy_coef != 0) {
    show(back.grad_entropy, scaled_weights(call, -op.entropy_coef, context), {batch.total});
  }
  back.temperature = op.temperature;
  back.ignore_index = -1;
  show(back.grad_logits, policy.grad_logits, {batch.total, batch.width});
  return run(back, context);
}

}  // namespace belfry::cpu
