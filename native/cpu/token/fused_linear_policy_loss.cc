// fused_linear_policy_loss: the log-probabilities of hidden·Wᵀ + b in chunks of rows, policy_loss
// of them, and back (Liger Kernel, arXiv 2410.10989). A chunk goes all the way before the next one:
// 6NHV flops. Kinds with a ratio of the sequence are cut between sequences. Where a sequence is
// longer than a chunk, or a kind selects tokens over the batch, all log-probabilities are needed
// before the first gradient, and logits are made twice: 8NHV.
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

// Runs of labelled rows that can go all the way one after the other; no bounds: there are none
// such.
struct Pieces {
  int64_t* bounds = nullptr;
  int64_t count = 0;
};

template <class T>
Pieces pieces_of(const FusedLinear<T>& layer, PolicyLossKind kind, int64_t length,
                 CpuContext& context) {
  if (math::selects_tokens(kind)) return {};
  const bool whole = math::has_sequence_ratio(kind);
  Pieces pieces{context.scratch<int64_t>(layer.count() + 1)};
  const int64_t* rows = layer.rows();
  for (int64_t begin = 0; begin < layer.count();) {
    int64_t end = std::min(begin + layer.chunk(), layer.count());
    // Back to where a sequence begins.
    while (whole && end > begin && end < layer.count() &&
           rows[end] / length == rows[end - 1] / length) {
      --end;
    }
    if (end == begin) return {};
    pieces.bounds[pieces.count++] = begin;
    begin = end;
  }
  pieces.bounds[pieces.count] = layer.count();
  return pieces;
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
  T* grad = context.scratch<T>(total);
  const PolicyLoss<T> policy = policy_of(op, active, results.log_probs, results.entropy, grad);
  if (Status status = math::check_policy_loss(policy); !status.ok()) return status;
  FusedUpstream<T> upstream{grad, nullptr, active};
  if (op.entropy_coef != 0) {
    upstream.entropy = scaled_weights(policy, -op.entropy_coef, context);
  }
  const FusedGradients<T> gradients{data_of(op.grad_hidden), data_of(op.grad_weight),
                                    data_of(op.grad_bias)};
  const Pieces pieces = pieces_of(layer, op.kind, op.old_log_probs.dims[1], context);
  if (pieces.bounds) {
    PolicyStream<T> stream(policy, context);
    const auto add = [&](int64_t first, int64_t last) { stream.add(first, last); };
    Status status = layer.stream(pieces.bounds, pieces.count, results, upstream, gradients, add);
    if (status.ok()) stream.finish();
    return status;
  }
  if (Status status = layer.forward(results); !status.ok()) return status;
  if (Status status = run(policy, context); !status.ok()) return status;
  return gradients.wanted() ? layer.backward(upstream, gradients, {}) : Status{};
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
