// discounted_returns: R_t = r_t + γ R_{t+1} over the valid tokens, on the recurrence of gae.
//
// Bytes per token: read 4 + mask, write 4; 2 flops.
#include "cpu/run.h"
#include "cpu/token/gae_sequences.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

template <class T>
Status discounted_returns(const DiscountedReturns<T>& op, CpuContext& context) {
  if (!op.returns) return {};
  const auto mask = math::read_flags(op.mask, true);
  gae_padded_rows(op.rewards.dims[0], op.rewards.dims[1], mask, context, [&](int64_t row) {
    GaeSequence<T> sequence = return_sequence(op.rewards, row, op.gamma);
    sequence.returns = op.returns.begin() + sequence.first;
    sequence.reset_masked = op.at_masked == AtMasked::reset;
    return sequence;
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const DiscountedReturns<float>& op, CpuContext& context) {
  return discounted_returns(op, context);
}
template <>
Status run(const DiscountedReturns<double>& op, CpuContext& context) {
  return discounted_returns(op, context);
}

}  // namespace belfry::cpu
