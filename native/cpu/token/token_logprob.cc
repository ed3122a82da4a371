// token_logprob: the softmax sums of each row in one pass over its logits, rows over the threads.
#include "cpu/run.h"
#include "cpu/token/logits_rows.h"
#include "ops/token/core.h"

namespace belfry::cpu {

namespace {

template <class T>
RowSums wanted_sums(const TokenLogprob<T>& op) {
  if (op.sum_pi_squared) return RowSums::all;
  return op.entropy ? RowSums::entropy : RowSums::normaliser;
}

template <class T>
struct Forward {
  const TokenLogprob<T>& op;
  LogitRows rows;
  ExcludedRow excluded;

  bool skip(int64_t row) const { return op.labels[row] == op.ignore_index; }
  void left_out(int64_t row) const { write(row, 0, 0, 0, 0); }
  void finish(int64_t row, const RowLogSumExp& sums) {
    if (sums.empty()) return excluded.note(row);
    const double scale = rows.inverse_temperature;
    write(row, math::log_probability(sums, capped_logit(rows, row, op.labels[row]), scale),
          math::entropy(sums, scale), math::log_sum_exp(sums, scale),
          math::sum_of_squared_probabilities(sums));
  }

  void write(int64_t row, double log_prob, double entropy, double logsumexp, double squares) const {
    if (op.log_probs) op.log_probs[row] = static_cast<T>(log_prob);
    if (op.entropy) op.entropy[row] = static_cast<T>(entropy);
    if (op.logsumexp) op.logsumexp[row] = static_cast<T>(logsumexp);
    if (op.sum_pi_squared) op.sum_pi_squared[row] = static_cast<T>(squares);
  }
};

template <class T>
Status token_logprob(const TokenLogprob<T>& op, CpuContext& context) {
  Forward<T> work{op, logit_rows(op), {}};
  for_each_row<T>(work.rows, wanted_sums(op), context, work);
  if (context.stopped()) return aborted();
  return work.excluded.status();
}

}  // namespace

template <>
Status run(const TokenLogprob<float>& op, CpuContext& context) {
  return token_logprob(op, context);
}
template <>
Status run(const TokenLogprob<double>& op, CpuContext& context) {
  return token_logprob(op, context);
}

}  // namespace belfry::cpu
