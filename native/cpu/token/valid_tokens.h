// Counts of the valid tokens, and the weights that make one number of the tokens' losses.
#pragma once

#include "cpu/context.h"
#include "math/flags.h"
#include "math/surrogate.h"
#include "math/token_rows.h"

namespace belfry::cpu {

using math::TokenRows;

// Tokens of a segment, which lies inside a row.
constexpr int64_t kTokenSegment = 16384;

inline int64_t segments_per_row(const TokenRows& layout) {
  return (layout.length + kTokenSegment - 1) / kTokenSegment;
}

TokenRows packed_rows(const int32_t* offsets, int64_t rows);

struct TokenWeights {
  int64_t tokens = 0, sequences = 0;    // valid ones; sequences that have one
  double weight = 0;                    // W of every token, or
  const double* row_weights = nullptr;  // of every token of a row

  double of(int64_t row) const { return row_weights ? row_weights[row] : weight; }
};

// Incomplete when the caller stopped the call.
TokenWeights token_weights(const math::AggregationDivisor& divisor, const math::FlagReader& mask,
                           const TokenRows& layout, CpuContext& context);

}  // namespace belfry::cpu
