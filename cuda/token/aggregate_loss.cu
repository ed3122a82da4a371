// aggregate_loss: bytes per token: read 4 + mask, write 4 for the weights.
#include "cuda/token/token_losses.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status aggregate_loss(const AggregateLoss<T>& op, CudaContext& context) {
  TokenLossCall<T, math::AggregateRule<T>> call{};
  call.tokens[0] = op.values.begin();
  call.grad = pointer(op.weights);
  const Status status = set_padded(call, op, op.values, divisor_of(op, op.values), context);
  if (!status.ok()) return status;
  return run_token_loss(call, TokenLossOutputs<T>{pointer(op.loss)}, context);
}

}  // namespace

template <>
Status run(const AggregateLoss<float>& op, CudaContext& context) {
  return aggregate_loss(op, context);
}
template <>
Status run(const AggregateLoss<double>& op, CudaContext& context) {
  return aggregate_loss(op, context);
}

}  // namespace belfry::cuda
