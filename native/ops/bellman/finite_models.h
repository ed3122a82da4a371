// The built-in problems with their published answers, constrained models, the effective horizon of
// deterministic models, and linear-quadratic control.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class AverageCriterion : int32_t { average };
enum class OptimalCriterion : int32_t { discounted };

template <class T>
struct KnownMdpsAverage {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  AverageCriterion criterion;
  int64_t ref_state, num_states, num_actions, max_iterations;
  Out<T, 0> gain;
  Out<T, 1> bias_rel;
  Out<int32_t, 1> policy;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = KnownMdpsAverage;
    Declare<Op> op("bellman", "known_mdps", Tier::algorithm);
    op.form("average", "criterion=average")
        .summary("Average-reward answer of a built-in problem, or of given rows.")
        .formula("gain + h(s) = max_a r(s,a) + Σ_j p_j h(col_j),  h(ref_state) = 0")
        .source("Howard (1960) for the taxicab; Puterman (1994), section 8.5")
        .edge("As average_reward_rvi.")
        .flops("2*N + 2*S*A");
    with_csr_rows(op);
    with_action_mask(op)
        .builtin("builtin", "built-in problem, where no rows are given")
        .choice("criterion", &Op::criterion, {"average"}, 0, "names this form")
        .integer("ref_state", &Op::ref_state, 0, Range::at_least(0), "state whose bias is 0")
        .index_below("S")
        .integer("num_states", &Op::num_states, 0, Range::at_least(0), "S; 0: from the arrays")
        .size_of("S")
        .integer("num_actions", &Op::num_actions, 0, Range::at_least(0), "A; 0: from the arrays")
        .size_of("A")
        .integer("max_iterations", &Op::max_iterations, 1000000, Range::at_least(1),
                 "sweeps after which the solver gives up")
        .out("gain", &Op::gain, "", "best average reward per step")
        .out("bias_rel", &Op::bias_rel, "S", "relative values h")
        .out("policy", &Op::policy, "S", "optimal policy")
        .out("converged", &Op::converged, "", "1 when the bounds of the gain met");
    return op;
  }
};

template <class T>
struct KnownMdps {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob, transition_rewards;
  Flags<1> continues;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<int32_t, 1> query_states;
  OptimalCriterion criterion;
  double gamma;
  NullableNumber horizon;
  int64_t num_states, num_actions, max_iterations;
  Out<T, 1> v_star;
  Out<uint8_t, 2> optimal_actions;
  Out<int32_t, 1> policy;
  Out<T, 1> v_star_at;
  Out<T, 2> q_star_at;
  Out<T, 0> v_star_sum;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = KnownMdps;
    Declare<Op> op("bellman", "known_mdps", Tier::algorithm);
    op.form("optimal")
        .summary("Optimal values of a built-in problem, or of given rows, to rounding.")
        .formula("Q*(s,a) = Σ_j p_j (r_j + γ cont_j V*(col_j)) or r(s,a) + γ Σ_j p_j V*(col_j);  "
                 "V*(s) = max_a Q*(s,a)")
        .source("Puterman (1994), sections 4.5 and 6.4; the problems: Gymnasium toy_text, "
                "pymdptoolbox, Puterman, Howard, Strehl and Littman, PRISM")
        .edge("With a horizon the values are those of step 0. With γ = 1 and none, sweeps go on "
              "until they change nothing, and `converged` speaks of that alone.")
        .flops("2*N + 2*S*A")
        .in("row_ptr", &Op::row_ptr, "S*A+1", "bounds of each row's entries: 0 … N")
        .offsets_to("N")
        .in("col", &Op::col, "N", "successor state of each entry")
        .index_below("S")
        .in("prob", &Op::prob, "N", "probability of each entry")
        .typical(0, 0.3)
        .in("transition_rewards", &Op::transition_rewards, "N",
            "reward of each entry; takes the place of `rewards`")
        .optional()
        .flags("continues", &Op::continues, "N", "0 = the entry ends the episode; absent: none do")
        .optional()
        .in("rewards", &Op::rewards, "S,A", "expected immediate reward; absent: 0")
        .optional();
    with_action_mask(op)
        .in("query_states", &Op::query_states, "Q", "states that v_star_at and q_star_at tell of")
        .optional()
        .index_below("S")
        .builtin("builtin", "built-in problem, where no rows are given")
        .choice("criterion", &Op::criterion, {"discounted"}, 0, "names this form")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .nullable("horizon", &Op::horizon, 0, Range::at_least(0), "number of steps; null: no end")
        .null_default()
        .whole()
        .integer("num_states", &Op::num_states, 0, Range::at_least(0), "S; 0: from the arrays")
        .size_of("S")
        .integer("num_actions", &Op::num_actions, 0, Range::at_least(0), "A; 0: from the arrays")
        .size_of("A")
        .integer("max_iterations", &Op::max_iterations, 1000000, Range::at_least(1),
                 "sweeps (γ = 1) or policies after which the solver gives up")
        .out("v_star", &Op::v_star, "S", "V*")
        .out("optimal_actions", &Op::optimal_actions, "S,A",
             "1 = Q* within 1e-9 of the best allowed")
        .out("policy", &Op::policy, "S", "greedy policy, −1 = none allowed")
        .out("v_star_at", &Op::v_star_at, "Q", "V* of the query states")
        .needs("query_states")
        .out("q_star_at", &Op::q_star_at, "Q,A", "Q* of the query states")
        .needs("query_states")
        .out("v_star_sum", &Op::v_star_sum, "", "sum of V* over all states")
        .out("converged", &Op::converged, "", "1 when the values are solved to rounding");
    return op;
  }
};

