// One pass over the tokens of a batch for any loss of math/token_losses.h: a thread per token, one
// partial sum per block, which a last block combines. All sums are float64 in an order that depends
// on the sizes only.
#pragma once

#include "cuda/token/valid_tokens.cuh"
#include "math/token_losses.h"

namespace belfry::cuda {

template <class T, class Rule>
struct TokenLossCall {
  Rule rule;
  const T* tokens[4] = {};  // null: zeros
  const T* rows[3] = {};
  math::FlagReader mask = {}, flags = {};
  T *grad = nullptr, *extra = nullptr;  // null: not wanted
  math::TokenRows layout = {};
  TokenWeights weights = {};
  double weight = 1;  // where `weights` count nothing
};

// Null: not wanted.
template <class T>
struct TokenLossOutputs {
  T *loss = nullptr, *clip_fraction = nullptr;
  double* exact_loss = nullptr;
};

struct TokenLossSums {
  double loss, clipped;
};
struct AddTokenLosses {
  __device__ TokenLossSums operator()(const TokenLossSums& a, const TokenLossSums& b) const {
    return {a.loss + b.loss, a.clipped + b.clipped};
  }
};

template <class T, class Rule>
__device__ void token_loss_at(const TokenLossCall<T, Rule>& call, int64_t i, int64_t row,
                              double weight, TokenLossSums& sums) {
  T x[Rule::kTokens], of_row[Rule::kRows + 1];
#pragma unroll
  for (int k = 0; k < Rule::kTokens; ++k) x[k] = call.tokens[k] ? call.tokens[k][i] : T(0);
#pragma unroll
  for (int k = 0; k < Rule::kRows; ++k) of_row[k] = call.rows[k][row];
  const auto term = math::token_term(call.rule, x, of_row, call.flags(i));
  sums.loss += static_cast<double>(term.loss) * weight;
  sums.clipped += term.clipped ? 1 : 0;
  if (call.grad) call.grad[i] = term.grad * static_cast<T>(weight);
  if (call.extra) call.extra[i] = term.extra;
}

template <class T, class Rule>
__global__ void token_loss_tokens(TokenLossCall<T, Rule> call, TokenLossSums* parts) {
  __shared__ TokenLossSums shared[kWarpSize];
  const bool by_row = call.weights.divisor.by_row_length;
  double weight = call.weight;
  if (call.weights.valid && !by_row) weight = call.weights.of(0);
  TokenLossSums sums{0, 0};
  for (int64_t i : grid_stride(call.layout.total)) {
    if (call.mask(i)) {
      int64_t row = 0;
      if (Rule::kRows > 0 || by_row) row = call.layout.row_of(i);
      if (by_row) weight = call.weights.of(row);
      token_loss_at(call, i, row, weight, sums);
    } else {
      if (call.grad) call.grad[i] = T(0);
      if (call.extra) call.extra[i] = T(0);
    }
  }
  sums = block_reduce(sums, AddTokenLosses(), TokenLossSums{0, 0}, shared);
  if (threadIdx.x == 0) parts[blockIdx.x] = sums;
}

// One block.
template <class T>
__global__ void token_loss_outputs(const TokenLossSums* parts, int64_t num_parts,
                                   const ValidTokens* valid, TokenLossOutputs<T> outputs) {
  __shared__ TokenLossSums shared[kWarpSize];
  TokenLossSums sums{0, 0};
  for (int64_t i : thread_stride(num_parts)) sums = AddTokenLosses()(sums, parts[i]);
  sums = block_reduce(sums, AddTokenLosses(), TokenLossSums{0, 0}, shared);
  if (threadIdx.x != 0) return;
  const double tokens = valid ? static_cast<double>(valid->tokens) : 0;
  put(outputs.loss, sums.loss);
  put(outputs.exact_loss, sums.loss);
  put(outputs.clip_fraction, tokens > 0 ? sums.clipped / tokens : 0);
}

template <class T, class Rule>
Status run_token_loss(const TokenLossCall<T, Rule>& call, const TokenLossOutputs<T>& outputs,
                      CudaContext& context) {
  constexpr int64_t kMost = 1024;
  const int64_t blocks = (call.layout.total + kTokenThreads - 1) / kTokenThreads;
  const int64_t num_parts = blocks < kMost ? blocks : kMost;
  auto* parts = context.scratch<TokenLossSums>(num_parts);
  if (!parts) return context.failure();
  const LaunchShape shape{dim3(static_cast<unsigned>(num_parts)), dim3(kTokenThreads)};
  const Status passed = device_status(
      launch(token_loss_tokens<T, Rule>, shape, context.stream(), call, parts), "token loss");
  if (!passed.ok()) return passed;
  return device_status(launch(token_loss_outputs<T>, LaunchShape{dim3(1), dim3(kTokenThreads)},
                              context.stream(), parts, num_parts, call.weights.valid, outputs),
                       "token loss");
}

// The mask, layout and weights of an op with padded operands; `first` is one of them.
template <class T, class Rule, class Op>
Status set_padded(TokenLossCall<T, Rule>& call, const Op& op, const In<T, 2>& first,
                  const math::AggregationDivisor& divisor, CudaContext& context) {
  call.mask = math::read_flags(op.mask, true);
  call.layout = math::padded_rows(first.dims[0], first.dims[1]);
  call.weights.divisor = divisor;
  return count_valid(call.mask, call.layout, call.weights, context);
}

template <class T>
math::AggregationDivisor divisor_of(const AggregationOptions& options, const In<T, 2>& first) {
  return math::aggregation_divisor(options, first.dims[0], first.dims[1]);
}

}  // namespace belfry::cuda
