// kl_shaped_rewards: r = −β KL at valid tokens, the score at the last one; the mean KL of the batch
// is a by-product of the pass and, where it is subtracted, added in a second one (spec 4.1).
// Bytes per token: read 8 + mask, write 4 (8 more with center: 'batch').
#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

// The last valid token of a row, or -1.
int64_t last_valid(const math::FlagReader& mask, const TokenRows& layout, int64_t row) {
  for (int64_t i = layout.begin(row) + layout.count(row) - 1; i >= layout.begin(row); --i) {
    if (mask(i)) return i;
  }
  return -1;
}

template <class T, int R>
Status kl_shaped_rewards(const KlShapedRewardsForm<T, R>& op, const TokenRows& layout,
                         CpuContext& context) {
  if (!op.rewards) return {};
  TokenLossCall<T, math::KlRule<T>> call{math::kl_rule<T>(op.kind, op.clamp, op.kl_max, -op.beta)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.ref_log_probs.begin();
  call.extra = op.rewards.begin();
  call.mask = math::read_flags(op.mask, true);
  call.layout = layout;
  math::AggregationDivisor divisor;
  divisor.by_tokens = true;
  call.weights = token_weights(divisor, call.mask, layout, context);
  const double mean = run_token_loss(call, context).loss;
  const T shift = op.center == KlCenter::batch ? static_cast<T>(mean) : T(0);
  context.parallel(layout.rows, chunk_for(layout.length), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t first = layout.begin(row), stop = first + layout.count(row);
      for (int64_t i = first; shift != 0 && i < stop; ++i) {
        if (call.mask(i)) op.rewards[i] -= shift;
      }
      const int64_t last = last_valid(call.mask, layout, row);
      if (last >= 0) op.rewards[last] += op.scores[row];
    }
  });
  return context.stopped() ? aborted() : Status{};
}

template <class T>
Status padded(const KlShapedRewards<T>& op, CpuContext& context) {
  const TokenRows layout = math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]);
  return kl_shaped_rewards(op, layout, context);
}

template <class T>
Status packed(const KlShapedRewardsPacked<T>& op, CpuContext& context) {
  const TokenRows layout = packed_rows(op.cu_seqlens.begin(), op.cu_seqlens.dims[0] - 1);
  return kl_shaped_rewards(op, layout, context);
}

}  // namespace

template <>
Status run(const KlShapedRewards<float>& op, CpuContext& context) {
  return padded(op, context);
}
template <>
Status run(const KlShapedRewards<double>& op, CpuContext& context) {
  return padded(op, context);
}

template <>
Status run(const KlShapedRewardsPacked<float>& op, CpuContext& context) {
  return packed(op, context);
}
template <>
Status run(const KlShapedRewardsPacked<double>& op, CpuContext& context) {
  return packed(op, context);
}

}  // namespace belfry::cpu
