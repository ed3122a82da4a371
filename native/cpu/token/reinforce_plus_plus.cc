// reinforce_plus_plus: discounted returns, whitened over the valid tokens (arXiv 2501.03262).
//
// Bytes per token: read 4 + mask, write 4; then as masked_whiten, 12.
#include "cpu/run.h"
#include "cpu/token/gae_sequences.h"
#include "cpu/token/whiten.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

template <class T>
Status reinforce_plus_plus(const ReinforcePlusPlus<T>& op, CpuContext& context) {
  const auto mask = math::read_flags(op.mask, true);
  const int64_t size = op.rewards.size();
  T* returns = op.returns ? op.returns.begin() : context.scratch<T>(size);
  gae_padded_rows(op.rewards.dims[0], op.rewards.dims[1], mask, context, [&](int64_t row) {
    GaeSequence<T> sequence = return_sequence(op.rewards, row, op.gamma);
    sequence.returns = returns + sequence.first;
    sequence.reset_masked = op.at_masked == AtMasked::reset;
    return sequence;
  });
  if (op.advantages && !context.stopped()) {
    const math::Moments moments = valid_moments<T>(returns, size, mask, context);
    const math::WhitenLine line = math::whiten_line(moments, {});
    apply_line<T>(returns, size, mask, line, op.advantages.begin(), context);
  }
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const ReinforcePlusPlus<float>& op, CpuContext& context) {
  return reinforce_plus_plus(op, context);
}
template <>
Status run(const ReinforcePlusPlus<double>& op, CpuContext& context) {
  return reinforce_plus_plus(op, context);
}

}  // namespace belfry::cpu
