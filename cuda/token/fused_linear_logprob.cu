// fused_linear_logprob: see fused_linear.cuh. 2NHV flops forward, 6NHV more with gradients.
#include "cuda/token/fused_linear.cuh"
#include "cuda/token/valid_tokens.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status fused_linear_logprob(const FusedLinearLogprob<T>& op, CudaContext& context) {
  FusedLinear<T> layer({op.hidden, op.weight, pointer(op.bias), op.labels.begin()}, op,
                       "fused_linear_logprob", context);
  const Status status = layer.forward({pointer(op.log_probs), pointer(op.entropy)});
  const FusedGradients<T> gradients{pointer(op.grad_hidden), pointer(op.grad_weight),
                                    pointer(op.grad_bias)};
  if (!status.ok() || !gradients.wanted()) return status;
  FusedUpstream<T> upstream;
  upstream.log_probs = pointer(op.grad_log_probs);
  upstream.entropy = pointer(op.grad_entropy);
  return layer.backward(upstream, gradients);
}

}  // namespace

template <>
Status run(const FusedLinearLogprob<float>& op, CudaContext& context) {
  return fused_linear_logprob(op, context);
}
template <>
Status run(const FusedLinearLogprob<double>& op, CudaContext& context) {
  return fused_linear_logprob(op, context);
}

}  // namespace belfry::cuda
