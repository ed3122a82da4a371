// A loss over pairs of segments: a thread for each pair, or a warp where segments are long.
#pragma once

#include "cuda/losses/loss_rows.cuh"
#include "math/segment_pairs.h"

namespace belfry::cuda {

template <class T, class Pairs>
Status pair_loss(const PreferencePart<T>& op, const Pairs& pairs, int64_t row_length,
                 const char* step, CudaContext& context) {
  const int64_t count = op.labels.dims[0];
  const StoreMean<T> store{math::inverse_count(count), 0, count, wanted(op.loss), nullptr, nullptr};
  return sum_rows(pairs, count, rows_by(row_length), store, step, context);
}

}  // namespace belfry::cuda
