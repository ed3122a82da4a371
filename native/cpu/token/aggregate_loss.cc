// aggregate_loss: loss = Σ W x, one pass after the count of the mask (spec 5.1, verl's agg_loss).
// Bytes per token: read 4 + mask, write 4 for the weights; 2 flops.
#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

template <class T>
Status aggregate_loss(const AggregateLoss<T>& op, CpuContext& context) {
  TokenLossCall<T, math::AggregateRule<T>> call{};
  call.tokens[0] = op.values.begin();
  call.grad = data_of(op.weights);
  set_padded(call, op, op.values, context);
  const TokenLossSums sums = run_token_loss(call, context);
  if (context.stopped()) return aborted();
  put(op.loss, sums.loss);
  return {};
}

}  // namespace

template <>
Status run(const AggregateLoss<float>& op, CpuContext& context) {
  return aggregate_loss(op, context);
}
template <>
Status run(const AggregateLoss<double>& op, CpuContext& context) {
  return aggregate_loss(op, context);
}

}  // namespace belfry::cpu
