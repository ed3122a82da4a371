// stochastic_shortest_path: least expected cost over the policies that reach the goal for certain.
//
// The certain set by nested fixed points on the graph, free cycles collapsed, then Howard's policy
// iteration from a policy that surely arrives; every later one does too, as a policy that may miss
// the goal would cost Infinity (Bertsekas and Tsitsiklis 1991). Cost: a few passes over the graph,
// then one solve and one backup a policy.
#include "cpu/bellman/goal_solvers.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/goals.h"

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
  GoalOptions options;
  options.mass_slack = math::kMassSlack<T>;
  options.max_policies = op.max_iterations;
  double* value = context.scratch<double>(n);
  auto* policy = context.scratch<int32_t>(n);
  const GoalResult result = expected_cost(model, goal, options, value, policy, context);
  if (result.stopped) return aborted();
  write_output(value, op.values);
  if (op.policy) std::copy_n(policy, n, op.policy.begin());
  write_scalar(result.iterations, op.iterations);
  write_scalar(result.converged, op.converged);
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
