// Solvers for models with a goal: expected cost to it, probability of reaching it.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class MinOnly : int32_t { min };
enum class ReachQuantity : int32_t { probability };
enum class CostQuantity : int32_t { expected_cost };
enum class ReachStop : int32_t { interval_iteration };

template <class T>
struct StochasticShortestPath {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  List<int64_t> goal;
  MinOnly mode;
  int64_t max_iterations;
  Out<T, 1> values;
  Out<int32_t, 1> policy;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = StochasticShortestPath;
    Declare<Op> op("bellman", "stochastic_shortest_path", Tier::algorithm);
    op.summary("Least expected cost to a goal, over the policies that reach it for certain.")
        .formula("V(goal) = 0;  V(s) = min_a c(s,a) + Σ_j p_j V(col_j) over actions that stay "
                 "where the goal can be reached with probability one")
        .source("Bertsekas and Tsitsiklis (1991); de Alfaro (1999) for the certain set and "
                "zero-cost cycles")
        .edge("Infinity and policy −1 where no policy reaches the goal for certain; policy −1 at "
              "goals. Costs must be finite and not negative, rows of mass at most one, unless "
              "masked or of a goal. Missing mass is not the goal. Cycles of cost 0 are collapsed "
              "first, so that they never look free for ever.")
        .flops("2*N + 2*S*A");
    with_csr_rows(op).typical(0, 2);
    with_action_mask(op)
        .integers("goal", &Op::goal, Range::any(), "", "the goal states")
        .index_below("S")
        .choice("mode", &Op::mode, {"min"}, 0, "costs are minimised")
        .integer("max_iterations", &Op::max_iterations, 1000, Range::at_least(1),
                 "policies evaluated before the solver gives up")
        .out("values", &Op::values, "S", "least expected cost")
        .out("policy", &Op::policy, "S", "optimal action; −1 at goals and where V is Infinity")
        .out("iterations", &Op::iterations, "", "policies evaluated")
        .out("converged", &Op::converged, "",
             "1 when the policy was evaluated exactly and no action improves on it");
    return op;
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
  CostQuantity quantity;
  Mode mode;
  int64_t num_states, num_actions, max_iterations;
  Out<T, 1> value;
  Out<T, 0> max_value;
  Out<int32_t, 1> policy;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = ReachCost;
    Declare<Op> op("bellman", "reachability", Tier::algorithm);
    op.form("expected_cost", "quantity=expected_cost")
        .summary("Least or greatest expected total cost until a goal.")
        .formula("V(goal) = 0;  V(s) = opt_a c(s,a) + Σ_j p_j V(col_j)")
        .source("Forejt, Kwiatkowska, Norman and Parker (2011), section 4; de Alfaro (1999)")
        .edge("min: as stochastic_shortest_path. max: Infinity where some policy may avoid the "
              "goal. Costs must be finite and not negative.")
        .flops("2*N + 2*S*A");
    with_csr_rows(op).typical(0, 2);
    with_action_mask(op)
        .integers("goal", &Op::goal, Range::any(), "", "the goal states")
        .index_below("S")
        .choice("quantity", &Op::quantity, {"expected_cost"}, 0, "names this form")
        .choice("mode", &Op::mode, {"max", "min"}, 1, "greatest or least expected cost")
        .builtin("builtin", "built-in problem, where no rows are given")
        .integer("num_states", &Op::num_states, 0, Range::at_least(0), "S; 0: from the arrays")
        .size_of("S")
        .integer("num_actions", &Op::num_actions, 0, Range::at_least(0), "A; 0: from the arrays")
        .size_of("A")
        .integer("max_iterations", &Op::max_iterations, 1000, Range::at_least(1),
                 "policies evaluated before the solver gives up")
        .out("value", &Op::value, "S", "expected cost; 0 at goals")
        .out("max_value", &Op::max_value, "", "largest entry of `value`")
        .out("policy", &Op::policy, "S", "optimal action; −1 at goals and where it is Infinity")
        .out("converged", &Op::converged, "",
             "1 when the policy was evaluated exactly and no action improves on it");
    return op;
  }
};

template <class T>
struct Reachability {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob_rows;
  In<T, 2> rewards;
  Flags<2> action_mask;
  List<int64_t> goal;
  Mode mode;
  ReachQuantity quantity;
  ReachStop stop;
  double eps;
  NullableNumber steps;
  int64_t num_states, num_actions, max_iterations;
  Out<T, 1> prob, lower, upper;
  Out<uint8_t, 1> zero_states;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = Reachability;
    Declare<Op> op("bellman", "reachability", Tier::algorithm);
    op.form("probability")
        .summary("Greatest or least probability of ever reaching a goal, or within some steps.")
        .formula("P(goal) = 1, P(zero states) = 0;  P(s) = opt_a Σ_j p_j P(col_j), between bounds "
                 "that both converge once end components are collapsed")
        .source("Haddad and Monmege (2018); Baier, Klein, Leuschner, Parker and Wunderlich (2017)")
        .edge(
            "A small change of a sweep proves nothing and stops nothing. `converged` is 0 where "
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
        .index_below("S")
        .choice("mode", &Op::mode, {"max", "min"}, 0, "greatest or least probability")
        .choice("quantity", &Op::quantity, {"probability"}, 0, "names this form")
        .choice("stop", &Op::stop, {"interval_iteration"}, 0, "bounds from both sides")
        .number("eps", &Op::eps, 1e-8, Range::above(0), "width of the bounds to stop at")
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
    return op;
  }
};

}  // namespace belfry
