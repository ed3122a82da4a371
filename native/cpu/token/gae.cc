// gae: one reverse recurrence per row, rows in groups over the threads.
#include "cpu/run.h"
#include "cpu/token/gae_sequences.h"
#include "math/returns.h"
#include "ops/token/core.h"

namespace belfry::cpu {

namespace {

// λ of one row: given, or 'length-adaptive' from the number of valid tokens.
template <class T>
double row_lambda(const Gae<T>& op, const math::FlagReader& mask, int64_t row, int64_t length) {
  if (!op.lambda.is(LambdaRule::length_adaptive)) return op.lambda.value;
  int64_t valid = length;
  if (mask.given()) {
    valid = 0;
    for (int64_t t = 0; t < length; ++t) valid += mask(row * length + t);
  }
  return math::length_adaptive_lambda(op.alpha, static_cast<double>(valid));
}

template <class T>
GaeSequence<T> row_sequence(const Gae<T>& op, const math::FlagReader& mask, int64_t row) {
  const int64_t length = op.rewards.dims[1];
  const int64_t first = row * length;
  GaeSequence<T> sequence;
  sequence.rewards = op.rewards.begin() + first;
  sequence.values = op.values.begin() + first;
  if (op.gamma_tokens) sequence.gammas = op.gamma_tokens.begin() + first;
  if (op.lambda_tokens) sequence.lambdas = op.lambda_tokens.begin() + first;
  if (op.advantages) sequence.advantages = op.advantages.begin() + first;
  if (op.returns) sequence.returns = op.returns.begin() + first;
  sequence.length = length;
  sequence.first = first;
  sequence.bootstrap = op.bootstrap_values ? static_cast<double>(op.bootstrap_values[row]) : 0;
  sequence.gamma = op.gamma;
  sequence.lambda = row_lambda(op, mask, row, length);
  if (op.lambda_per_sequence) op.lambda_per_sequence[row] = static_cast<T>(sequence.lambda);
  return sequence;
}

template <class T>
Status gae(const Gae<T>& op, CpuContext& context) {
  const auto mask = math::read_flags(op.mask, true);
  gae_padded_rows(op.rewards.dims[0], op.rewards.dims[1], mask, context,
                  [&](int64_t row) { return row_sequence(op, mask, row); });
  return {};
}

}  // namespace

template <>
Status run(const Gae<float>& op, CpuContext& context) {
  return gae(op, context);
}
template <>
Status run(const Gae<double>& op, CpuContext& context) {
  return gae(op, context);
}

}  // namespace belfry::cpu
