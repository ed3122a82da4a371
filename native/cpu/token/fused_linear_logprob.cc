// fused_linear_logprob: token_logprob of hidden·Wᵀ + b and, with upstream gradients, its gradients,
// in chunks of rows (arXiv 2411.09009, 2410.10989). 2NHV flops forward; with gradients 6NHV in all,
// the logits of a chunk being used for both. Memory beyond operands: 64 MiB of logits.
#include <algorithm>

#include "cpu/run.h"
#include "cpu/token/fused_linear.h"
#include "cpu/token/policy_tokens.h"

namespace belfry::cpu {

namespace {

template <class T>
Status fused_linear_logprob(const FusedLinearLogprob<T>& op, CpuContext& context) {
  const FusedResults<T> results{data_of(op.log_probs), data_of(op.entropy)};
  const int64_t rows = op.hidden.dims[0];
  if (results.log_probs) std::fill_n(results.log_probs, rows, T(0));
  if (results.entropy) std::fill_n(results.entropy, rows, T(0));
  FusedLinear<T> layer({op.hidden, op.weight, data_of(op.bias), op.labels.begin()}, op, context);
  const FusedGradients<T> gradients{data_of(op.grad_hidden), data_of(op.grad_weight),
                                    data_of(op.grad_bias)};
  if (!gradients.wanted()) return layer.forward(results);
  FusedUpstream<T> upstream;
  upstream.log_probs = data_of(op.grad_log_probs);
  upstream.entropy = data_of(op.grad_entropy);
  return layer.backward(upstream, gradients, results);
}

}  // namespace

template <>
Status run(const FusedLinearLogprob<float>& op, CpuContext& context) {
  return fused_linear_logprob(op, context);
}
template <>
Status run(const FusedLinearLogprob<double>& op, CpuContext& context) {
  return fused_linear_logprob(op, context);
}

}  // namespace belfry::cpu
