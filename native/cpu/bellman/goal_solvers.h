// Expected cost to a goal and probability of reaching it, for the ops that ask for either.
#pragma once

#include "cpu/bellman/reach_graph.h"

namespace belfry::cpu {

template <class Op>
StateSet goal_set(const Op& op, int64_t num_states) {
  StateSet goal(static_cast<size_t>(num_states), 0);
  for (int64_t i = 0; i < op.goal.count; ++i) goal[static_cast<size_t>(op.goal[i])] = 1;
  return goal;
}

struct GoalOptions {
  double mass_slack = 1e-9;
  double eps = 1e-8;  // width of the bounds of a probability
  int64_t max_policies = 1000;
  int64_t max_sweeps = 1000000;
};

struct GoalResult {
  int64_t iterations = 0;  // policies of a cost, sweeps of a probability
  bool converged = false, stopped = false;
};

// Probabilities must be numbers from 0, rows of mass at most one (and `slack`), where the action is
// allowed and the state is no goal: the first row that is not.
Status check_rows(const CsrModel& model, const StateSet& goal, double slack);

// Costs must be finite and not negative where the action is allowed: the first that is not.
Status check_costs(const CsrModel& model, const StateSet& goal);

// Least (or, of model.minimise = false, greatest) expected cost. `value` is Infinity where the goal
// is missed, `policy` −1 there and at goals.
GoalResult expected_cost(const CsrModel& model, const StateSet& goal, const GoalOptions& options,
                         double* value, int32_t* policy, CpuContext& context);

// States of probability 0, by the graph.
StateSet zero_states(const ReachGraph& graph, bool minimise);

// Bounds of the probability of ever reaching the goal.
GoalResult reach_probability(const CsrModel& model, const StateSet& goal,
                             const GoalOptions& options, double* lower, double* upper,
                             CpuContext& context);
// ... and the probability within a number of steps.
GoalResult reach_within(const CsrModel& model, const StateSet& goal, int64_t steps,
                        const GoalOptions& options, double* value, CpuContext& context);

}  // namespace belfry::cpu
