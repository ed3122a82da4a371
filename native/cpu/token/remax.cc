// remax: reward-to-go less the reward of the greedy rollout (arXiv 2310.10505), on the recurrence
// of gae. Bytes per token: read 4 + mask, write 8; 2 flops.
#include "cpu/run.h"
#include "cpu/token/gae_sequences.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

template <class T>
Status remax(const Remax<T>& op, CpuContext& context) {
  const auto mask = math::read_flags(op.mask, true);
  gae_padded_rows(op.rewards.dims[0], op.rewards.dims[1], mask, context, [&](int64_t row) {
    GaeSequence<T> sequence = return_sequence(op.rewards, row, 1);
    if (op.returns) sequence.returns = op.returns.begin() + sequence.first;
    if (op.advantages) sequence.advantages = op.advantages.begin() + sequence.first;
    sequence.baseline = static_cast<double>(op.baselines[row]);
    return sequence;
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const Remax<float>& op, CpuContext& context) {
  return remax(op, context);
}
template <>
Status run(const Remax<double>& op, CpuContext& context) {
  return remax(op, context);
}

}  // namespace belfry::cpu
