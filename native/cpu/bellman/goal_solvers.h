// Expected cost to a goal and probability of reaching it, for the ops that ask for either.
#pragma once

#include "cpu/bellman/reach_graph.h"
#include "cpu/bellman/sum_bounds.h"

namespace belfry::cpu {

template <class Op>
StateSet goal_set(const Op& op, int64_t num_states) {
  StateSet goal(static_cast<size_t>(num_states), 0);
  for (int64_t i = 0; i < op.goal.count; ++i) goal[static_cast<size_t>(op.goal[i])] = 1;
  return goal;
}

// [S] each.
struct GoalAnswer {
  GoalAnswer(int64_t num_states, CpuContext& context)
      : value(context.scratch<double>(num_states)),
        lower(context.scratch<double>(num_states)),
        upper(context.scratch<double>(num_states)),
        policy(context.scratch<int32_t>(num_states)) {}

  double *value, *lower, *upper;
  int32_t* policy;  // of costs
};

// Probabilities must be numbers from 0, rows of mass at most one (and `slack`), where the action is
// allowed and the state is no goal: the first row that is not.
Status check_rows(const CsrModel& model, const StateSet& goal, double slack);

// Costs must be finite and not negative where the action is allowed: the first that is not.
Status check_costs(const CsrModel& model, const StateSet& goal);

// Least (or, of model.minimise = false, greatest) expected cost and bounds of it. It is Infinity
// where the goal is missed, `policy` −1 there and at goals.
GoalResult expected_cost(const CsrModel& model, const StateSet& goal, const GoalOptions& options,
                         SumProgress& progress, const GoalAnswer& answer, CpuContext& context);

// States of probability 0, by the graph.
StateSet zero_states(const ReachGraph& graph, bool minimise);

// Bounds of the probability of ever reaching the goal.
GoalResult reach_probability(const CsrModel& model, const StateSet& goal,
                             const GoalOptions& options, SumProgress& progress,
                             const GoalAnswer& answer, CpuContext& context);
// ... and the probability within a number of steps.
GoalResult reach_within(const CsrModel& model, const StateSet& goal, int64_t steps,
                        const GoalOptions& options, double* value, CpuContext& context);

}  // namespace belfry::cpu
