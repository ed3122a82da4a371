// Solvers for models with a goal: expected cost to it, probability of reaching it.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class MinOnly : int32_t { min };
enum class ReachQuantity : int32_t { probability };
enum class CostQuantity : int32_t { expected_cost };
enum class CostPolicies : int32_t { all, proper };
enum class ReachStop : int32_t { interval_iteration, optimistic_value_iteration };

// What a solve in several calls is given and gives back.
template <class Op>
Declare<Op>& with_resumed_goal_solve(Declare<Op>& op) {
  return op
      .in("stop_state", &Op::stop_state, "8", "`stop_state` of the solve that this one goes on")
      .optional()
      .in("iterates", &Op::iterates, "4,S", "... and its `iterates`")
      .optional()
      .in("iterate_policy", &Op::iterate_policy, "S", "... and its `iterate_policy`")
      .optional();
}
template <class Op>
Declare<Op>& with_bounds_parameters(Declare<Op>& op, const char* width) {
  return op
      .choice("stop", &Op::stop, {"interval_iteration", "optimistic_value_iteration"}, 0,
              "how the bounds are found: solved and closed in on, or guessed and proved")
      .number("eps", &Op::eps, 1e-8, Range::above(0), width)
      .integer("pause_after", &Op::pause_after, 0, Range::at_least(0),
               "sweeps and policies after which the call returns what it has, to be gone on with; "
               "0: never");
}
template <class Op>
Declare<Op>& with_resumable_outputs(Declare<Op>& op) {
  return op.out("paused", &Op::paused, "", "1 when `pause_after` ended the call")
      .out("stop_state", &Op::stop_state_out, "8", "where a paused solve stands")
      .out("iterates", &Op::iterates_out, "4,S", "its values, bounds and guess")
      .out("iterate_policy", &Op::iterate_policy_out, "S", "its policy, by its own numbers");
}
constexpr const char* kCostWidth =
    "width of the bounds to stop at; of costs above one, relative to them";
constexpr const char* kCostConverged =
    "1 when the bounds are as close as eps asks; they hold all the same where they are not";

template <class T>
struct StochasticShortestPath {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  List<int64_t> goal;
  In<T, 1> stop_state;
  In<T, 2> iterates;
  In<int32_t, 1> iterate_policy;
  MinOnly mode;
  ReachStop stop;
  double eps;
  int64_t max_iterations, max_sweeps, pause_after;
  Out<T, 1> values, lower, upper;
  Out<int32_t, 1> policy;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<uint8_t, 0> paused;
  Out<T, 1> stop_state_out;
  Out<T, 2> iterates_out;
  Out<int32_t, 1> iterate_policy_out;

  static OpInfo declare() {
    using Op = StochasticShortestPath;
    Declare<Op> op("bellman", "stochastic_shortest_path", Tier::algorithm);
    op.summary("Least expected cost to a goal, over the policies that reach it for certain.")
        .formula("V(goal) = 0;  V(s) = min_a c(s,a) + Σ_j p_j V(col_j) over actions that stay "
                 "where the goal can be reached with probability one")
        .source("Bertsekas and Tsitsiklis (1991); de Alfaro (1999) for the certain set and "
                "zero-cost cycles; Baier et al. (2017) and Hartmanns and Kaminski (2020) for the "
                "bounds")
        .edge(
            "Infinity and policy −1 where no policy reaches the goal for certain; policy −1 at "
            "goals. Costs must be finite and not negative, rows of mass at most one, unless "
            "masked or of a goal. Missing mass is not the goal. Cycles of cost 0 are collapsed "
            "first, so that they never look free for ever. interval_iteration evaluates policies "
            "exactly, proves bounds about the best one's values by a backup rounded outwards, and "
            "sweeps them on where they are too wide; optimistic_value_iteration needs sweeps "
            "alone. Of fewer than 512 states without a choice either eliminates the chain.")
        .flops("2*N + 2*S*A");
    with_csr_rows(op).typical(0, 2);
    with_action_mask(op)
        .integers("goal", &Op::goal, Range::any(), "", "the goal states")
        .index_below("S");
    with_resumed_goal_solve(op)
        .choice("mode", &Op::mode, {"min"}, 0, "costs are minimised")
        .integer("max_iterations", &Op::max_iterations, 1000, Range::at_least(1),
                 "policies evaluated before the solver gives up")
        .integer("max_sweeps", &Op::max_sweeps, 1000000, Range::at_least(1),
                 "sweeps of the bounds after which it does");
    with_bounds_parameters(op, kCostWidth)
        .out("values", &Op::values, "S", "least expected cost, between its bounds")
        .out("lower", &Op::lower, "S", "certified lower bound")
        .out("upper", &Op::upper, "S", "certified upper bound")
        .out("policy", &Op::policy, "S", "optimal action; −1 at goals and where V is Infinity")
        .out("iterations", &Op::iterations, "",
             "policies evaluated; sweeps of optimistic_value_iteration")
        .out("converged", &Op::converged, "", kCostConverged);
    return with_resumable_outputs(op);
  }
};

