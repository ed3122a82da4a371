// What the ops on goals share: the type of the call rounded the safe way, solves in several calls.
#pragma once

#include <cmath>
#include <limits>

#include "cpu/bellman/goal_solvers.h"
#include "ops/bellman/goals.h"

namespace belfry::cpu {

// Rounding to the type of the call must not take a bound past what was proved.
template <class T>
T rounded_down(double x) {
  const T nearest = static_cast<T>(x);
  return static_cast<double>(nearest) > x
             ? std::nextafter(nearest, -std::numeric_limits<T>::infinity())
             : nearest;
}
template <class T>
T rounded_up(double x) {
  return -rounded_down<T>(-x);
}

template <class Op>
void write_bounds(const GoalAnswer& answer, int64_t num_states, const Op& op) {
  using T = std::remove_const_t<typename decltype(Op::iterates)::Element>;
  for (int64_t s = 0; s < num_states; ++s) {
    if (op.lower) op.lower[s] = rounded_down<T>(answer.lower[s]);
    if (op.upper) op.upper[s] = rounded_up<T>(answer.upper[s]);
  }
}

template <class Op>
bool wants_bounds(const Op& op) {
  return op.lower || op.upper || op.converged;
}

template <class Op>
GoalOptions goal_options(const Op& op) {
  GoalOptions options;
  options.mass_slack =
      math::kMassSlack<std::remove_const_t<typename decltype(Op::iterates)::Element>>;
  options.eps = op.eps;
  options.optimistic = op.stop == ReachStop::optimistic_value_iteration;
  options.pause_after = op.pause_after;
  return options;
}

// Goes on only where all three of what a paused solve gave back are there.
template <class Op>
void read_progress(const Op& op, int64_t num_states, SumProgress& progress) {
  if (!op.stop_state || !op.iterates || !op.iterate_policy) return;
  double state[kSumStateSize];
  for (int64_t i = 0; i < kSumStateSize; ++i) state[i] = static_cast<double>(op.stop_state[i]);
  progress.read(state);
  for (int64_t i = 0; i < 4 * num_states; ++i)
    progress.values[i] = static_cast<double>(op.iterates.begin()[i]);
  std::copy_n(op.iterate_policy.begin(), num_states, progress.policy);
}

template <class Op>
void write_progress(const SumProgress& progress, bool paused, int64_t num_states, const Op& op) {
  using T = std::remove_const_t<typename decltype(Op::iterates)::Element>;
  write_scalar(paused, op.paused);
  double state[kSumStateSize];
  progress.write(state);
  write_output(state, op.stop_state_out);
  if (op.iterate_policy_out)
    std::copy_n(progress.policy, num_states, op.iterate_policy_out.begin());
  if (!op.iterates_out) return;
  T* out = op.iterates_out.begin();
  for (int64_t s = 0; s < num_states; ++s) {
    out[s] = static_cast<T>(progress.values[s]);
    out[num_states + s] = rounded_down<T>(progress.lower[s]);
    out[2 * num_states + s] = rounded_up<T>(progress.upper[s]);
    out[3 * num_states + s] = static_cast<T>(progress.guess[s]);
  }
}

}  // namespace belfry::cpu
