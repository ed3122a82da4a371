// Cost: 2N flops a sweep from below, 4N a sweep of both.
#include "cpu/bellman/bound_sweeps.h"

#include <algorithm>
#include <limits>

namespace belfry::cpu {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
// More than what products that underflow lack.
constexpr double kUnderflow = std::numeric_limits<double>::min();
constexpr size_t kPollEvery = 1 << 15;  // states

}  // namespace

// A sum of k terms that are not negative, each rounded, is off by less than k ε of itself.
double BoundSweeps::rounding(int64_t row, double sum) const {
  return (terms_[row] + 3) * kEpsilon * sum + kUnderflow;
}

double BoundSweeps::backup(int64_t state, const double* values, double direction) const {
  math::GreedyChoice<double> best;
  const int64_t first = state * model_.num_actions;
  for (int64_t row = first; row < first + model_.num_actions; ++row) {
    if (!model_.mask(row)) continue;
    double sum = model_.rewards[row];
    for (int32_t e = model_.rows.row_ptr[row]; e < model_.rows.row_ptr[row + 1]; ++e)
      sum += model_.rows.prob[e] * values[model_.rows.col[e]];
    const double rounded = sum + direction * rounding(row, sum);
    best.offer(static_cast<int32_t>(row - first),
               math::greedy_key(direction < 0 ? std::fmax(rounded, 0) : rounded, model_.minimise));
  }
  return best.value(model_.minimise);
}

bool BoundSweeps::sweep(double* lower, double* above, BoundMoves& moves) const {
  moves = {};
  for (size_t i = 0; i < order_.size(); ++i) {
    if (i % kPollEvery == 0 && context_.stopped()) return false;
    const int32_t s = order_[i];
    const double raised = backup(s, lower, -1);
    if (raised > lower[s]) {
      moves.change = std::fmax(moves.change, (raised - lower[s]) / scale(raised));
      lower[s] = raised;
    }
    if (!above) continue;
    const double next = std::fmin(backup(s, above, 1), most_);
    moves.rises |= !(next <= above[s]);
    moves.falls |= next < above[s];
    above[s] = std::fmin(above[s], next);
    moves.crossed |= lower[s] > above[s];
  }
  return true;
}

bool BoundSweeps::proves_upper(const double* values) const {
  return std::all_of(order_.begin(), order_.end(), [&](int32_t s) {
    return std::fmin(backup(s, values, 1), most_) <= values[s];
  });
}

bool BoundSweeps::proves_lower(const double* values) const {
  return std::all_of(order_.begin(), order_.end(),
                     [&](int32_t s) { return backup(s, values, -1) >= values[s]; });
}

double BoundSweeps::width(const BothBounds& bounds) const {
  double widest = 0;
  for (int64_t s = 0; s < model_.num_states; ++s)
    widest = std::fmax(widest, (bounds.upper[s] - bounds.lower[s]) / scale(bounds.lower[s]));
  return widest;
}

}  // namespace belfry::cpu