template <class T>
struct ConstrainedMdpLp {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards, cost;
  Flags<2> action_mask;
  In<T, 1> mu0;
  double gamma, budget;
  int64_t max_iterations;
  Out<T, 0> objective, cost_out, multiplier;
  Out<T, 2> occupancy, policy;
  Out<T, 0> unconstrained_objective;
  Out<uint8_t, 0> feasible, converged;

  static OpInfo declare() {
    using Op = ConstrainedMdpLp;
    Declare<Op> op("bellman", "constrained_mdp_lp", Tier::algorithm);
    op.summary("Best discounted reward under a budget of discounted cost: the occupancy linear "
               "programme.")
        .formula("max ⟨d,r⟩  s.t.  Σ_a d(s,a) − γ Σ p d = (1−γ) μ_0,  d ≥ 0,  ⟨d,c⟩ ≤ budget")
        .source("Altman, Constrained Markov Decision Processes (1999)")
        .edge("Everything is normalised by 1−γ, as Σ d = 1. A budget below the least cost gives "
              "`feasible` 0 and NaN answers. A state without occupancy has the uniform policy over "
              "its allowed actions.")
        .flops("4*N");
    with_csr_rows(op).in("cost", &Op::cost, "S,A", "expected immediate cost");
    with_action_mask(op)
        .in("mu0", &Op::mu0, "S", "distribution of the first state")
        .typical(0, 1)
        .number("gamma", &Op::gamma, kRequired, {0, 1, false, true}, "discount γ, below 1")
        .number("budget", &Op::budget, kRequired, Range::any(), "most cost allowed, normalised")
        .integer("max_iterations", &Op::max_iterations, 200, Range::at_least(1),
                 "multipliers tried before the solver gives up")
        .out("objective", &Op::objective, "", "⟨d,r⟩")
        .out("cost", &Op::cost_out, "", "⟨d,c⟩")
        .out("multiplier", &Op::multiplier, "", "price of the budget, ≥ 0")
        .out("occupancy", &Op::occupancy, "S,A", "d(s,a)")
        .out("policy", &Op::policy, "S,A", "d(s,a)/Σ_a d(s,a)")
        .out("unconstrained_objective", &Op::unconstrained_objective, "",
             "the best without a budget")
        .out("feasible", &Op::feasible, "", "1 when some policy keeps the budget")
        .out("converged", &Op::converged, "", "1 when primal and dual objective met");
    return op;
  }
};

