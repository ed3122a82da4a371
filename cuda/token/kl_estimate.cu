// kl_estimate: bytes per token: read 8, write 8.
#include "cuda/token/token_losses.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status kl_estimate(const KlEstimate<T>& op, CudaContext& context) {
  TokenLossCall<T, math::KlRule<T>> call{math::kl_rule<T>(op.kind, op.clamp, op.kl_max, 1)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.ref_log_probs.begin();
  call.grad = pointer(op.grad_log_probs);
  call.extra = pointer(op.kl);
  call.layout = math::padded_rows(1, op.log_probs.size());
  return run_token_loss(call, TokenLossOutputs<T>{}, context);
}

}  // namespace

template <>
Status run(const KlEstimate<float>& op, CudaContext& context) {
  return kl_estimate(op, context);
}
template <>
Status run(const KlEstimate<double>& op, CudaContext& context) {
  return kl_estimate(op, context);
}

}  // namespace belfry::cuda
