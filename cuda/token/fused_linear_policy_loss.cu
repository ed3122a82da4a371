// fused_linear_policy_loss: the log-probabilities of the layer, policy_loss of them, and back; see
// fused_linear.cuh. 8NHV flops.
#include "cuda/token/fused_linear.cuh"
#include "cuda/token/policy_loss_run.cuh"
#include "ops/token/fused_policy.h"

namespace belfry::cuda {

namespace {

// 1 where a token is valid and labelled.
__global__ void mark_active(math::FlagReader mask, const int32_t* labels, int64_t ignore_index,
                            int64_t total, uint8_t* active) {
  for (int64_t i : grid_stride(total)) active[i] = mask(i) && labels[i] != ignore_index;
}

// factor·W at active tokens, 0 at the others.
template <class T>
__global__ void scale_weights(TokenWeights weights, math::FlagReader mask, double factor, T* out) {
  for (int64_t i : grid_stride(weights.layout.total)) {
    const double weight = mask(i) ? weights.of(weights.layout.row_of(i)) : 0;
    out[i] = static_cast<T>(factor * weight);
  }
}

template <class T>
Status fused_linear_policy_loss(const FusedLinearPolicyLoss<T>& op, CudaContext& context) {
  const int64_t total = op.hidden.dims[0];
  Work work(context, "fused_linear_policy_loss");
  auto* active = work.scratch<uint8_t>(total);
  auto* grad = work.scratch<T>(total);
  FusedResults<T> results;
  results.log_probs = op.log_probs ? op.log_probs.begin() : work.scratch<T>(total);
  if (op.entropy_coef != 0) results.entropy = work.scratch<T>(total);
  work.for_each(total, mark_active, math::read_flags(op.mask, true), op.labels.begin(),
                op.ignore_index, total, active);
  if (!work.ok()) return work.status();
  FusedLinear<T> layer({op.hidden, op.weight, pointer(op.bias), op.labels.begin()}, op,
                       "fused_linear_policy_loss", context);
  if (Status s = layer.forward(results); !s.ok()) return s;

  const PolicyLoss<T> policy = policy_of(op, active, results.log_probs, results.entropy, grad);
  if (Status s = run(policy, context); !s.ok()) return s;
  const FusedGradients<T> gradients{pointer(op.grad_hidden), pointer(op.grad_weight),
                                    pointer(op.grad_bias)};
  if (!gradients.wanted()) return {};
  FusedUpstream<T> upstream{grad, nullptr, active};
  if (op.entropy_coef != 0) {
    const auto layout = math::padded_rows(op.old_log_probs.dims[0], op.old_log_probs.dims[1]);
    const auto mask = math::read_flags(policy.mask, true);
    TokenWeights weights;
    weights.divisor = math::policy_divisor(op, layout.rows, layout.length);
    if (Status s = count_valid(mask, layout, weights, context); !s.ok()) return s;
    auto* of_entropy = work.scratch<T>(total);
    work.for_each(total, scale_weights<T>, weights, mask, -op.entropy_coef, of_entropy);
    if (!work.ok()) return work.status();
    upstream.entropy = of_entropy;
  }
  return layer.backward(upstream, gradients);
}

}  // namespace

template <>
Status run(const FusedLinearPolicyLoss<float>& op, CudaContext& context) {
  return fused_linear_policy_loss(op, context);
}
template <>
Status run(const FusedLinearPolicyLoss<double>& op, CudaContext& context) {
  return fused_linear_policy_loss(op, context);
}

}  // namespace belfry::cuda
