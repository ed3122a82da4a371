// shapley_value_iteration: V'(s) = val[ R(s,·,·) + γ Σ P V ], one small matrix game a state and
// sweep (Shapley, 1953). A·B·S multiply-adds a state for the payoffs, about (A + B)·A·B for the
// game.
#include "cpu/bellman/fixed_point.h"
#include "cpu/bellman/stage_games.h"
#include "cpu/bellman/zero_sum_game.h"
#include "cpu/run.h"
#include "ops/bellman/games.h"

namespace belfry::cpu {

namespace {

template <class T>
Status shapley_value_iteration(const ShapleyValueIteration<T>& op, CpuContext& context) {
  const StageGames<T> stages(op, context);
  const int64_t num_states = stages.num_states();
  ZeroSumGame game(stages.num_rows(), stages.num_columns(), context);
  const auto sweep = [&](const double* values, double* next) {
    for (int64_t s = 0; s < num_states && !context.stopped(); ++s) {
      const double* payoff = stages(s, values);
      next[s] = op.solution == GameSolution::mixed ? game.solve(payoff) : game.solve_pure(payoff);
    }
  };
  double* values = context.scratch<double>(num_states);
  std::fill_n(values, num_states, 0.0);
  if (op.values) std::copy_n(op.values.begin(), num_states, values);
  if (op.v_one_backup) {
    double* next = context.scratch<double>(num_states);
    sweep(values, next);
    if (context.stopped()) return aborted();
    for (int64_t s = 0; s < num_states; ++s) op.v_one_backup[s] = static_cast<T>(next[s]);
  }
  if (!op.v_star && !op.iterations && !op.converged) return {};
  const FixedPoint star = iterate_to_fixed_point(values, num_states, op.gamma, op.tolerance,
                                                 op.max_iterations, context, sweep);
  if (star.aborted) return aborted();
  if (op.v_star) {
    for (int64_t s = 0; s < num_states; ++s) op.v_star[s] = static_cast<T>(star.values[s]);
  }
  if (op.iterations) op.iterations[0] = static_cast<int32_t>(star.iterations);
  if (op.converged) op.converged[0] = star.converged;
  return {};
}

}  // namespace

template <>
Status run(const ShapleyValueIteration<float>& op, CpuContext& context) {
  return shapley_value_iteration(op, context);
}
template <>
Status run(const ShapleyValueIteration<double>& op, CpuContext& context) {
  return shapley_value_iteration(op, context);
}

}  // namespace belfry::cpu
