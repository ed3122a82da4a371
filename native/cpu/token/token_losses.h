// One pass over the tokens of a batch for any loss of math/token_losses.h.
#pragma once

#include "cpu/token/policy_tokens.h"
#include "math/token_losses.h"

namespace belfry::cpu {

template <class T, class Rule>
struct TokenLossCall {
  Rule rule;
  const T* tokens[4] = {};  // null: zeros
  const T* rows[3] = {};
  math::FlagReader mask = {}, flags = {};
  T *grad = nullptr, *extra = nullptr;  // null: not wanted
  TokenRows layout = {};
  TokenWeights weights = {};
};

// `loss` is weighted; `clipped` a count.
struct TokenLossSums {
  double loss = 0, clipped = 0;
};

// Incomplete when the caller stopped the call.
template <class T, class Rule>
TokenLossSums run_token_loss(const TokenLossCall<T, Rule>& call, CpuContext& context);

// The layout, weights and mask of an op with padded operands; `first` is one of them.
template <class T, class Rule, class Op>
void set_padded(TokenLossCall<T, Rule>& call, const Op& op, const In<T, 2>& first,
                CpuContext& context) {
  call.mask = math::read_flags(op.mask, true);
  call.layout = math::padded_rows(first.dims[0], first.dims[1]);
  call.weights = token_weights(math::aggregation_divisor(static_cast<const AggregationOptions&>(op),
                                                         call.layout.rows, call.layout.length),
                               call.mask, call.layout, context);
}

template <class T, int R>
void put(const Out<T, R>& output, double value) {
  if (output) output[0] = static_cast<T>(value);
}

}  // namespace belfry::cpu
