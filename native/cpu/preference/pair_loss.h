// A loss over pairs of segments, of which each pair is a row.
#pragma once

#include "cpu/losses/loss_rows.h"
#include "math/segment_pairs.h"

namespace belfry::cpu {

template <class T, class Pairs>
Status pair_loss(const PreferencePart<T>& op, const Pairs& pairs, int64_t row_work,
                 CpuContext& context) {
  const int64_t count = op.labels.dims[0];
  const auto sums = sum_rows(pairs, count, row_work, context);
  if (op.loss) op.loss[0] = static_cast<T>(sums.loss * math::inverse_count(count));
  return finished(context);
}

}  // namespace belfry::cpu
