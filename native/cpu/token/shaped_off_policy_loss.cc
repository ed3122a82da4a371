// shaped_off_policy_loss: −Aρ on the policy's own tokens, −A f(π) on refinements (arXiv
// 2506.03106). Bytes per token: read 12 + two masks, write 4; about 40 flops, two exponentials.
#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

template <class T>
Status shaped_off_policy_loss(const ShapedOffPolicyLoss<T>& op, CpuContext& context) {
  TokenLossCall<T, math::OffPolicyRule<T>> call{math::off_policy_rule(op)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.old_log_probs.begin();
  call.tokens[2] = op.advantages.begin();
  call.flags = math::read_flags(op.off_policy_mask, false);
  call.grad = data_of(op.grad_log_probs);
  call.mask = math::read_flags(op.mask, true);
  call.layout = math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]);
  call.weights = token_weights(math::off_policy_divisor(op), call.mask, call.layout, context);
  const TokenLossSums sums = run_token_loss(call, context);
  if (context.stopped()) return aborted();
  put(op.loss, sums.loss);
  return {};
}

}  // namespace

template <>
Status run(const ShapedOffPolicyLoss<float>& op, CpuContext& context) {
  return shaped_off_policy_loss(op, context);
}
template <>
Status run(const ShapedOffPolicyLoss<double>& op, CpuContext& context) {
  return shaped_off_policy_loss(op, context);
}

}  // namespace belfry::cpu
