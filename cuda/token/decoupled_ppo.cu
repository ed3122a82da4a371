// decoupled_ppo: bytes per token: read 16 + mask, write 8.
#include "cuda/token/token_losses.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status decoupled_ppo(const DecoupledPpo<T>& op, CudaContext& context) {
  TokenLossCall<T, math::DecoupledRule<T>> call{math::decoupled_rule(op)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.proximal_log_probs.begin();
  call.tokens[2] = op.behavior_log_probs.begin();
  call.tokens[3] = op.advantages.begin();
  call.grad = pointer(op.grad_log_probs);
  call.extra = pointer(op.behavior_weights);
  const Status status = set_padded(call, op, op.log_probs, divisor_of(op, op.log_probs), context);
  if (!status.ok()) return status;
  return run_token_loss(call, TokenLossOutputs<T>{pointer(op.loss)}, context);
}

}  // namespace

template <>
Status run(const DecoupledPpo<float>& op, CudaContext& context) {
  return decoupled_ppo(op, context);
}
template <>
Status run(const DecoupledPpo<double>& op, CudaContext& context) {
  return decoupled_ppo(op, context);
}

}  // namespace belfry::cuda
