// Rows are cut into segments; partial sums are combined in the order of the segments.
#include "cpu/token/token_losses.h"

#include <algorithm>

#define BELFRY_TOKEN_LOSSES_OF(instantiate, T)                                       \
  instantiate(T, AggregateRule) instantiate(T, KlRule) instantiate(T, ValueRule)     \
      instantiate(T, DecoupledRule) instantiate(T, NftRule) instantiate(T, CopoRule) \
          instantiate(T, OffPolicyRule)
#define BELFRY_TOKEN_LOSSES(instantiate)     \
  BELFRY_TOKEN_LOSSES_OF(instantiate, float) \
  BELFRY_TOKEN_LOSSES_OF(instantiate, double)

#define BELFRY_TARGET_FILE "cpu/token/token_lanes-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/token/token_losses-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T, class Rule>
TokenLossSums run_token_loss(const TokenLossCall<T, Rule>& shared, CpuContext& context) {
  TokenLossCall<T, Rule> call = shared;
  TokenRows& layout = call.layout;
  // Without anything that belongs to a row, the batch is one long row.
  if (Rule::kRows == 0 && !call.weights.row_weights) {
    layout = {1, layout.total, nullptr, layout.total};
  }
  const int64_t segments = layout.rows * segments_per_row(layout);
  const int64_t chunk = layout.length < kTokenSegment ? chunk_for(layout.length, kTokenSegment) : 1;
  const int64_t chunks = (segments + chunk - 1) / chunk;
  TokenLossSums* parts = context.scratch<TokenLossSums>(chunks);
  const auto run_segments = BELFRY_DISPATCH(token_loss_segments<T, Rule>);
  context.parallel(segments, chunk, [&](int64_t begin, int64_t end, int64_t index) {
    run_segments(call, begin, end, parts + index);
  });
  TokenLossSums sums;
  if (context.stopped()) return sums;  // not every part was made
  for (int64_t i = 0; i < chunks; ++i) {
    sums.loss += parts[i].loss;
    sums.clipped += parts[i].clipped;
  }
  return sums;
}

#define BELFRY_INSTANTIATE(T, Rule) \
  template TokenLossSums run_token_loss(const TokenLossCall<T, math::Rule<T>>&, CpuContext&);
BELFRY_TOKEN_LOSSES(BELFRY_INSTANTIATE)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu
