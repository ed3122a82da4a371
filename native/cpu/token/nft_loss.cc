// nft_loss: −ln of the ratio for right answers, −ln of the implicit negative ratio for wrong ones
// (arXiv 2505.18116). With the ratio of the sequence: one ℓ each, in float64, then its slope to all
// valid tokens. Bytes per token: read 8 + mask, write 4; about 60 flops, four transcendentals.
#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

template <class T>
void set_rows(const NftLoss<T>& op, TokenLossCall<T, math::NftRule<T>>& call, int64_t rows,
              CpuContext& context) {
  T* of_row = context.scratch<T>(3 * rows);
  for (int64_t row = 0; row < rows; ++row) {
    const math::NftRow values = math::nft_row(op, row);
    of_row[row] = static_cast<T>(values.positive);
    of_row[rows + row] = static_cast<T>(values.negative);
    of_row[2 * rows + row] = static_cast<T>(values.odds);
  }
  for (int k = 0; k < 3; ++k) call.rows[k] = of_row + k * rows;
}

template <class T>
Status by_token(const NftLoss<T>& op, CpuContext& context) {
  TokenLossCall<T, math::NftRule<T>> call{math::nft_rule<T>(op)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.old_log_probs.begin();
  call.grad = data_of(op.grad_log_probs);
  call.mask = math::read_flags(op.mask, true);
  call.layout = math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]);
  call.weights.weight = 1 / op.divisor;
  set_rows(op, call, call.layout.rows, context);
  const TokenLossSums sums = run_token_loss(call, context);
  if (context.stopped()) return aborted();
  put(op.loss, sums.loss);
  return {};
}

// Returns ℓ of the row, 0 without a valid token.
template <class T>
double sequence_loss(const NftLoss<T>& op, const math::FlagReader& mask, int64_t row) {
  const int64_t length = op.log_probs.dims[1], first = row * length;
  double log_ratio = 0;
  bool any = false;
  for (int64_t i = first; i < first + length; ++i) {
    if (!mask(i)) continue;
    any = true;
    log_ratio += static_cast<double>(op.log_probs[i]) - static_cast<double>(op.old_log_probs[i]);
  }
  const math::NftRow values = math::nft_row(op, row);
  const double x[2] = {log_ratio, 0};
  const double of_row[3] = {values.positive, values.negative, values.odds};
  const auto term = math::token_term(math::nft_rule<double>(op), x, of_row, false);
  if (op.grad_log_probs) {
    const T grad = static_cast<T>(term.grad / op.divisor);
    for (int64_t i = first; i < first + length; ++i) op.grad_log_probs[i] = mask(i) ? grad : T(0);
  }
  return any ? term.loss : 0;
}

template <class T>
Status by_sequence(const NftLoss<T>& op, CpuContext& context) {
  const int64_t rows = op.log_probs.dims[0];
  const math::FlagReader mask = math::read_flags(op.mask, true);
  double* losses = context.scratch<double>(rows);
  context.parallel(rows, chunk_for(4 * op.log_probs.dims[1]),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) {
                       losses[row] = sequence_loss(op, mask, row);
                     }
                   });
  if (context.stopped()) return aborted();
  double sum = 0;
  for (int64_t row = 0; row < rows; ++row) sum += losses[row];
  put(op.loss, sum / op.divisor);
  return {};
}

template <class T>
Status nft_loss(const NftLoss<T>& op, CpuContext& context) {
  return op.ratio == NftRatio::token ? by_token(op, context) : by_sequence(op, context);
}

}  // namespace

template <>
Status run(const NftLoss<float>& op, CpuContext& context) {
  return nft_loss(op, context);
}
template <>
Status run(const NftLoss<double>& op, CpuContext& context) {
  return nft_loss(op, context);
}

}  // namespace belfry::cpu
