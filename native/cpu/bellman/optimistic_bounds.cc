// With Φ the backup of the model, v ≤ Φ(v) stays below the least fixed point when swept from below,
// and Φ(u) ≤ u says that u is above it (Park induction), whatever u is. So a guess u = v + ε needs
// no theory, only a sweep that finds every state's backup no larger than its value. Until then u
// falls to its backups. It is given up where it meets v, where no backup is smaller (a lower bound
// for all one knows), and after as many sweeps as were made before it, so that a wrong guess costs
// no more than what led to it; v then comes twice as near before the next one.
//
// In place the argument holds too: what is backed up later in a sweep only falls, so that a backup
// made from it is no larger.
//
// Rounding is taken into Φ: backups from below are rounded down and those from above up by more
// than the error of their sum and of probabilities that are rounded themselves. What is proved
// holds for exact arithmetic.
//
// Cost: 2N flops a sweep from below, 4N a sweep of both.
#include "cpu/bellman/optimistic_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace belfry::cpu {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
// More than what products that underflow lack.
constexpr double kUnderflow = std::numeric_limits<double>::min();

}  // namespace

OptimisticBounds::OptimisticBounds(const CsrModel& model, const std::vector<int32_t>& order,
                                   const int32_t* terms, const OptimisticOptions& options,
                                   const BothBounds& bounds, CpuContext& context)
    : model_(model),
      order_(order),
      terms_(terms),
      options_(options),
      lower_(bounds.lower),
      upper_(bounds.upper),
      guess_(context.scratch<double>(model.num_states)),
      context_(context) {}

// A sum of k terms that are not negative, each rounded, is off by less than k ε of itself.
double OptimisticBounds::rounded_backup(int64_t state, const double* values,
                                        double direction) const {
  math::GreedyChoice<double> best;
  const int64_t first = state * model_.num_actions;
  for (int64_t row = first; row < first + model_.num_actions; ++row) {
    if (!model_.mask(row)) continue;
    double sum = model_.rewards[row];
    for (int32_t e = model_.rows.row_ptr[row]; e < model_.rows.row_ptr[row + 1]; ++e)
      sum += model_.rows.prob[e] * values[model_.rows.col[e]];
    const double error = (terms_[row] + 3) * kEpsilon * sum + kUnderflow;
    best.offer(static_cast<int32_t>(row - first),
               math::greedy_key(sum + direction * error, model_.minimise));
  }
  return best.value(model_.minimise);
}

bool OptimisticBounds::sweep(bool with_guess, Moves& moves) {
  constexpr size_t kPollEvery = 1 << 15;  // states
  moves = {};
  for (size_t i = 0; i < order_.size(); ++i) {
    if (i % kPollEvery == 0 && context_.stopped()) return false;
    const int32_t s = order_[i];
    const double raised = rounded_backup(s, lower_, -1);
    if (raised > lower_[s]) {
      moves.change = std::fmax(moves.change, raised - lower_[s]);
      lower_[s] = raised;
    }
    if (!with_guess) continue;
    const double next = std::fmin(rounded_backup(s, guess_, 1), options_.most);
    moves.rises |= !(next <= guess_[s]);
    moves.falls |= next < guess_[s];
    guess_[s] = std::fmin(guess_[s], next);
    moves.crossed |= lower_[s] > guess_[s];
  }
  context_.report(++sweeps_, options_.max_sweeps, moves.change);
  return true;
}

bool OptimisticBounds::approach(double near, Moves& moves) {
  do {
    if (!sweep(false, moves)) return false;
  } while (more() && moves.change > 0 && moves.change >= near);
  return true;
}

bool OptimisticBounds::verify(double ahead, bool& proved) {
  std::copy_n(upper_, model_.num_states, guess_);
  for (const int32_t s : order_) guess_[s] = std::fmin(lower_[s] + ahead, options_.most);
  const int64_t patience = std::min(options_.max_sweeps, 2 * sweeps_ + 16);
  Moves moves;
  while (sweeps_ < patience) {
    if (!sweep(true, moves)) return false;
    proved = !moves.rises;
    if (proved || moves.crossed || !moves.falls) return true;
  }
  return true;
}

// Where v rests and its guess still fails, rounding is wider than ε: guesses that are further off
// find the bounds that can be proved.
bool OptimisticBounds::run() {
  // A hair less than ε, so that rounding does not take their distance past it.
  double near = options_.eps, ahead = 0.99 * options_.eps;
  bool proved = order_.empty();
  Moves moves;
  while (!proved && more() && ahead < options_.most) {
    if (!approach(near, moves) || (more() && !verify(ahead, proved))) return false;
    near /= 2;
    if (moves.change == 0) ahead *= 2;
  }
  if (!proved) return true;
  for (const int32_t s : order_) upper_[s] = std::fmin(upper_[s], guess_[s]);
  return true;
}

}  // namespace belfry::cpu
