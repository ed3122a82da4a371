// Runs the row formula of a loss over a batch: rows over the threads, sums in the order of the
// pieces, whose size depends on the work of a row only.
#pragma once

#include "cpu/bellman/model.h"
#include "math/lanes.h"

namespace belfry::cpu {

template <class Rows>
math::LossSums sum_rows(const Rows& rows, int64_t count, int64_t row_work, CpuContext& context) {
  const int64_t chunk = chunk_for(row_work);
  const int64_t pieces = (count + chunk - 1) / chunk;
  auto* partial = context.scratch<math::LossSums>(pieces);
  context.parallel(count, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
    math::LossSums sums;
    for (int64_t row = begin; row < end; ++row) sums = sums + rows(row, math::OneLane{});
    partial[piece] = sums;
  });
  math::LossSums total;
  if (context.stopped()) return total;
  for (int64_t i = 0; i < pieces; ++i) total = total + partial[i];
  return total;
}

// A mean over `count` rows as the outputs `loss` and `count`.
template <class Op>
void write_mean(const Op& op, double sum, int64_t count) {
  using T = typename decltype(op.loss)::Element;
  if (op.loss) op.loss[0] = static_cast<T>(sum * math::inverse_count(count));
  if (op.count) op.count[0] = static_cast<int32_t>(count);
}

}  // namespace belfry::cpu
