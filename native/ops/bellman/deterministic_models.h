// Solvers of deterministic models.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class SweepOrder : int32_t { alternate, backward, forward };

template <class T>
struct ValueIterationDeterministic {
  In<int32_t, 2> next_states;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values, stop_state;
  double gamma;
  int64_t terminal;
  Mode mode;
  SweepOrder order;
  double tolerance;
  int64_t max_iterations, first_sweep;
  Out<T, 1> v_star, v_star_lower, v_star_upper;
  Out<int32_t, 1> policy_star;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<T, 0> residual_inf;
  Out<T, 1> stop_state_out;

  static OpInfo declare() {
    using Op = ValueIterationDeterministic;
    Declare<Op> op("bellman", "value_iteration_deterministic", Tier::algorithm);
    op.summary("Certified value iteration of a deterministic model by sweeps in place.")
        .formula("state after state: V(s) ← max_a r(s,a) + γ V(next(s,a)), without the second term "
                 "where the episode ends; an action that stays counts as staying for ever, r/(1−γ);"
                 "  |V − V*| ≤ γ/(1−γ) max |change of a sweep|")
        .source("Puterman (1994), section 6.3.3 (Gauss–Seidel) and theorem 6.3.1 (bound)")
        .edge("States numbered along the way to the end, or against it, need a few sweeps however "
              "long the way is. With γ = 1 there are no bounds; `converged` then speaks of the "
              "change of a sweep only. A state without an allowed action has value 0 and policy "
              "−1. After max_iterations the answer so far is returned with `converged` 0.")
        .flops("3*S*A*iterations")
        .in("next_states", &Op::next_states, "S,A", "successor of each pair, or `terminal`")
        .index_below("S")
        .or_equal("terminal")
        .in("rewards", &Op::rewards, "S,A", "reward of each pair");
    with_action_mask(op)
        .in("initial_values", &Op::initial_values, "S",
            "V_0; absent: min(0, smallest reward)/(1−γ), below V*, or above it when minimising; 0 "
            "when γ = 1")
        .optional()
        .in("stop_state", &Op::stop_state, "3", "`stop_state` of the solve that this one goes on")
        .optional();
    with_discount(op).integer("terminal", &Op::terminal, -1, Range::any(),
                              "what stands in `next_states` where the episode ends");
    with_mode(op)
        .choice("order", &Op::order, {"alternate", "backward", "forward"}, 0,
                "order of the states: from the last to the first and back in turn, or one of the "
                "two")
        .number("tolerance", &Op::tolerance, 1e-9, Range::above(0), "accuracy of `v_star`")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "sweeps after which the solve gives up")
        .integer("first_sweep", &Op::first_sweep, 1, Range::at_least(1),
                 "number of the first sweep: 'alternate' goes backwards in the odd ones")
        .out("v_star", &Op::v_star, "S",
             "V*, within tolerance when converged; always V after the last sweep, so "
             "`initial_values` of a solve that goes on")
        .out("v_star_lower", &Op::v_star_lower, "S", "certified lower bound on V*")
        .out("v_star_upper", &Op::v_star_upper, "S", "certified upper bound on V*")
        .out("policy_star", &Op::policy_star, "S", "greedy policy of v_star, −1 = none allowed")
        .out("iterations", &Op::iterations, "", "sweeps the solve took")
        .out("converged", &Op::converged, "", "1 when the bound fell to the tolerance")
        .out("residual_inf", &Op::residual_inf, "", "largest change of the last sweep")
        .out("stop_state", &Op::stop_state_out, "3",
             "what the stop rule remembers, for a solve that goes on");
    return op;
  }
};

// On the host.
using BellmanDeterministicHostOps = OpList<ValueIterationDeterministic>;

}  // namespace belfry
