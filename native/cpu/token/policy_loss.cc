// policy_loss: one pass counts the valid tokens, which gives the weights; kinds with a ratio of the
// sequence sum their rows; a last pass makes loss, gradient and statistics. Rows are cut into
// segments; partial sums are combined in the order of the segments.
#include <algorithm>

#include "cpu/run.h"
#include "cpu/token/policy_tokens.h"
#include "ops/token/core.h"

namespace belfry::cpu {

// Over the valid tokens of a run of segments; `loss` is weighted.
struct PolicySums {
  double loss = 0, clipped = 0, lower = 0, log_ratio = 0, ratio = 0;
  double ratio_min = std::numeric_limits<double>::infinity();
  double ratio_max = -std::numeric_limits<double>::infinity();

  void add(const PolicySums& other) {
    loss += other.loss;
    clipped += other.clipped;
    lower += other.lower;
    log_ratio += other.log_ratio;
    ratio += other.ratio;
    ratio_min = std::min(ratio_min, other.ratio_min);
    ratio_max = std::max(ratio_max, other.ratio_max);
  }
};

}  // namespace belfry::cpu

#define BELFRY_TARGET_FILE "cpu/token/policy_loss-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

// Valid tokens of the batch and, when the weights need them, of each row.
struct ValidTokens {
  int64_t tokens = 0, sequences = 0;
  const int64_t* rows = nullptr;  // null: not needed, or all the same
};

template <class T>
ValidTokens count_valid(const PolicyTokens<T>& call, int64_t rows, bool by_row,
                        CpuContext& context) {
  const int64_t total = rows * call.length;
  if (!call.mask.given()) return {total, call.length > 0 ? rows : 0, nullptr};
  const int64_t unit = by_row ? call.length : kPolicySegment;
  const int64_t units = (total + unit - 1) / unit;
  const auto count = BELFRY_DISPATCH(count_flags);
  int64_t* counts = context.scratch<int64_t>(units);
  context.parallel(units, chunk_for(unit), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      counts[i] = count(call.mask, i * unit, std::min(unit, total - i * unit));
    }
  });
  ValidTokens valid;
  if (context.stopped()) return valid;  // not all were counted
  for (int64_t i = 0; i < units; ++i) {
    valid.tokens += counts[i];
    valid.sequences += counts[i] > 0;
  }
  if (by_row) valid.rows = counts;
  return valid;
}

template <class T>
void set_weights(const math::AggregationDivisor& divisor, const ValidTokens& valid, int64_t rows,
                 PolicyTokens<T>& call, CpuContext& context) {
  call.weight = divisor.weight(valid.tokens, valid.sequences, call.length);
  if (!divisor.by_row_length || !valid.rows) return;
  double* weights = context.scratch<double>(rows);
  for (int64_t row = 0; row < rows; ++row) {
    weights[row] = divisor.weight(valid.tokens, valid.sequences, valid.rows[row]);
  }
  call.row_weights = weights;
}

// Without anything that belongs to a row, the batch is one long row. Returns the number of rows.
template <class T>
int64_t set_rows(int64_t rows, PolicyTokens<T>& call) {
  if (call.length == 1) call.advantage_per_row = false;
  const bool alike = !call.sequence_weights && !call.row_weights && !call.sequences;
  if (!call.advantage_per_row && alike) {
    call.length *= rows;
    rows = 1;
  }
  call.segments_per_row = (call.length + kPolicySegment - 1) / kPolicySegment;
  return rows;
}

template <class T>
PolicyTokens<T> policy_tokens(const PolicyLoss<T>& op) {
  PolicyTokens<T> call{};
  call.log_probs = op.log_probs.begin();
  call.old_log_probs = op.old_log_probs.begin();
  call.advantages = op.advantages.begin();
  if (op.importance_weights) call.importance_weights = op.importance_weights.begin();
  if (op.sequence_weights) call.sequence_weights = op.sequence_weights.begin();
  if (op.kl_coef != 0) call.ref_log_probs = op.ref_log_probs.begin();
  if (op.entropy_coef != 0) call.entropy = op.entropy.begin();
  if (op.grad_log_probs) call.grad = op.grad_log_probs.begin();
  call.mask = math::read_flags(op.mask, true);
  call.advantage_per_row = op.advantages.rank == 1;
  call.length = op.log_probs.dims[1];
  call.entropy_coef = static_cast<T>(op.entropy_coef);
  call.settings = math::surrogate_settings(op);
  return call;
}

