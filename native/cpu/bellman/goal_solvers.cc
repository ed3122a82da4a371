// Both questions become sums that end (goal_model.h), which sum_bounds.h solves and bounds.
#include "cpu/bellman/goal_solvers.h"

#include <cmath>
#include <limits>

#include "cpu/bellman/goal_model.h"

namespace belfry::cpu {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

template <class V>
auto& at(V& vector, int64_t i) {
  return vector[static_cast<size_t>(i)];
}

StateSet complement(StateSet set) {
  for (auto& flag : set) flag = !flag;
  return set;
}

// Among actions as good as the best the lowest: greedy for `values` within a hair, as long as the
// policy still ends.
void lowest_of_equals(const CsrModel& model, const double* values, int32_t* policy,
                      CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const int64_t n = model.num_states;
  double* q = context.scratch<double>(model.num_rows());
  auto* lowest = context.scratch<int32_t>(n);
  Sweeper(model, 1, context).q_values(values, q);
  bool changed = false;
  for (int64_t s = 0; s < n; ++s) {
    lowest[s] = policy[s];
    if (policy[s] < 0) continue;
    const int64_t first = s * model.num_actions;
    const double best = math::greedy_key(q[first + policy[s]], model.minimise);
    const double hair = 1e-12 * (1 + std::fabs(best));
    for (int64_t a = 0; a < policy[s]; ++a) {
      if (!model.mask(first + a) ||
          !math::within_tie(math::greedy_key(q[first + a], model.minimise), best, hair))
        continue;
      lowest[s] = static_cast<int32_t>(a);
      changed = true;
      break;
    }
  }
  if (!changed) return;
  const PolicyModel chain = follow_policy(model, lowest, context);
  if (every_state_ends(chain.rows, n, 1e-9, context)) std::copy_n(lowest, n, policy);
}

// The reduced model of an expected cost. Over the policies that surely reach the goal: only rows
// that surely stay where the goal can surely be reached; free cycles collapsed.
struct CostRows {
  StateSet settled;
  std::vector<uint8_t> allowed, free;
};
CostRows rows_of_proper(const CsrModel& model, const ReachGraph& graph) {
  CostRows rows;
  const StateSet certain = graph.certain();
  rows.settled = complement(certain);
  rows.allowed.assign(static_cast<size_t>(model.num_rows()), 0);
  rows.free = rows.allowed;
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (!graph.usable(row) || !at(certain, graph.state_of(row))) continue;
    at(rows.allowed, row) = !graph.leaks(row) && graph.within(row, certain);
    at(rows.free, row) =
        at(rows.allowed, row) && model.rewards[row] == 0 && !graph.meets(row, graph.goal());
  }
  return rows;
}
// Over all policies: where none may miss the goal, all rows.
CostRows rows_of_all(const CsrModel& model, const ReachGraph& graph) {
  return {graph.may_miss(), std::vector<uint8_t>(static_cast<size_t>(model.num_rows()), 1), {}};
}

// The greatest cost has no bound where a proper policy can first go round as often as it likes for
// a price: those states are settled too.
void settle_unbounded(const CsrModel& model, const ReachGraph& graph, const CpuContext& context,
                      CostRows& rows) {
  std::vector<uint8_t> staying = rows.allowed;
  for (int64_t row = 0; row < model.num_rows(); ++row)
    at(staying, row) = at(staying, row) && !graph.meets(row, graph.goal());
  const EndComponents components = end_components(model, staying, context);
  std::vector<int64_t> queue;
  const auto settle = [&](int64_t state) {
    if (at(rows.settled, state)) return;
    at(rows.settled, state) = 1;
    queue.push_back(state);
  };
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (at(components.inner_row, row) && model.rewards[row] > 0) settle(graph.state_of(row));
  }
  StopPoll poll(context);
  for (size_t done = 0; done < queue.size(); ++done) {
    graph.for_each_row_into(queue[done], [&](int64_t row) {
      poll();
      if (at(rows.allowed, row)) settle(graph.state_of(row));
    });
  }
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (at(rows.settled, graph.state_of(row))) at(rows.allowed, row) = at(rows.free, row) = 0;
  }
}

CostRows cost_rows(const CsrModel& model, const ReachGraph& graph, const GoalOptions& options,
                   const CpuContext& context) {
  if (!model.minimise && !options.proper) return rows_of_all(model, graph);
  CostRows rows = rows_of_proper(model, graph);
  if (!model.minimise) settle_unbounded(model, graph, context, rows);
  return rows;
}

// Rows that may belong to an end component: they surely stay among the open states.
std::vector<uint8_t> staying_rows(const CsrModel& model, const ReachGraph& graph,
                                  const StateSet& settled) {
  StateSet open(settled.size());
  for (size_t s = 0; s < open.size(); ++s) open[s] = !settled[s] && !graph.goal()[s];
  std::vector<uint8_t> rows(static_cast<size_t>(model.num_rows()), 0);
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    at(rows, row) = graph.usable(row) && at(open, graph.state_of(row)) && !graph.leaks(row) &&
                    graph.within(row, open);
  }
  return rows;
}

