// td_lambda_returns: G_t = r_t + γ((1 − λ) V_{t+1} + λ G_{t+1}), which is A_t + V_t of gae.
//
// Bytes per token: read 8 + mask, write 4; 6 flops.
#include "cpu/run.h"
#include "cpu/token/gae_sequences.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

template <class T>
Status td_lambda_returns(const TdLambdaReturns<T>& op, CpuContext& context) {
  if (!op.returns) return {};
  const auto mask = math::read_flags(op.mask, true);
  gae_padded_rows(op.rewards.dims[0], op.rewards.dims[1], mask, context, [&](int64_t row) {
    GaeSequence<T> sequence = return_sequence(op.rewards, row, op.gamma);
    sequence.values = op.values.begin() + sequence.first;
    sequence.returns = op.returns.begin() + sequence.first;
    sequence.lambda = op.lambda;
    if (op.bootstrap_values) sequence.bootstrap = static_cast<double>(op.bootstrap_values[row]);
    return sequence;
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const TdLambdaReturns<float>& op, CpuContext& context) {
  return td_lambda_returns(op, context);
}
template <>
Status run(const TdLambdaReturns<double>& op, CpuContext& context) {
  return td_lambda_returns(op, context);
}

}  // namespace belfry::cpu