template <class T>
void set_sequences(int64_t rows, PolicyTokens<T>& call, CpuContext& context) {
  const PolicyLossKind kind = call.settings.kind;
  if (!math::has_sequence_ratio(kind)) return;
  auto* terms = context.scratch<math::SequenceTerm<T>>(rows);
  const auto sum = BELFRY_DISPATCH(sum_sequence<T>);
  context.parallel(rows, chunk_for(4 * call.length), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) {
      terms[row] = math::sequence_term<T>(sum(call, row), kind);
    }
  });
  call.sequences = terms;
}

template <class T>
bool set_selection(const PolicyLoss<T>& op, int64_t rows, PolicyTokens<T>& call,
                   CpuContext& context) {
  if (!math::selects_tokens(call.settings.kind)) return true;
  uint8_t* selected =
      op.dropped ? op.dropped.begin() : context.scratch<uint8_t>(rows * call.length);
  call.selected = selected;
  return select_tokens(op, call, rows, selected, context);
}

template <class T>
PolicySums sum_segments(const PolicyTokens<T>& call, int64_t rows, CpuContext& context) {
  const int64_t segments = rows * call.segments_per_row;
  const int64_t chunk = call.length < kPolicySegment ? chunk_for(call.length, kPolicySegment) : 1;
  const int64_t chunks = (segments + chunk - 1) / chunk;
  PolicySums* parts = context.scratch<PolicySums>(chunks);
  const bool ppo = call.settings.kind == PolicyLossKind::ppo_clip;
  const auto run_segments = ppo ? BELFRY_DISPATCH(policy_loss_segments<T, true>)
                                : BELFRY_DISPATCH(policy_loss_segments<T, false>);
  context.parallel(segments, chunk, [&](int64_t begin, int64_t end, int64_t index) {
    run_segments(call, begin, end, parts + index);
  });
  PolicySums sums;
  if (context.stopped()) return sums;  // not every part was made
  for (int64_t i = 0; i < chunks; ++i) sums.add(parts[i]);
  return sums;
}

template <class T>
void put(const Out<T, 0>& output, double value) {
  if (output) output[0] = static_cast<T>(value);
}

template <class T>
void write_statistics(const PolicyLoss<T>& op, const PolicySums& sums, int64_t tokens) {
  const double share = tokens > 0 ? 1 / static_cast<double>(tokens) : 0;
  // Minimum and maximum pass over a NaN; the sum keeps it.
  const bool not_a_number = sums.ratio != sums.ratio;
  put(op.clip_fraction, sums.clipped * share);
  put(op.clip_fraction_lower, sums.lower * share);
  put(op.approx_kl, -sums.log_ratio * share);
  put(op.ratio_mean, sums.ratio * share);
  put(op.ratio_min, tokens == 0 ? 0 : not_a_number ? sums.ratio : sums.ratio_min);
  put(op.ratio_max, tokens == 0 ? 0 : not_a_number ? sums.ratio : sums.ratio_max);
}

template <class T>
Status policy_loss(const PolicyLoss<T>& op, CpuContext& context) {
  if (Status status = math::check_policy_loss(op); !status.ok()) return status;
  PolicyTokens<T> call = policy_tokens(op);
  int64_t rows = op.log_probs.dims[0];
  const math::AggregationDivisor divisor = math::aggregation_divisor(op);
  const bool by_row = divisor.by_sequences || divisor.by_row_length;
  const ValidTokens valid = count_valid(call, rows, by_row, context);
  set_weights(divisor, valid, rows, call, context);
  set_sequences(rows, call, context);
  if (!set_selection(op, rows, call, context)) return aborted();
  rows = set_rows(rows, call);
  const PolicySums sums = sum_segments(call, rows, context);
  if (context.stopped()) return aborted();
  put(op.loss, sums.loss);
  write_statistics(op, sums, valid.tokens);
  return {};
}

}  // namespace

template <>
Status run(const PolicyLoss<float>& op, CpuContext& context) {
  return policy_loss(op, context);
}
template <>
Status run(const PolicyLoss<double>& op, CpuContext& context) {
  return policy_loss(op, context);
}

}  // namespace belfry::cpu