template <class T>
struct EffectiveHorizonSticky {
  In<int32_t, 2> next_states;
  In<T, 2> rewards;
  int64_t horizon, start;
  double reward_precision, sticky;
  Out<int32_t, 0> min_k, epw;
  Out<T, 0> random_return, optimal_return, worst_return;
  Out<int32_t, 0> num_reachable_product_states;

  static OpInfo declare() {
    using Op = EffectiveHorizonSticky;
    Declare<Op> op("bellman", "effective_horizon", Tier::algorithm);
    op.form("sticky", "sticky")
        .summary("Effective horizon of a deterministic model whose actions stick.")
        .formula("as the deterministic form, over pairs (state, executed action): with probability "
                 "sticky the last executed action is repeated, never at t = 0")
        .source("Laidlaw, Russell and Dragan (arXiv 2304.09853); Laidlaw, Zhu, Russell and Dragan "
                "(arXiv 2312.08369)")
        .edge("The last state is the done state.")
        .flops("8*S*A*A*H")
        .in("next_states", &Op::next_states, "S,A", "successor; −1 = the last state")
        .in("rewards", &Op::rewards, "S,A", "reward")
        .number("sticky", &Op::sticky, kRequired, Range::closed(0, 1),
                "probability of repeating the last executed action")
        .integer("horizon", &Op::horizon, kRequired, Range::at_least(1), "number of steps H")
        .size_of("H")
        .integer("start", &Op::start, 0, Range::at_least(0), "first state")
        .index_below("S")
        .number("reward_precision", &Op::reward_precision, 1e-4, Range::at_least(0),
                "an action this much worse than the best is sub-optimal")
        .out("min_k", &Op::min_k, "",
             "fewest backups of the random policy's Q after which acting greedily is optimal")
        .out("epw", &Op::epw, "", "the same from Q = r: the effective planning window")
        .out("random_return", &Op::random_return, "", "return of the uniform policy")
        .out("optimal_return", &Op::optimal_return, "", "best return")
        .out("worst_return", &Op::worst_return, "", "worst return")
        .out("num_reachable_product_states", &Op::num_reachable_product_states, "",
             "pairs (state, executed action) met at t = 0 … H−1");
    return op;
  }
};

template <class T>
struct EffectiveHorizon {
  In<int32_t, 2> next_states;
  In<T, 2> rewards;
  In<T, 3> exploration_policy;
  int64_t horizon, start;
  double reward_precision;
  Out<int32_t, 0> min_k, epw;
  Out<T, 0> effective_horizon_bound;
  Out<int32_t, 1> ks;
  Out<T, 1> ms, gaps, vars;
  Out<T, 0> random_return, optimal_return, worst_return;
  Out<T, 0> min_state_occupancy, min_sum_state_occupancy;
  Out<T, 0> min_state_action_occupancy, min_sum_state_action_occupancy;

