// value_loss: bytes per token: read 12 + mask, write 4.
#include "cuda/token/token_losses.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status value_loss(const ValueLoss<T>& op, CudaContext& context) {
  if (const Status checked = math::check_value_loss(op); !checked.ok()) return checked;
  TokenLossCall<T, math::ValueRule<T>> call{math::value_rule(op)};
  call.tokens[0] = op.values.begin();
  call.tokens[1] = op.returns.begin();
  call.tokens[2] = pointer(op.old_values);
  call.grad = pointer(op.grad_values);
  const Status status = set_padded(call, op, op.values, divisor_of(op, op.values), context);
  if (!status.ok()) return status;
  return run_token_loss(call, TokenLossOutputs<T>{pointer(op.loss), pointer(op.clip_fraction)},
                        context);
}

}  // namespace

template <>
Status run(const ValueLoss<float>& op, CudaContext& context) {
  return value_loss(op, context);
}
template <>
Status run(const ValueLoss<double>& op, CudaContext& context) {
  return value_loss(op, context);
}

}  // namespace belfry::cuda
