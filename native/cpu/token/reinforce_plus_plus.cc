// reinforce_plus_plus: discounted returns, whitened over the valid tokens (arXiv 2501.03262).
//
// Bytes per token: read 4 + mask, write 4; then as masked_whiten, 12.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/gae_sequences.h"
#include "cpu/token/whiten.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

// Whether all valid returns of a row are finite, as they are when its rewards are.
template <class T>
bool scorable(const T* returns, const math::FlagReader& mask, int64_t first, int64_t length) {
  for (int64_t i = first; i < first + length; ++i) {
    if (mask(i) && !std::isfinite(returns[i])) return false;
  }
  return true;
}

// The mask without the rows that cannot be scored, and itself where there are none.
template <class T>
math::FlagReader scorable_mask(const T* returns, const math::FlagReader& mask, int64_t rows,
                               int64_t length, CpuContext& context) {
  uint8_t* kept = context.scratch<uint8_t>(rows);
  context.parallel(rows, chunk_for(2 * length + 1), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) {
      kept[row] = scorable(returns, mask, row * length, length);
    }
  });
  if (context.stopped() || std::all_of(kept, kept + rows, [](uint8_t k) { return k != 0; })) {
    return mask;
  }
  uint8_t* flags = context.scratch<uint8_t>(rows * length);
  for (int64_t i = 0; i < rows * length; ++i) flags[i] = kept[i / length] && mask(i);
  math::FlagReader reader;
  reader.bytes = flags;
  return reader;
}

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
    const auto counted =
        scorable_mask<T>(returns, mask, op.rewards.dims[0], op.rewards.dims[1], context);
    const math::Moments moments = valid_moments<T>(returns, size, counted, context);
    const math::WhitenLine line = math::whiten_line(moments, {});
    apply_line<T>(returns, size, counted, line, op.advantages.begin(), context);
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