  static OpInfo declare() {
    using Op = EffectiveHorizon;
    Declare<Op> op("bellman", "effective_horizon", Tier::algorithm);
    op.form("deterministic")
        .summary("How far ahead a learner must look in a deterministic model: min_k, planning "
                 "window, a bound on the effective horizon, and occupancies of exploration.")
        .formula("Q_1 = Q_expl;  Q_{k+1}(t,s,a) = r + max_a' Q_k(t+1,s',a');  H = min_k k + log_A "
                 "m_k,  m_k = max_s ⌈16 var ln(2 H A^k)/gap²⌉")
        .source("Laidlaw, Russell and Dragan (arXiv 2304.09853); Laidlaw, Zhu, Russell and Dragan "
                "(arXiv 2312.08369)")
        .edge("The last state is the done state, which the minimum occupancies leave out. min_k "
              "follows every action of the largest Q, by exact comparison.")
        .flops("12*S*A*H")
        .in("next_states", &Op::next_states, "S,A", "successor; −1 = the last state")
        .in("rewards", &Op::rewards, "S,A", "reward")
        .in("exploration_policy", &Op::exploration_policy, "H,S,A",
            "π(t,s,a) of exploration; absent: uniform")
        .optional()
        .typical(0, 1)
        .integer("horizon", &Op::horizon, kRequired, Range::at_least(1), "number of steps H")
        .size_of("H")
        .integer("start", &Op::start, 0, Range::at_least(0), "first state")
        .index_below("S")
        .number("reward_precision", &Op::reward_precision, 1e-4, Range::at_least(0),
                "an action this much worse than the best is sub-optimal")
        .out("min_k", &Op::min_k, "",
             "fewest backups of the exploration's Q after which acting greedily is optimal")
        .out("epw", &Op::epw, "", "the same from Q = r: the effective planning window")
        .out("effective_horizon_bound", &Op::effective_horizon_bound, "", "min(H, min_k H_k)")
        .out("ks", &Op::ks, "H", "the k that set a bound")
        .sized_by_data()
        .out("ms", &Op::ms, "H", "m_k of those")
        .sized_by_data()
        .out("gaps", &Op::gaps, "H", "gap of the state that sets m_k")
        .sized_by_data()
        .out("vars", &Op::vars, "H", "variance of the state that sets m_k")
        .sized_by_data()
        .out("random_return", &Op::random_return, "", "return of exploration")
        .out("optimal_return", &Op::optimal_return, "", "best return")
        .out("worst_return", &Op::worst_return, "", "worst return")
        .out("min_state_occupancy", &Op::min_state_occupancy, "",
             "least, over states met, of the largest visiting probability at any t")
        .out("min_sum_state_occupancy", &Op::min_sum_state_occupancy, "",
             "the same of their sum over t")
        .out("min_state_action_occupancy", &Op::min_state_action_occupancy, "",
             "as min_state_occupancy, of state and action")
        .out("min_sum_state_action_occupancy", &Op::min_sum_state_action_occupancy, "",
             "the same of their sum over t");
    return op;
  }
};

template <class T>
struct LqrRiccati {
  In<T, 2> a, b, q, r, q_final;
  int64_t horizon;
  Out<T, 3> gains;
  Out<T, 2> p0;

  static OpInfo declare() {
    using Op = LqrRiccati;
    Declare<Op> op("bellman", "lqr_riccati", Tier::control);
    op.summary("Finite-horizon linear-quadratic control: the Riccati recursion.")
        .formula("P_H = Q_final;  K_t = (R + Bᵀ P_{t+1} B)⁻¹ Bᵀ P_{t+1} A;  P_t = Q + Aᵀ P_{t+1} "
                 "(A − B K_t);  u_t = −K_t x_t")
        .source("Bertsekas, Dynamic Programming and Optimal Control I (2017)")
        .edge("A singular R + Bᵀ P B is an error that names the step.")
        .flops("4*n*n*n*H")
        .in("A", &Op::a, "n,n", "state to next state")
        .in("B", &Op::b, "n,m", "control to next state")
        .in("Q", &Op::q, "n,n", "cost of the state")
        .in("R", &Op::r, "m,m", "cost of the control")
        .in("Q_final", &Op::q_final, "n,n", "cost of the last state")
        .integer("horizon", &Op::horizon, kRequired, Range::at_least(0), "number of steps H")
        .size_of("H")
        .out("K", &Op::gains, "H,m,n", "gains, in order of time")
        .out("P0", &Op::p0, "n,n", "cost to go at time 0");
    return op;
  }
};

}  // namespace belfry
