// Value iteration by other sweeps than the synchronous one: in place, component by component,
// accelerated, and with actions struck out.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class SweepDirection : int32_t { alternate, forward, backward, topological };

template <class Op>
Declare<Op>& with_certified_model(Declare<Op>& op, const char* start) {
  with_csr_rows(op);
  with_action_mask(op)
      .in("initial_values", &Op::initial_values, "S", start)
      .optional()
      .in("stop_state", &Op::stop_state, "3", "`stop_state` of the solve that this one goes on")
      .optional();
  with_discount(op);
  return with_mode(op)
      .number("tolerance", &Op::tolerance, 1e-9, Range::above(0), "accuracy of `v_star`")
      .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
               "sweeps after which the solve gives up");
}
template <class Op>
Declare<Op>& with_certified_outputs(Declare<Op>& op) {
  return op.out("v_star", &Op::v_star, "S", "V*, within tolerance when converged")
      .out("v_star_lower", &Op::v_star_lower, "S", "certified lower bound on V*")
      .out("v_star_upper", &Op::v_star_upper, "S", "certified upper bound on V*")
      .out("policy_star", &Op::policy_star, "S", "greedy policy of v_star, −1 = none allowed")
      .out("iterations", &Op::iterations, "", "sweeps made")
      .out("converged", &Op::converged, "", "1 when the bounds are 2·tolerance apart or closer")
      .out("residual_inf", &Op::residual_inf, "", "largest change of the last sweep")
      .out("last_values", &Op::last_values, "S",
           "V after the last sweep, as it came out: `initial_values` of a solve that goes on")
      .out("stop_state", &Op::stop_state_out, "3",
           "what the stop rule remembers, for a solve that goes on");
}

template <class T>
struct InPlaceValueIteration {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values, stop_state;
  In<int32_t, 1> order;
  double gamma;
  Mode mode;
  double tolerance;
  int64_t max_iterations;
  SweepDirection direction;
  int64_t first_sweep;
  Out<T, 1> v_star, v_star_lower, v_star_upper;
  Out<int32_t, 1> policy_star;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<T, 0> residual_inf;
  Out<T, 1> last_values, stop_state_out;

  static OpInfo declare() {
    using Op = InPlaceValueIteration;
    Declare<Op> op("bellman", "in_place_value_iteration", Tier::algorithm);
    op.summary("Gauss–Seidel value iteration: each state is backed up with the values already "
               "renewed, in an order that suits the model, until V* is certified.")
        .formula("V(s) ← max_a r(s,a) + γ Σ_j p_j V(col_j), state after state;  with δ = V' − V of "
                 "a sweep, V' + γ/(1−γ) min(0, min δ) ≤ V* ≤ V' + γ/(1−γ) max(0, max δ)")
        .source("Puterman (1994), section 6.3.3; the bounds hold for any monotone operator G with "
                "G(V + c) ≤ G V + γ c")
        .edge("A model whose moves all lead forwards or all backwards is solved by one sweep in "
              "the right direction. Sequential: one thread, the same bits whatever their number. "
              "With γ = 1 there are no bounds and `converged` speaks of the change of a sweep "
              "only.")
        .flops("(2*N + 2*S*A)*iterations");
    with_certified_model(op, "V to begin with; absent: min(0, min r)/(1−γ), from where V only "
                             "rises (max(0, max r)/(1−γ) when minimising)")
        .in("order", &Op::order, "M", "states in the order of a forward sweep; absent: 0 … S−1")
        .optional()
        .index_below("S")
        .choice("direction", &Op::direction, {"alternate", "forward", "backward", "topological"}, 0,
                "'alternate' begins backwards; 'topological': successors before predecessors, by "
                "strong components, whatever `order` says")
        .integer("first_sweep", &Op::first_sweep, 1, Range::at_least(1),
                 "number of the first sweep: 'alternate' goes backwards in the odd ones");
    with_certified_outputs(op);
    return op;
  }
};

template <class T>
struct TopologicalValueIteration {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values, stop_state;
  double gamma;
  Mode mode;
  double tolerance;
  int64_t max_iterations, first_round, max_inner;
  Out<T, 1> v_star, v_star_lower, v_star_upper;
  Out<int32_t, 1> policy_star;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<T, 0> residual_inf;
  Out<T, 1> last_values, stop_state_out;
  Out<int32_t, 0> num_components;
  Out<T, 0> backups;