// The members of a component have the bounds of its root.
void copy_bounds(const SumProgress& progress, const GoalModel& reduced, int64_t num_states,
                 const GoalAnswer& answer) {
  std::copy_n(progress.lower, num_states, answer.lower);
  std::copy_n(progress.upper, num_states, answer.upper);
  reduced.spread(answer.lower);
  reduced.spread(answer.upper);
}

}  // namespace

Status check_rows(const CsrModel& model, const StateSet& goal, double slack) {
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (!model.mask(row) || at(goal, row / model.num_actions)) continue;
    double mass = 0, least = 0;
    for (int64_t e = model.rows.row_ptr[row]; e < model.rows.row_ptr[row + 1]; ++e) {
      mass += model.rows.prob[e];
      least = std::fmin(least, model.rows.prob[e]);
    }
    if (least >= 0 && mass <= 1 + slack) continue;
    return least < 0
               ? Status::error(Code::bad_value, "prob", "row %lld holds %g, expected probabilities",
                               static_cast<long long>(row), least)
               : Status::error(Code::bad_value, "prob",
                               "row %lld has mass %.10g, expected at most 1",
                               static_cast<long long>(row), mass);
  }
  return {};
}

Status check_costs(const CsrModel& model, const StateSet& goal) {
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (!model.mask(row) || at(goal, row / model.num_actions)) continue;
    if (model.rewards[row] >= 0 && model.rewards[row] < kInf) continue;
    return Status::error(Code::bad_value, "rewards",
                         "row %lld costs %g: costs must be finite and not negative",
                         static_cast<long long>(row), model.rewards[row]);
  }
  return {};
}

GoalResult expected_cost(const CsrModel& model, const StateSet& goal, const GoalOptions& options,
                         SumProgress& progress, const GoalAnswer& answer, CpuContext& context) {
  const int64_t n = model.num_states;
  const ReachGraph graph(model, goal, options.mass_slack, context);
  const CostRows rows = cost_rows(model, graph, options, context);
  const GoalModel reduced(model, graph, rows.settled, rows.allowed, rows.free, context);
  const double* costs = reduced.row_rewards(model.rewards, context);
  const CsrModel sums = reduced.with_rewards(costs, model.minimise);
  const GoalResult result = SumBounds(reduced, sums, true, options, progress, context).run();
  if (result.stopped) return result;
  copy_bounds(progress, reduced, n, answer);
  std::copy_n(progress.values, n, answer.value);
  reduced.spread(answer.value);
  auto* choice = context.scratch<int32_t>(n);
  std::copy_n(progress.policy, n, choice);
  lowest_of_equals(sums, progress.values, choice, context);
  reduced.original_policy(choice, answer.policy, context);
  for (int64_t s = 0; s < n; ++s) {
    if (!at(goal, s) && !at(rows.settled, s)) continue;
    answer.value[s] = answer.lower[s] = answer.upper[s] = at(goal, s) ? 0 : kInf;
    answer.policy[s] = -1;
  }
  return result;
}

StateSet zero_states(const ReachGraph& graph, bool minimise) {
  return minimise ? graph.may_avoid() : complement(graph.can_reach(graph.goal()));
}

GoalResult reach_probability(const CsrModel& model, const StateSet& goal,
                             const GoalOptions& options, SumProgress& progress,
                             const GoalAnswer& answer, CpuContext& context) {
  const ReachGraph graph(model, goal, options.mass_slack, context);
  const StateSet zero = zero_states(graph, model.minimise);
  const std::vector<uint8_t> all(static_cast<size_t>(model.num_rows()), 1);
  const auto staying = model.minimise ? std::vector<uint8_t>{} : staying_rows(model, graph, zero);
  const GoalModel reduced(model, graph, zero, all, staying, context);
  const CsrModel sums = reduced.with_rewards(reduced.goal_probability(), model.minimise);
  const GoalResult result = SumBounds(reduced, sums, false, options, progress, context).run();
  copy_bounds(progress, reduced, model.num_states, answer);
  for (int64_t s = 0; s < model.num_states; ++s) {
    if (at(goal, s)) answer.lower[s] = answer.upper[s] = 1;
  }
  return result;
}

GoalResult reach_within(const CsrModel& model, const StateSet& goal, int64_t steps,
                        const GoalOptions& options, double* value, CpuContext& context) {
  const ReachGraph graph(model, goal, options.mass_slack, context);
  const StateSet none(goal.size(), 0);
  const std::vector<uint8_t> all(static_cast<size_t>(model.num_rows()), 1);
  const GoalModel reduced(model, graph, none, all, {}, context);
  const CsrModel sums = reduced.with_rewards(reduced.goal_probability(), model.minimise);
  double* next = context.scratch<double>(model.num_states);
  Sweeper sweeper(sums, 1, context);
  std::fill_n(value, model.num_states, 0.0);
  GoalResult result;
  result.converged = true;
  for (int64_t i = 0; i < steps; ++i) {
    const auto change = sweeper(value, next);
    result.stopped = context.stopped();
    if (result.stopped) return result;
    std::copy_n(next, model.num_states, value);
    context.report(++result.sweeps, steps, change.residual());
    if (!(change.residual() > 0)) break;  // nothing will move any more (or all is NaN)
  }
  for (int64_t s = 0; s < model.num_states; ++s) {
    if (at(goal, s)) value[s] = 1;
  }
  return result;
}

}  // namespace belfry::cpu
