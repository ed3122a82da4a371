// With e ≥ |T v − v| and the rounding of a backup, and d = e + P d, v ± d are bounds: P takes as
// much of d as a backup may be off by. On the side of the policy (a policy costs no less than the
// least) d is of that policy alone. On the other every action counts that may be as good as the
// best: d is the greatest sum over the rows whose Q is near V; rows further off have room for more.
// Rows near V hold no end component where staying for ever costs something, so that d is finite;
// where they do, they are taken nearer. How well d is known does not matter: v ± d is a bound when
// a backup, rounded to the safe side, leaves it on its side.
//
// Sources: Haddad and Monmege (2018), Baier et al. (2017) for the upper bound of an expected cost
// by one of the steps to the end. Cost: a few solves.
#include "cpu/bellman/bound_proof.h"

#include <algorithm>
#include <limits>

#include "cpu/bellman/reach_graph.h"

namespace belfry::cpu {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
// Doubts below this part of the largest are taken for it: they would not be solved for exactly.
constexpr double kLeastDoubt = 1e-3;
constexpr double kNear[] = {1e-6, 1e-9, 1e-12, kInf};
constexpr double kTries[] = {2, 16, 256};

}  // namespace

void BoundProof::weigh_doubts(const double* values, const int32_t* policy) {
  const int64_t rows = model_.num_rows();
  Sweeper(model_, 1, context_).q_values(values, doubts_);
  unit_ = 0;
  for (int64_t s = 0; s < model_.num_states; ++s) {
    const int64_t first = s * model_.num_actions;
    math::GreedyChoice<double> best;
    for (int64_t a = 0; a < model_.num_actions; ++a) {
      if (model_.mask(first + a))
        best.offer(static_cast<int32_t>(a), math::greedy_key(doubts_[first + a], model_.minimise));
    }
    const double residual = policy[s] < 0
                                ? 0
                                : std::fmax(std::fabs(best.value(model_.minimise) - values[s]),
                                            std::fabs(doubts_[first + policy[s]] - values[s]));
    for (int64_t row = first; row < first + model_.num_actions; ++row) {
      doubts_[row] = model_.mask(row) ? residual + sweeps_.rounding(row, values[s]) : 0;
      unit_ = std::fmax(unit_, doubts_[row]);
    }
  }
  for (int64_t row = 0; row < rows; ++row)
    doubts_[row] = std::fmax(doubts_[row] / unit_, kLeastDoubt);
}

// The greatest sum of doubts over policies of these rows.
bool BoundProof::sum_up(const std::vector<uint8_t>& rows, const int32_t* policy, double* sum) {
  const CpuContext::ScratchScope scope(context_);
  CsrModel doubtful = model_;
  doubtful.rewards = doubts_;
  doubtful.mask.bytes = rows.data();
  doubtful.minimise = false;
  HowardOptions options = howard_;
  options.improvement = kLeastDoubt / 4;
  options.solve_limits.tolerance = 1e-6;
  auto* worst = context_.scratch<int32_t>(model_.num_states);
  std::copy_n(policy, model_.num_states, worst);
  std::fill_n(sum, model_.num_states, 0.0);
  if (howard(doubtful, options, worst, sum, context_).stopped) return false;
  for (int64_t s = 0; s < model_.num_states; ++s) sum[s] *= unit_;
  return true;
}

bool BoundProof::try_shift(const double* values, const double* sum, bool upper,
                           const BothBounds& bounds) {
  const CpuContext::ScratchScope scope(context_);
  const int64_t n = model_.num_states;
  double* candidate = context_.scratch<double>(n);
  for (const double times : kTries) {
    std::fill_n(candidate, n, 0.0);
    for (const int32_t s : sweeps_.order()) {
      const double shift = times * sum[s];
      candidate[s] =
          upper ? std::fmin(values[s] + shift, sweeps_.most()) : std::fmax(values[s] - shift, 0);
    }
    if (!(upper ? sweeps_.proves_upper(candidate) : sweeps_.proves_lower(candidate))) continue;
    for (const int32_t s : sweeps_.order()) {
      if (upper)
        bounds.upper[s] = std::fmin(bounds.upper[s], candidate[s]);
      else
        bounds.lower[s] = std::fmax(bounds.lower[s], candidate[s]);
    }
    return true;
  }
  return false;
}

// False: they hold an end component.
bool BoundProof::near_rows(const double* values, const int32_t* policy, double near,
                           std::vector<uint8_t>& rows) {
  const CpuContext::ScratchScope scope(context_);
  double* q = context_.scratch<double>(model_.num_rows());
  Sweeper(model_, 1, context_).q_values(values, q);
  rows.assign(static_cast<size_t>(model_.num_rows()), 0);
  std::vector<uint8_t> staying = rows;
  for (int64_t s = 0; s < model_.num_states; ++s) {
    for (int64_t a = 0; a < model_.num_actions; ++a) {
      const int64_t row = s * model_.num_actions + a;
      const double distance = std::fabs(q[row] - values[s]);
      const bool taken = model_.mask(row) && (a == policy[s] || distance <= near * (1 + values[s]));
      rows[static_cast<size_t>(row)] = taken;
      staying[static_cast<size_t>(row)] = taken && !may_end_(row);
    }
  }
  return end_components(model_, staying, context_).count == 0;
}

bool BoundProof::improve(const double* values, const int32_t* policy, bool both_sides,
                         const BothBounds& bounds) {
  if (sweeps_.order().empty()) return true;
  const CpuContext::ScratchScope scope(context_);
  const int64_t n = model_.num_states;
  doubts_ = context_.scratch<double>(model_.num_rows());
  double* sum = context_.scratch<double>(n);
  weigh_doubts(values, policy);
  std::vector<uint8_t> rows(static_cast<size_t>(model_.num_rows()), 0);
  for (int64_t s = 0; s < n; ++s) {
    if (policy[s] >= 0) rows[static_cast<size_t>(s * model_.num_actions + policy[s])] = 1;
  }
  if (!sum_up(rows, policy, sum)) return false;
  try_shift(values, sum, model_.minimise, bounds);
  std::vector<uint8_t> before;
  for (const double near : kNear) {
    if (!both_sides) break;
    if (!near_rows(values, policy, near, rows) || rows == before) continue;
    if (!sum_up(rows, policy, sum)) return false;
    if (try_shift(values, sum, !model_.minimise, bounds)) break;
    before = rows;
  }
  return true;
}

}  // namespace belfry::cpu
