// The policy loss inside fused_linear_policy_loss, as an op of its own.
#pragma once

#include "ops/token/core.h"
#include "ops/token/logits.h"
#include "ops/views.h"

namespace belfry {

// `mask`, `log_probs`, `entropy` (null: none) and `grad` lie in the memory of the kernel.
template <class T>
PolicyLoss<T> policy_of(const FusedLinearPolicyLoss<T>& op, const uint8_t* mask, const T* log_probs,
                        const T* entropy, T* grad) {
  const int64_t rows = op.old_log_probs.dims[0], length = op.old_log_probs.dims[1];
  PolicyLoss<T> policy{};
  static_cast<PolicyLossOptions&>(policy) = op;
  show(policy.log_probs, log_probs, {rows, length});
  policy.old_log_probs = op.old_log_probs;
  policy.advantages = op.advantages;
  show(policy.mask, mask, {rows, length});
  policy.importance_weights = op.importance_weights;
  policy.ref_log_probs = op.ref_log_probs;
  show(policy.entropy, entropy, {rows, length});
  policy.sequence_weights = op.sequence_weights;
  policy.priority = op.priority;
  policy.loss = op.loss;
  show(policy.grad_log_probs, grad, {rows, length});
  policy.clip_fraction = op.clip_fraction;
  policy.approx_kl = op.approx_kl;
  return policy;
}

}  // namespace belfry
