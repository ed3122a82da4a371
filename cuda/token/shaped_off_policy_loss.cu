// shaped_off_policy_loss: bytes per token: read 12 + two masks, write 4.
#include "cuda/token/token_losses.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status shaped_off_policy_loss(const ShapedOffPolicyLoss<T>& op, CudaContext& context) {
  TokenLossCall<T, math::OffPolicyRule<T>> call{math::off_policy_rule(op)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.old_log_probs.begin();
  call.tokens[2] = op.advantages.begin();
  call.flags = math::read_flags(op.off_policy_mask, false);
  call.grad = pointer(op.grad_log_probs);
  const Status status = set_padded(call, op, op.log_probs, math::off_policy_divisor(op), context);
  if (!status.ok()) return status;
  return run_token_loss(call, TokenLossOutputs<T>{pointer(op.loss)}, context);
}

}  // namespace

template <>
Status run(const ShapedOffPolicyLoss<float>& op, CudaContext& context) {
  return shaped_off_policy_loss(op, context);
}
template <>
Status run(const ShapedOffPolicyLoss<double>& op, CudaContext& context) {
  return shaped_off_policy_loss(op, context);
}

}  // namespace belfry::cuda
