// stochastic_shortest_path: least expected cost over the policies that reach the goal for certain.
//
// The certain set by nested fixed points on the graph, free cycles collapsed, then Howard's policy
// iteration from a policy that surely arrives; every later one does too, as a policy that may miss
// the goal would cost Infinity (Bertsekas and Tsitsiklis 1991). Cost: a few passes over the graph,
// then one solve and one backup a policy, and a few solves for the bounds (sum_bounds.cc).
#include "cpu/bellman/goal_ops.h"
#include "cpu/run.h"
#include "math/value_iteration.h"

namespace belfry::cpu {

namespace {

template <class T>
Status run_shortest(const StochasticShortestPath<T>& op, CpuContext& context) {
  CsrModel model = csr_model(op, context);
  model.minimise = true;
  const int64_t n = model.num_states;
  const StateSet goal = goal_set(op, n);
  if (Status s = check_rows(model, goal, math::kMassSlack<T>); !s.ok()) return s;
  if (Status s = check_costs(model, goal); !s.ok()) return s;
  GoalOptions options = goal_options(op);
  options.bounded = wants_bounds(op);
  options.max_policies = op.max_iterations;
  options.max_sweeps = op.max_sweeps;
  const GoalAnswer answer(n, context);
  SumProgress progress(n, context);
  read_progress(op, n, progress);
  const GoalResult result = expected_cost(model, goal, options, progress, answer, context);
  if (result.stopped) return aborted();
  write_output(answer.value, op.values);
  write_bounds(answer, n, op);
  if (op.policy) std::copy_n(answer.policy, n, op.policy.begin());
  write_scalar(options.optimistic ? result.sweeps : result.policies, op.iterations);
  write_scalar(result.converged, op.converged);
  write_progress(progress, result.paused, n, op);
  return {};
}

}  // namespace

template <>
Status run(const StochasticShortestPath<float>& op, CpuContext& context) {
  return stoppable([&] { return run_shortest(op, context); });
}
template <>
Status run(const StochasticShortestPath<double>& op, CpuContext& context) {
  return stoppable([&] { return run_shortest(op, context); });
}

}  // namespace belfry::cpu