template <class T>
struct ReachConsensus {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  Flags<1> finished, all_heads, agree;
  int64_t initial_state, num_states, num_actions;
  ReachStop stop;
  double eps;
  int64_t max_iterations;
  Out<T, 0> c2_pmin, disagree_pmax, steps_max, steps_min;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = ReachConsensus;
    Declare<Op> op("bellman", "reachability", Tier::algorithm);
    op.form("consensus", "builtin=consensus")
        .summary("The four published quantities of the randomised consensus protocol.")
        .formula("Pmin(F finished ∧ all heads), Pmax(F finished ∧ ¬ all equal), max and min E "
                 "moves until finished, from the initial state")
        .source("Aspnes and Herlihy (1990); Kwiatkowska, Norman and Segala (2001); QVBS consensus")
        .edge("As the other forms.")
        .flops("8*N");
    with_csr_rows(op).typical(0, 2);
    with_action_mask(op)
        .flags("finished", &Op::finished, "S", "every process has decided")
        .flags("all_heads", &Op::all_heads, "S", "... and all for heads")
        .flags("agree", &Op::agree, "S", "... and all for the same")
        .builtin("builtin", "consensus(processes, bound)")
        .integer("initial_state", &Op::initial_state, 0, Range::at_least(0),
                 "state the quantities are asked for")
        .index_below("S")
        .integer("num_states", &Op::num_states, 0, Range::at_least(0), "S; 0: from the arrays")
        .size_of("S")
        .integer("num_actions", &Op::num_actions, 0, Range::at_least(0), "A; 0: from the arrays")
        .size_of("A")
        .choice("stop", &Op::stop, {"interval_iteration", "optimistic_value_iteration"}, 0,
                "how probabilities are bounded, as in the form of one probability")
        .number("eps", &Op::eps, 1e-9, Range::above(0), "width of the bounds to stop at")
        .integer("max_iterations", &Op::max_iterations, 1000000, Range::at_least(1),
                 "sweeps after which the solver gives up")
        .out("c2_pmin", &Op::c2_pmin, "", "least probability of ending in all heads")
        .out("disagree_pmax", &Op::disagree_pmax, "", "greatest probability of disagreement")
        .out("steps_max", &Op::steps_max, "", "greatest expected number of moves")
        .out("steps_min", &Op::steps_min, "", "least expected number of moves")
        .out("converged", &Op::converged, "", "1 when all four did");
    return op;
  }
};

template <class T>
struct ReachCost {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  List<int64_t> goal;
  In<T, 1> stop_state;
  In<T, 2> iterates;
  In<int32_t, 1> iterate_policy;
  CostQuantity quantity;
  CostPolicies policies;
  Mode mode;
  ReachStop stop;
  double eps;
  int64_t num_states, num_actions, max_iterations, max_sweeps, pause_after;
  Out<T, 1> value, lower, upper;
  Out<T, 0> max_value;
  Out<int32_t, 1> policy;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<uint8_t, 0> paused;
  Out<T, 1> stop_state_out;
  Out<T, 2> iterates_out;
  Out<int32_t, 1> iterate_policy_out;

  static OpInfo declare() {
    using Op = ReachCost;
    Declare<Op> op("bellman", "reachability", Tier::algorithm);
    op.form("expected_cost", "quantity=expected_cost")
        .summary("Least or greatest expected total cost until a goal.")
        .formula("V(goal) = 0;  V(s) = opt_a c(s,a) + Σ_j p_j V(col_j)")
        .source("Forejt, Kwiatkowska, Norman and Parker (2011), section 4; de Alfaro (1999)")
        .edge("min: as stochastic_shortest_path. max: Infinity where some policy may avoid the "
              "goal; of the proper policies where there is none, or one can put the goal off for "
              "ever at a cost. Costs must be finite and not negative. Bounds as there.")
        .flops("2*N + 2*S*A");
    with_csr_rows(op).typical(0, 2);
    with_action_mask(op)
        .integers("goal", &Op::goal, Range::any(), "", "the goal states")
        .index_below("S");
    with_resumed_goal_solve(op)
        .choice("quantity", &Op::quantity, {"expected_cost"}, 0, "names this form")
        .choice("policies", &Op::policies, {"all", "proper"}, 0,
                "of mode max: all, or those that reach the goal for certain; min is over these")
        .choice("mode", &Op::mode, {"max", "min"}, 1, "greatest or least expected cost")
        .builtin("builtin", "built-in problem, where no rows are given")
        .integer("num_states", &Op::num_states, 0, Range::at_least(0), "S; 0: from the arrays")
        .size_of("S")
        .integer("num_actions", &Op::num_actions, 0, Range::at_least(0), "A; 0: from the arrays")
        .size_of("A")
        .integer("max_iterations", &Op::max_iterations, 1000, Range::at_least(1),
                 "policies evaluated before the solver gives up")
        .integer("max_sweeps", &Op::max_sweeps, 1000000, Range::at_least(1),
                 "sweeps of the bounds after which it does");
    with_bounds_parameters(op, kCostWidth)
        .out("value", &Op::value, "S", "expected cost, between its bounds; 0 at goals")
        .out("lower", &Op::lower, "S", "certified lower bound")
        .out("upper", &Op::upper, "S", "certified upper bound")
        .out("max_value", &Op::max_value, "", "largest entry of `value`")
        .out("policy", &Op::policy, "S", "optimal action; −1 at goals and where it is Infinity")
        .out("iterations", &Op::iterations, "",
             "policies evaluated; sweeps of optimistic_value_iteration")
        .out("converged", &Op::converged, "", kCostConverged);
    return with_resumable_outputs(op);
  }
};

