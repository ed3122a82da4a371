// A guess u = v + ε needs no theory, only a sweep that finds every state's backup no larger than
// its value (bound_sweeps.h). Until then u falls to its backups. It is given up where it meets v,
// where no backup is smaller (a lower bound for all one knows), and after as many sweeps as were
// made before it, so that a wrong guess costs no more than what led to it; v then comes twice as
// near before the next one.
#include "cpu/bellman/optimistic_bounds.h"

#include <algorithm>

namespace belfry::cpu {

bool OptimisticBounds::sweep(OptimisticState& state, double* above, BoundMoves& moves) {
  if (!sweeps_.sweep(lower_, above, moves)) return false;
  context_.report(++state.sweeps, max_sweeps_, moves.change);
  return true;
}

void OptimisticBounds::begin_guess(OptimisticState& state) {
  std::copy_n(upper_, num_states_, guess_);
  for (const int32_t s : sweeps_.order())
    guess_[s] = std::fmin(lower_[s] + state.ahead * sweeps_.scale(lower_[s]), upper_[s]);
  state.patience = std::min(max_sweeps_, 2 * state.sweeps + 16);
}

// Where v rests and its guess still fails, rounding is wider than ε: guesses that are further off
// find the bounds that can be proved: `ahead` is that of the next guess.
Outcome OptimisticBounds::run(OptimisticState& state, Allowance& allowance) {
  if (sweeps_.order().empty()) return Outcome::finished;
  // A hair less than ε, so that rounding does not take their distance past it.
  if (state.ahead == 0) state = {state.sweeps, 0, eps_, 0.99 * eps_};
  while (more(state)) {
    const bool guessing = state.patience > 0;
    if (!guessing && !(state.ahead < sweeps_.most())) break;
    if (!allowance.spend()) return Outcome::paused;
    BoundMoves moves;
    if (!sweep(state, guessing ? guess_ : nullptr, moves)) return Outcome::stopped;
    if (!guessing) {
      if (moves.change > 0 && moves.change >= state.near) continue;
      begin_guess(state);
      state.near /= 2;
      if (moves.change == 0) state.ahead *= 2;
    } else if (!moves.rises) {
      for (const int32_t s : sweeps_.order()) upper_[s] = std::fmin(upper_[s], guess_[s]);
      break;
    } else if (moves.crossed || !moves.falls || state.sweeps >= state.patience) {
      state.patience = 0;
    }
  }
  return Outcome::finished;
}

}  // namespace belfry::cpu
