// Optimistic value iteration (Hartmanns and Kaminski 2020): bounds of a sum that ends, by sweeps
// alone. Sweeps from below come near the answer, a guess a little above them is swept too, and the
// sweep that raises it nowhere proves it.
#pragma once

#include <cstdint>

#include "cpu/bellman/bound_sweeps.h"
#include "cpu/bellman/resumable.h"

namespace belfry::cpu {

// Where a run stands between two sweeps.
struct OptimisticState {
  int64_t sweeps = 0;
  int64_t patience = 0;        // sweeps after which the guess is given up; 0: there is none
  double near = 0, ahead = 0;  // 0: not begun
};

class OptimisticBounds {
 public:
  // `bounds` [S] are true and become better ones; `guess` [S] is the run's own. `eps`: width to
  // stop at.
  OptimisticBounds(const BoundSweeps& sweeps, double eps, int64_t max_sweeps,
                   const BothBounds& bounds, double* guess, int64_t num_states, CpuContext& context)
      : sweeps_(sweeps),
        eps_(eps),
        max_sweeps_(max_sweeps),
        lower_(bounds.lower),
        upper_(bounds.upper),
        guess_(guess),
        num_states_(num_states),
        context_(context) {}

  Outcome run(OptimisticState& state, Allowance& allowance);

 private:
  bool more(const OptimisticState& state) const { return state.sweeps < max_sweeps_; }
  bool sweep(OptimisticState& state, double* above, BoundMoves& moves);
  void begin_guess(OptimisticState& state);

  const BoundSweeps& sweeps_;
  const double eps_;
  const int64_t max_sweeps_;
  double *lower_, *upper_, *guess_;
  const int64_t num_states_;
  CpuContext& context_;
};

}  // namespace belfry::cpu
