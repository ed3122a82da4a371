// fused_linear_policy_loss: the log-probabilities of hidden·Wᵀ + b in chunks of rows, policy_loss
// of them, and back (Liger Kernel, arXiv 2410.10989). Kinds with a ratio of the sequence need all
// log-probabilities before the first gradient, so the logits of a batch of more than one chunk are
// made twice: 8NHV flops; 6NHV when the batch is one chunk.
#include <algorithm>

#include "cpu/run.h"
#include "cpu/token/fused_linear.h"
#include "cpu/token/policy_tokens.h"
#include "ops/token/fused_policy.h"

namespace belfry::cpu {

namespace {

// 1 where a token is valid and labelled.
template <class T>
uint8_t* active_tokens(const FusedLinearPolicyLoss<T>& op, CpuContext& context) {
  const int64_t total = op.hidden.dims[0];
  const math::FlagReader mask = math::read_flags(op.mask, true);
  uint8_t* active = context.scratch<uint8_t>(total);
  for (int64_t i = 0; i < total; ++i) active[i] = mask(i) && op.labels[i] != op.ignore_index;
  return active;
}

template <class T>
Status fused_linear_policy_loss(const FusedLinearPolicyLoss<T>& op, CpuContext& context) {
  const int64_t total = op.hidden.dims[0];
  const uint8_t* active = active_tokens(op, context);
  const auto zeros = [&](T* data) { return std::fill_n(data, total, T(0)), data; };
  FusedResults<T> results;
  results.log_probs = zeros(op.log_probs ? op.log_probs.begin() : context.scratch<T>(total));
  if (op.entropy_coef != 0) results.entropy = zeros(context.scratch<T>(total));
  FusedLinear<T> layer({op.hidden, op.weight, data_of(op.bias), op.labels.begin()}, op, context);
  if (Status status = layer.forward(results); !status.ok()) return status;

  T* grad = context.scratch<T>(total);
  const PolicyLoss<T> policy = policy_of(op, active, results.log_probs, results.entropy, grad);
  if (Status status = run(policy, context); !status.ok()) return status;
  const FusedGradients<T> gradients{data_of(op.grad_hidden), data_of(op.grad_weight),
                                    data_of(op.grad_bias)};
  if (!gradients.wanted()) return {};
  FusedUpstream<T> upstream{grad, nullptr, active};
  if (op.entropy_coef != 0) {
    upstream.entropy = scaled_weights(policy, -op.entropy_coef, context);
  }
  return layer.backward(upstream, gradients, {});
}

}  // namespace

template <>
Status run(const FusedLinearPolicyLoss<float>& op, CpuContext& context) {
  return fused_linear_policy_loss(op, context);
}
template <>
Status run(const FusedLinearPolicyLoss<double>& op, CpuContext& context) {
  return fused_linear_policy_loss(op, context);
}

}  // namespace belfry::cpu