template <class T>
struct Reachability {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob_rows;
  In<T, 2> rewards;
  Flags<2> action_mask;
  List<int64_t> goal;
  In<T, 1> stop_state;
  In<T, 2> iterates;
  In<int32_t, 1> iterate_policy;
  Mode mode;
  ReachQuantity quantity;
  ReachStop stop;
  double eps;
  NullableNumber steps;
  int64_t num_states, num_actions, max_iterations, pause_after;
  Out<T, 1> prob, lower, upper;
  Out<uint8_t, 1> zero_states;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<uint8_t, 0> paused;
  Out<T, 1> stop_state_out;
  Out<T, 2> iterates_out;
  Out<int32_t, 1> iterate_policy_out;

  static OpInfo declare() {
    using Op = Reachability;
    Declare<Op> op("bellman", "reachability", Tier::algorithm);
    op.form("probability")
        .summary("Greatest or least probability of ever reaching a goal, or within some steps.")
        .formula("P(goal) = 1, P(zero states) = 0;  P(s) = opt_a Σ_j p_j P(col_j), between bounds "
                 "that both converge once end components are collapsed")
        .source("Haddad and Monmege (2018); Baier, Klein, Leuschner, Parker and Wunderlich (2017); "
                "Hartmanns and Kaminski (2020, arXiv 1910.01100)")
        .edge(
            "A small change of a sweep proves nothing and stops nothing. interval_iteration solves "
            "policies, proves bounds about their values by a backup rounded outwards, and sweeps "
            "both where that leaves them too wide. "
            "optimistic_value_iteration sweeps from below in place, guesses an upper bound and "
            "proves it by the sweep that raises it nowhere, rounding included: sweeps alone, one "
            "thread. Either way a model of fewer than 512 states without a choice is eliminated "
            "instead. `converged` is 0 where "
            "the bounds stayed further apart than eps; they hold all the same. Missing mass "
            "does not reach the goal. Rows must have mass at most one, unless masked or of a goal.")
        .flops("2*N + 2*S*A")
        .in("row_ptr", &Op::row_ptr, "S*A+1", "bounds of each row's entries: 0 … N")
        .offsets_to("N")
        .in("col", &Op::col, "N", "successor state of each entry")
        .index_below("S")
        .in("prob", &Op::prob_rows, "N", "probability of each entry")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,A", "says S and A; its entries are not used")
        .optional();
    with_action_mask(op)
        .integers("goal", &Op::goal, Range::any(), "", "the goal states")
        .index_below("S");
    with_resumed_goal_solve(op)
        .choice("mode", &Op::mode, {"max", "min"}, 0, "greatest or least probability")
        .choice("quantity", &Op::quantity, {"probability"}, 0, "names this form");
    with_bounds_parameters(op, "width of the bounds to stop at")
        .nullable("steps", &Op::steps, 0, Range::at_least(0),
                  "probability within this many steps; null: ever")
        .null_default()
        .whole()
        .builtin("builtin", "built-in problem, where no rows are given")
        .integer("num_states", &Op::num_states, 0, Range::at_least(0), "S; 0: from the arrays")
        .size_of("S")
        .integer("num_actions", &Op::num_actions, 0, Range::at_least(0), "A; 0: from the arrays")
        .size_of("A")
        .integer("max_iterations", &Op::max_iterations, 1000000, Range::at_least(1),
                 "sweeps after which the solver gives up")
        .out("prob", &Op::prob, "S", "the probability: the middle of its bounds")
        .out("lower", &Op::lower, "S", "certified lower bound")
        .out("upper", &Op::upper, "S", "certified upper bound")
        .out("zero_states", &Op::zero_states, "S", "1 = probability 0, by the graph alone")
        .out("iterations", &Op::iterations, "", "sweeps made")
        .out("converged", &Op::converged, "", "1 when the bounds are eps apart or closer");
    return with_resumable_outputs(op);
  }
};

}  // namespace belfry