  static OpInfo declare() {
    using Op = TopologicalValueIteration;
    Declare<Op> op("bellman", "topological_value_iteration", Tier::algorithm);
    op.summary("Topological value iteration: the strong components of the model are solved one "
               "after the other, successors first, then all is certified by one sweep.")
        .formula("for each component C in reverse topological order: sweep C in place until it "
                 "changes by at most θ;  bounds from δ of a last sweep over all states")
        .source("Dai, Mausam, Weld and Goldsmith (2011)")
        .edge("A round that is not certified is followed by one with θ/4. Without cycles every "
              "state is backed up twice in all. γ = 1: as in_place_value_iteration.")
        .flops("2*N + 2*S*A");
    with_certified_model(op, "V to begin with; absent: as in_place_value_iteration")
        .integer("first_round", &Op::first_round, 1, Range::closed(1, 1000),
                 "number of the first round: θ = tolerance·(1−γ)/(2γ) · 4^(1−round)")
        .integer("max_inner", &Op::max_inner, 100000, Range::at_least(1),
                 "sweeps of one component in a round");
    with_certified_outputs(op)
        .out("num_components", &Op::num_components, "", "strong components")
        .out("backups", &Op::backups, "", "states backed up, all together");
    return op;
  }
};

template <class T>
struct AndersonValueIteration {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values, stop_state;
  double gamma;
  Mode mode;
  double tolerance;
  int64_t max_iterations, memory, restart;
  Out<T, 1> v_star, v_star_lower, v_star_upper;
  Out<int32_t, 1> policy_star;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<T, 0> residual_inf;
  Out<T, 1> last_values, stop_state_out;

  static OpInfo declare() {
    using Op = AndersonValueIteration;
    Declare<Op> op("bellman", "anderson_value_iteration", Tier::algorithm);
    op.summary("Value iteration with Anderson acceleration: the next V is the combination of the "
               "last sweeps with the least residual.")
        .formula("f_k = T V_k − V_k;  V_{k+1} = T V_k − (ΔV + Δf) argmin_y ‖f_k − Δf y‖₂, over the "
                 "last `memory` differences")
        .source("Anderson (1965); Walker and Ni (2011); Geist and Scherrer (arXiv 1809.09501)")
        .edge("A combination whose bounds are not closer by γ, as those of a plain sweep are, is "
              "dropped: the memory is emptied, as it is every `restart` sweeps, and the plain "
              "sweep before it counts. The bounds are those of the last sweep and hold whatever V "
              "it began from.")
        .flops("(2*N + 2*S*A + 4*memory*S)*iterations");
    with_certified_model(op, "V to begin with; absent: 0")
        .integer("memory", &Op::memory, 5, Range::closed(1, 20), "differences kept")
        .integer("restart", &Op::restart, 64, Range::at_least(2),
                 "sweeps after which the memory is emptied; a solve goes on with the same bits "
                 "after a multiple of these");
    with_certified_outputs(op);
    return op;
  }
};

template <class T>
struct ActionElimination {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values, stop_state;
  double gamma;
  Mode mode;
  double tolerance;
  int64_t max_iterations;
  Out<T, 1> v_star, v_star_lower, v_star_upper;
  Out<int32_t, 1> policy_star;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<T, 0> residual_inf;
  Out<T, 1> last_values, stop_state_out;
  Out<uint8_t, 2> remaining;
  Out<int32_t, 0> num_eliminated;

  static OpInfo declare() {
    using Op = ActionElimination;
    Declare<Op> op("bellman", "action_elimination", Tier::algorithm);
    op.summary("Value iteration that strikes out actions once the bounds prove them worse than "
               "the best, and sweeps over those that remain.")
        .formula("a leaves s when T V(s) − Q(s,a) > γ/(1−γ) (max δ − min δ), δ = T V − V: then "
                 "r + γ P_a U < L(s) for the bounds L ≤ V* ≤ U")
        .source("MacQueen (1967); Puterman (1994), section 6.7")
        .edge("Every fourth sweep judges the actions. Optimal actions are never struck out, up to "
              "the rounding that the rule allows for. γ = 1 has no bounds and keeps all actions.")
        .flops("(2*N + 2*S*A)*iterations");
    with_certified_model(op, "V to begin with; absent: 0");
    with_certified_outputs(op)
        .out("remaining", &Op::remaining, "S,A",
             "1 = may be optimal: `action_mask` of a solve that goes on, after a multiple of four "
             "sweeps")
        .out("num_eliminated", &Op::num_eliminated, "", "actions struck out");
    return op;
  }
};

}  // namespace belfry
