#include "cpu/token/valid_tokens.h"

#include <algorithm>

#define BELFRY_TARGET_FILE "cpu/token/valid_tokens-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

// Valid tokens of each row.
int64_t* count_rows(const math::FlagReader& mask, const TokenRows& layout, CpuContext& context) {
  const auto count = BELFRY_DISPATCH(count_flags);
  int64_t* counts = context.scratch<int64_t>(layout.rows);
  context.parallel(layout.rows, chunk_for(layout.length), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) {
      counts[row] =
          mask.given() ? count(mask, layout.begin(row), layout.count(row)) : layout.count(row);
    }
  });
  return counts;
}

int64_t count_all(const math::FlagReader& mask, int64_t total, CpuContext& context) {
  if (!mask.given()) return total;
  const auto count = BELFRY_DISPATCH(count_flags);
  const int64_t pieces = (total + kTokenSegment - 1) / kTokenSegment;
  int64_t* counts = context.scratch<int64_t>(pieces);
  std::fill_n(counts, pieces, 0);
  context.parallel(pieces, chunk_for(kTokenSegment), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i * kTokenSegment;
      counts[i] = count(mask, first, std::min(kTokenSegment, total - first));
    }
  });
  int64_t sum = 0;
  for (int64_t i = 0; i < pieces; ++i) sum += counts[i];
  return sum;
}

}  // namespace

TokenRows packed_rows(const int32_t* offsets, int64_t rows) {
  TokenRows layout{rows, 0, offsets, offsets[rows]};
  for (int64_t row = 0; row < rows; ++row) {
    layout.length = std::max(layout.length, layout.count(row));
  }
  return layout;
}

TokenWeights token_weights(const math::AggregationDivisor& divisor, const math::FlagReader& mask,
                           const TokenRows& layout, CpuContext& context) {
  TokenWeights weights;
  if (!divisor.by_sequences && !divisor.by_row_length) {
    weights.tokens = count_all(mask, layout.total, context);
    weights.weight = divisor.weight(weights.tokens, 0, 0);
    return weights;
  }
  const int64_t* counts = count_rows(mask, layout, context);
  if (context.stopped()) return weights;  // not all were counted
  for (int64_t row = 0; row < layout.rows; ++row) {
    weights.tokens += counts[row];
    weights.sequences += counts[row] > 0;
  }
  weights.weight = divisor.weight(weights.tokens, weights.sequences, layout.length);
  const bool alike = !mask.given() && !layout.offsets;
  if (!divisor.by_row_length || alike) return weights;
  double* row_weights = context.scratch<double>(layout.rows);
  for (int64_t row = 0; row < layout.rows; ++row) {
    row_weights[row] = divisor.weight(weights.tokens, weights.sequences, counts[row]);
  }
  weights.row_weights = row_weights;
  return weights;
}

}  // namespace belfry::cpu
