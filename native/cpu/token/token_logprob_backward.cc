// token_logprob_backward: per row one pass for the softmax sums and one for the gradient, which
// finds the row still in the second-level cache.
// Bytes per logit: read 4 (2 from half), write 4; about 30 operations.
#include "cpu/run.h"
#include "cpu/token/logits_rows.h"
#include "ops/token/core.h"

namespace belfry::cpu {

namespace {

// Gradients larger than this are written past the caches. (A half gradient is no faster that way.)
constexpr int64_t kStreamBytes = 4 << 20;

template <class T>
struct Backward {
  const TokenLogprobBackward<T>& op;
  LogitRows rows;
  GradientRows out;
  RowSums want;
  ExcludedRow excluded;

  explicit Backward(const TokenLogprobBackward<T>& o) : op(o), rows(logit_rows(o)) {
    const bool in_place = op.grad_logits.data == op.logits.data;
    const DType dtype = op.grad_logits.dtype;
    const bool large = op.grad_logits.size() * dtype_bytes(dtype) > kStreamBytes;
    out = {op.grad_logits.data, dtype, large && !in_place && dtype_bytes(dtype) >= 4};
    want = op.grad_entropy || op.entropy ? RowSums::entropy : RowSums::normaliser;
  }

  bool skip(int64_t row) const { return op.labels[row] == op.ignore_index; }
  double log_prob_gradient(int64_t row) const {
    return static_cast<double>(op.grad_log_probs[row]);
  }
  double entropy_gradient(int64_t row) const {
    return op.grad_entropy ? static_cast<double>(op.grad_entropy[row]) : 0;
  }

  void left_out(int64_t row) const {
    if (op.log_probs) op.log_probs[row] = 0;
    if (op.entropy) op.entropy[row] = 0;
    if (op.grad_logits) zero_gradient(rows, out, row);
  }

  math::SoftmaxGradient<double> gradient(int64_t row, const RowLogSumExp& sums) const {
    return math::softmax_gradient(sums, log_prob_gradient(row), entropy_gradient(row),
                                  rows.inverse_temperature);
  }

  // The label's entry and the by-products. The label's logit is read before anything is written,
  // for the gradient may lie where the logits do.
  void write_label(int64_t row, const RowLogSumExp& sums, double label_logit) const {
    const double log_prob = math::log_probability(sums, label_logit, rows.inverse_temperature);
    const double entropy =
        want == RowSums::entropy ? math::entropy(sums, rows.inverse_temperature) : 0;
    if (op.log_probs) op.log_probs[row] = static_cast<T>(log_prob);
    if (op.entropy) op.entropy[row] = static_cast<T>(entropy);
    if (!op.grad_logits || label_logit == math::kNegativeInfinity<double>) return;
    double g = math::label_gradient(log_prob, entropy, log_prob_gradient(row),
                                    entropy_gradient(row), rows.inverse_temperature);
    if (rows.softcap > 0) g *= math::soft_cap_slope(label_logit, rows.softcap);
    write_gradient(rows, out, row, op.labels[row], g);
  }

  double label_logit(int64_t row) const { return capped_logit(rows, row, op.labels[row]); }
};

// Whole rows: a row's gradient follows its sums at once.
template <class T>
void run_row(Backward<T>& work, int64_t row) {
  if (work.skip(row)) return work.left_out(row);
  const LogitRows& rows = work.rows;
  const RowLogSumExp sums = row_sums<T>(rows, row, work.want);
  if (sums.empty()) return work.excluded.note(row);
  const double label_logit = work.label_logit(row);
  const auto gradient = work.gradient(row, sums);
  // From the end: what was read last is the most likely to be in the cache.
  const int64_t pieces = work.op.grad_logits ? row_pieces(rows) : 0;
  for (int64_t piece = pieces - 1; piece >= 0; --piece) {
    piece_gradient<T>(rows, row, piece, sums, gradient, work.out);
  }
  work.write_label(row, sums, label_logit);
}

// Keeps the sums of the rows that get a gradient.
template <class T>
struct KeepSums {
  Backward<T>& work;
  RowLogSumExp* sums;

  bool skip(int64_t row) const { return work.skip(row); }
  void left_out(int64_t row) const {
    sums[row] = {};
    work.left_out(row);
  }
  void finish(int64_t row, const RowLogSumExp& row_sums) const {
    sums[row] = row_sums;
    if (row_sums.empty()) work.excluded.note(row);
  }
};

// Few rows: first the sums of all, then the gradient piece by piece.
template <class T>
void run_split(Backward<T>& work, CpuContext& context) {
  const LogitRows& rows = work.rows;
  RowLogSumExp* sums = context.scratch<RowLogSumExp>(rows.rows);
  double* label_logits = context.scratch<double>(rows.rows);
  KeepSums<T> keep{work, sums};
  for_each_row<T>(rows, work.want, context, keep);
  if (context.stopped()) return;
  for (int64_t row = 0; row < rows.rows; ++row) {
    label_logits[row] = sums[row].empty() ? 0 : work.label_logit(row);
  }
  const int64_t pieces = row_pieces(rows);
  context.parallel(work.op.grad_logits ? rows.rows * pieces : 0, 1,
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t i = begin; i < end; ++i) {
                       const int64_t row = i / pieces;
                       if (sums[row].empty()) continue;
                       piece_gradient<T>(rows, row, i % pieces, sums[row],
                                         work.gradient(row, sums[row]), work.out);
                     }
                   });
  for (int64_t row = 0; row < rows.rows; ++row) {
    if (!sums[row].empty()) work.write_label(row, sums[row], label_logits[row]);
  }
}

template <class T>
Status token_logprob_backward(const TokenLogprobBackward<T>& op, CpuContext& context) {
  Backward<T> work(op);
  if (few_rows(work.rows)) {
    run_split(work, context);
  } else {
    context.parallel(work.rows.rows, chunk_for(work.rows.width, 1'000'000),
                     [&](int64_t begin, int64_t end, int64_t) {
                       for (int64_t row = begin; row < end; ++row) run_row(work, row);
                     });
  }
  if (context.stopped()) return aborted();
  return work.excluded.status();
}

}  // namespace

template <>
Status run(const TokenLogprobBackward<float>& op, CpuContext& context) {
  return token_logprob_backward(op, context);
}
template <>
Status run(const TokenLogprobBackward<double>& op, CpuContext& context) {
  return token_logprob_backward(op, context);
}

}  // namespace belfry::cpu
