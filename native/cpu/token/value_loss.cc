// value_loss: ℓ = max(f(V − G), f(V_c − G)), f square or Huber (arXiv 1707.06347 and its code).
// Bytes per token: read 12 + mask, write 4; about 15 flops.
#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

template <class T>
Status value_loss(const ValueLoss<T>& op, CpuContext& context) {
  if (Status status = math::check_value_loss(op); !status.ok()) return status;
  TokenLossCall<T, math::ValueRule<T>> call{math::value_rule(op)};
  call.tokens[0] = op.values.begin();
  call.tokens[1] = op.returns.begin();
  call.tokens[2] = data_of(op.old_values);
  call.grad = data_of(op.grad_values);
  set_padded(call, op, op.values, context);
  const TokenLossSums sums = run_token_loss(call, context);
  if (context.stopped()) return aborted();
  put(op.loss, sums.loss);
  const int64_t tokens = call.weights.tokens;
  put(op.clip_fraction, tokens > 0 ? sums.clipped / static_cast<double>(tokens) : 0);
  return {};
}

}  // namespace

template <>
Status run(const ValueLoss<float>& op, CpuContext& context) {
  return value_loss(op, context);
}
template <>
Status run(const ValueLoss<double>& op, CpuContext& context) {
  return value_loss(op, context);
}

}  // namespace belfry::cpu
