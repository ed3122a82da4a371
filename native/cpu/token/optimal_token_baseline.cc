// optimal_token_baseline: reward-to-go less Σ G W/(Σ W + ε) over the group, position by position.
//
// First each row gets its prefix sums W and its returns G, rows over the threads; then each group
// is reduced down its columns, in pieces of columns. Bytes per token: read 16 + mask, write 8, and
// twice 16 of W and G; 1 exp and 12 flops.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/sample_groups.h"
#include "math/flags.h"
#include "math/token_baseline.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kColumns = 256;

struct Batch {
  int64_t rows, length;
  double *weights, *returns;  // W and G of each token
  int64_t* valid;             // tokens of each row; −1: a reward that cannot be scored
  math::FlagReader mask;
};

template <class T>
void prepare_row(const OptimalTokenBaseline<T>& op, const Batch& batch, int64_t row) {
  const int64_t first = row * batch.length, last = first + batch.length;
  double weight = 0;
  int64_t count = 0;
  for (int64_t i = first; i < last; ++i) {
    if (!batch.mask(i)) continue;
    const double iw = op.importance_weights ? static_cast<double>(op.importance_weights[i]) : 1;
    weight += math::baseline_weight(static_cast<double>(op.log_probs[i]),
                                    static_cast<double>(op.sum_pi_squared[i]), iw);
    batch.weights[i] = weight;
    count += 1;
  }
  double sum = 0;
  bool scorable = true;
  for (int64_t i = last - 1; i >= first; --i) {
    if (batch.mask(i)) {
      scorable = scorable && std::isfinite(op.rewards[i]);
      sum += static_cast<double>(op.rewards[i]);
      batch.returns[i] = sum;
    }
    if (op.returns) op.returns[i] = batch.mask(i) ? static_cast<T>(sum) : T(0);
  }
  batch.valid[row] = scorable ? count : -1;
}

template <class T>
void treat_columns(const OptimalTokenBaseline<T>& op, const Batch& batch, const int64_t* members,
                   int64_t count, int64_t begin, int64_t end) {
  math::BaselineColumn columns[kColumns];
  math::LongestMember longest;
  int64_t scorable = 0;
  for (int64_t m = 0; m < count; ++m) {
    longest.add(members[m], batch.valid[members[m]]);
    if (batch.valid[members[m]] < 0) continue;
    scorable += 1;
    for (int64_t t = begin; t < end; ++t) {
      const int64_t i = members[m] * batch.length + t;
      if (batch.mask(i)) columns[t - begin].add(batch.returns[i], batch.weights[i]);
    }
  }
  for (int64_t m = 0; m < count; ++m) {
    const int64_t row = members[m];
    for (int64_t t = begin; t < end; ++t) {
      const int64_t i = row * batch.length + t;
      double advantage = 0;
      if (batch.mask(i) && batch.valid[row] >= 0) {
        const bool without = scorable == 1 || (op.zero_tail && longest.alone(row, t));
        advantage =
            without ? batch.returns[i] : columns[t - begin].advantage(batch.returns[i], op.eps);
      }
      op.advantages[i] = static_cast<T>(advantage);
    }
  }
}

template <class T>
Status optimal_token_baseline(const OptimalTokenBaseline<T>& op, CpuContext& context) {
  Batch batch{op.rewards.dims[0],
              op.rewards.dims[1],
              nullptr,
              nullptr,
              nullptr,
              math::read_flags(op.mask, true)};
  batch.weights = context.scratch<double>(op.rewards.size());
  batch.returns = context.scratch<double>(op.rewards.size());
  batch.valid = context.scratch<int64_t>(batch.rows);
  const SampleGroups groups = group_samples(op.group_ids.begin(), batch.rows, context);
  context.parallel(batch.rows, chunk_for(40 * batch.length + 1),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) prepare_row(op, batch, row);
                   });
  if (context.stopped()) return aborted();
  if (!op.advantages || batch.length == 0) return {};
  const int64_t pieces = (batch.length + kColumns - 1) / kColumns;
  context.parallel(groups.count * pieces, 1, [&](int64_t begin, int64_t, int64_t) {
    const int64_t group = begin / pieces, first = begin % pieces * kColumns;
    treat_columns(op, batch, groups.members(group), groups.size(group), first,
                  std::min(first + kColumns, batch.length));
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const OptimalTokenBaseline<float>& op, CpuContext& context) {
  return optimal_token_baseline(op, context);
}
template <>
Status run(const OptimalTokenBaseline<double>& op, CpuContext& context) {
  return optimal_token_baseline(op, context);
}

}  // namespace belfry::cpu
