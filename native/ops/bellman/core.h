// Family `bellman`: backups and solvers of finite Markov decision processes (spec: bellman).
//
// Rows are state-action pairs, row = state·A + action. A row without entries, or with mass below
// one, ends the episode with the missing probability.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class Mode : int32_t { max, min };
enum class QOperator : int32_t { max, policy };
enum class SharedLayout : int32_t { shared_p };
enum class StopRule : int32_t { span, sup };

// The operands of a CSR model, in the order every op lists them. `one_pass`: the op reads its
// columns once.
template <class Op>
Declare<Op>& with_csr_rows(Declare<Op>& op, bool one_pass = false) {
  op.in("row_ptr", &Op::row_ptr, "S*A+1", "bounds of each row's entries: 0 … N")
      .offsets_to("N")
      .in("col", &Op::col, "N", "successor state of each entry")
      .index_below("S");
  if (one_pass) op.checked_in_pass();
  return op.in("prob", &Op::prob, "N", "probability of each entry")
      .typical(0, 0.3)
      .in("rewards", &Op::rewards, "S,A", "expected immediate reward");
}
template <class Op>
Declare<Op>& with_action_mask(Declare<Op>& op) {
  return op.flags("action_mask", &Op::action_mask, "S,A", "1 = allowed; absent: all are")
      .optional();
}
template <class Op>
Declare<Op>& with_discount(Declare<Op>& op) {
  return op.number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ");
}
template <class Op>
Declare<Op>& with_mode(Declare<Op>& op) {
  return op.choice("mode", &Op::mode, {"max", "min"}, 0, "maximise reward, or minimise cost");
}

template <class T>
struct BellmanBackupVCsr {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma;
  Mode mode;
  double tie_eps;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;
  Out<T, 2> q_values;
  Out<T, 0> residual_inf, span_residual;

  static OpInfo declare() {
    using Op = BellmanBackupVCsr;
    Declare<Op> op("bellman", "bellman_backup_v_csr", Tier::data);
    op.summary("One Bellman optimality backup of a value function over a sparse model.")
        .formula("Q(s,a) = r(s,a) + γ Σ_j p_j V(col_j);  V'(s) = max_a Q(s,a)")
        .source("Puterman, Markov Decision Processes (1994), section 6.2")
        .edge("A state with no allowed action has value 0 and policy −1; a masked Q is −Infinity "
              "(+Infinity when minimising). Ties go to the lowest action. NaN propagates; the "
              "policy is then the first NaN action. Probabilities are taken as they are; solvers "
              "refuse negative ones.")
        .flops("2*N + 2*S*A");
    with_csr_rows(op, true);
    with_action_mask(op).in("values", &Op::values, "S", "V");
    with_discount(op);
    with_mode(op)
        .number("tie_eps", &Op::tie_eps, 0.0, Range::at_least(0),
                "an action this close to the best, with a lower index, wins")
        .out("values", &Op::values_out, "S", "V'")
        .out("policy", &Op::policy, "S", "greedy action, −1 where none is allowed")
        .out("q_values", &Op::q_values, "S,A", "Q; written only when asked for")
        .out("residual_inf", &Op::residual_inf, "", "max |V' − V|")
        .out("span_residual", &Op::span_residual, "", "max(V' − V) − min(V' − V)");
    return op;
  }
};

template <class T>
struct BellmanBackupQCsr {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 2> q_values;
  In<T, 2> policy;
  double gamma;
  QOperator q_operator;
  Out<T, 2> q_values_out;

  static OpInfo declare() {
    using Op = BellmanBackupQCsr;
    Declare<Op> op("bellman", "bellman_backup_q_csr", Tier::data);
    op.summary("One Bellman backup of a Q-function over a sparse model.")
        .formula("q'(s,a) = r(s,a) + γ Σ_j p_j V(col_j);  V = max_a q, or Σ_a π(a|s) q")
        .source("Puterman (1994), ch. 6; policy form: Sutton & Barto (2018), section 4.1")
        .edge("Masked entries of q stay −Infinity; 0 · −Infinity never becomes NaN.")
        .flops("2*N + 3*S*A");
    with_csr_rows(op, true);
    with_action_mask(op)
        .in("q_values", &Op::q_values, "S,A", "q")
        .in("policy", &Op::policy, "S,A", "π(a|s), for operator 'policy'")
        .optional()
        .when("operator", "policy")
        .typical(0, 1);
    with_discount(op)
        .choice("operator", &Op::q_operator, {"max", "policy"}, 0, "value of the next state")
        .out("q_values", &Op::q_values_out, "S,A", "q'");
    return op;
  }
};

template <class T>
struct BellmanBackupVDense {
  In<T, 3> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma;
  Mode mode;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;
  Out<T, 2> q_values;

  static OpInfo declare() {
    using Op = BellmanBackupVDense;
    Declare<Op> op("bellman", "bellman_backup_v_dense", Tier::data);
    op.summary("One Bellman optimality backup over a dense transition tensor.")
        .formula("Q(s,a) = r(s,a) + γ Σ_s' P(s'|s,a) V(s');  V'(s) = max_a Q(s,a)")
        .source("Puterman (1994), section 6.2")
        .edge("As bellman_backup_v_csr.")
        .flops("2*S*A*S")
        .in("prob", &Op::prob, "S,A,S", "P(s'|s,a)")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,A", "expected immediate reward");
    with_action_mask(op).in("values", &Op::values, "S", "V");
    with_discount(op);
    with_mode(op)
        .out("values", &Op::values_out, "S", "V'")
        .out("policy", &Op::policy, "S", "greedy action, −1 where none is allowed")
        .out("q_values", &Op::q_values, "S,A", "Q");
    return op;
  }
};

template <class T>
struct BellmanBackupRagged {
  In<int32_t, 1> state_offsets, row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  In<T, 1> gamma;
  Flags<2> action_mask;
  In<T, 1> values;
  int64_t num_actions;
  Mode mode;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = BellmanBackupRagged;
    Declare<Op> op("bellman", "bellman_backup_batched", Tier::data);
    op.form("ragged")
        .summary("One Bellman backup of many MDPs at once, their states concatenated.")
        .formula("V'(s) = max_a r(s,a) + γ_m Σ_j p_j V(first_m + col_j), m the MDP of s")
        .source("Puterman (1994), section 6.2, per MDP")
        .edge("`col` is local to its MDP. The bits of one MDP do not depend on its batch.")
        .flops("2*N + 2*S*A")
        .in("state_offsets", &Op::state_offsets, "B+1", "first state of each MDP: 0 … S")
        .offsets_to("S")
        .in("row_ptr", &Op::row_ptr, "S*A+1", "bounds of each row's entries: 0 … N")
        .offsets_to("N")
        .in("col", &Op::col, "N", "successor state, counted inside its own MDP")
        .index_below("S")
        .in("prob", &Op::prob, "N", "probability of each entry")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,A", "expected immediate reward")
        .in("gamma", &Op::gamma, "B", "discount of each MDP")
        .typical(0, 1);
    with_action_mask(op)
        .in("values", &Op::values, "S", "V of all MDPs, one after the other")
        .integer("num_actions", &Op::num_actions, 0, Range::at_least(0), "A; 0: from `rewards`")
        .size_of("A");
    with_mode(op)
        .out("values", &Op::values_out, "S", "V'")
        .out("policy", &Op::policy, "S", "greedy action, −1 where none is allowed");
    return op;
  }
};

template <class T>
struct BellmanBackupShared {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 3> rewards;
  Flags<2> action_mask;
  In<T, 2> values;
  double gamma;
  SharedLayout layout;
  Mode mode;
  Out<T, 2> values_out;
  Out<int32_t, 2> policy;

  static OpInfo declare() {
    using Op = BellmanBackupShared;
    Declare<Op> op("bellman", "bellman_backup_batched", Tier::data);
    op.form("shared_P")
        .summary("One Bellman backup of many reward and value functions over one model.")
        .formula("V'_b(s) = max_a r_b(s,a) + γ Σ_j p_j V_b(col_j)")
        .source("Puterman (1994), section 6.2, per reward function")
        .edge("The transitions are read once for the whole batch.")
        .flops("2*N*B + 2*B*S*A")
        .in("row_ptr", &Op::row_ptr, "S*A+1", "bounds of each row's entries: 0 … N")
        .offsets_to("N")
        .in("col", &Op::col, "N", "successor state of each entry")
        .index_below("S")
        .in("prob", &Op::prob, "N", "probability of each entry")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "B,S,A", "expected immediate rewards");
    with_action_mask(op).in("values", &Op::values, "B,S", "V of each reward function");
    with_discount(op).choice("layout", &Op::layout, {"shared_P"}, 0, "names this form");
    with_mode(op)
        .out("values", &Op::values_out, "B,S", "V'")
        .out("policy", &Op::policy, "B,S", "greedy actions, −1 where none is allowed");
    return op;
  }
};

template <class T>
struct ValueIteration {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values, stop_state;
  double gamma;
  int64_t num_sweeps;
  Mode mode;
  StopRule stop;
  double tolerance;
  int64_t max_iterations;
  Out<T, 1> values, lower, upper, midpoint;
  Out<T, 1> v_star, v_star_lower, v_star_upper;
  Out<T, 2> q_star;
  Out<int32_t, 1> policy_star;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<T, 0> residual_inf, span;
  Out<T, 1> last_values, stop_state_out;

  static OpInfo declare() {
    using Op = ValueIteration;
    Declare<Op> op("bellman", "value_iteration", Tier::data);
    op.summary("Value iteration with MacQueen–Porteus bounds: a fixed number of sweeps, and the "
               "certified optimum.")
        .formula("V_{n+1} = T V_n, δ = V_{n+1} − V_n;  V_{n+1} + γ/(1−γ) min δ ≤ V* ≤ V_{n+1} + "
                 "γ/(1−γ) max δ")
        .source("Puterman (1994), sections 6.6.2 (bounds) and 6.6.3 (span stop)")
        .edge("Rows with mass below one: min(0, min δ) and max(0, max δ). With γ = 1 there are no "
              "bounds; `converged` then speaks of the change of a sweep only. After max_iterations "
              "the answer so far is returned with `converged` 0. No bound holds with a negative "
              "probability: in an allowed row one is an error, but for `values` alone.")
        .flops("(2*N + 2*S*A)*(num_sweeps + iterations)");
    with_csr_rows(op);
    with_action_mask(op)
        .in("initial_values", &Op::initial_values, "S", "V_0; absent: 0")
        .optional()
        .in("stop_state", &Op::stop_state, "3", "`stop_state` of the solve that this one goes on")
        .optional();
    with_discount(op).integer("num_sweeps", &Op::num_sweeps, 0, Range::at_least(0),
                              "sweeps behind `values`, `lower`, `upper` and `midpoint`");
    with_mode(op)
        .choice("stop", &Op::stop, {"span", "sup"}, 0,
                "stop of the solve: 'span' when the bounds are 2·tolerance apart, and return their "
                "midpoint; 'sup' when the sweep changes V by at most tolerance·(1−γ)/γ")
        .number("tolerance", &Op::tolerance, 1e-9, Range::above(0), "accuracy of `v_star`")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "sweeps after which the solve gives up")
        .out("values", &Op::values, "S", "V after num_sweeps sweeps")
        .out("lower", &Op::lower, "S", "lower bound on V* then")
        .out("upper", &Op::upper, "S", "upper bound on V* then")
        .out("midpoint", &Op::midpoint, "S", "middle of the two")
        .out("v_star", &Op::v_star, "S", "V*, within tolerance when converged")
        .out("v_star_lower", &Op::v_star_lower, "S", "certified lower bound on V*")
        .out("v_star_upper", &Op::v_star_upper, "S", "certified upper bound on V*")
        .out("q_star", &Op::q_star, "S,A", "Q-values of v_star")
        .out("policy_star", &Op::policy_star, "S", "greedy policy of v_star, −1 = none allowed")
        .out("iterations", &Op::iterations, "", "sweeps the solve took")
        .out("converged", &Op::converged, "", "1 when the stop rule was met")
        .out("residual_inf", &Op::residual_inf, "", "max |δ| of the last sweep")
        .out("span", &Op::span, "", "max δ − min δ of the last sweep")
        .out("last_values", &Op::last_values, "S",
             "V after the last sweep, as it came out: `initial_values` of a solve that goes on")
        .out("stop_state", &Op::stop_state_out, "3",
             "what the stop rule remembers, for a solve that goes on");
    return op;
  }
};

template <class T>
struct PolicyEvaluationOccupancy {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  In<T, 2> policy;
  In<T, 1> mu0;
  double gamma;
  int64_t num_sweeps;
  double tolerance;
  int64_t max_iterations;
  Out<T, 1> values;
  Out<T, 2> q_values, adv;
  Out<T, 1> values_after_sweeps, occupancy_s;
  Out<T, 2> occupancy_sa;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = PolicyEvaluationOccupancy;
    Declare<Op> op("bellman", "policy_evaluation_occupancy", Tier::data);
    op.summary("Value of a stochastic policy and its discounted state-action occupancy.")
        .formula("V = (I − γ P_π)⁻¹ r_π;  Q = r + γ P V;  d = (1−γ)(I − γ P_πᵀ)⁻¹ μ_0;  d(s,a) = "
                 "d(s) π(a|s)")
        .source("Puterman (1994), section 6.1 (evaluation) and 6.9 (occupancy)")
        .edge("γ = 1 is legal where every state reaches the end; otherwise `converged` is 0.")
        .flops("4*N");
    with_csr_rows(op)
        .in("policy", &Op::policy, "S,A", "π(a|s)")
        .typical(0, 1)
        .in("mu0", &Op::mu0, "S", "distribution of the first state; absent: no occupancy")
        .optional()
        .typical(0, 1);
    with_discount(op)
        .integer("num_sweeps", &Op::num_sweeps, 0, Range::at_least(0),
                 "sweeps from 0 behind `values_after_sweeps`")
        .number("tolerance", &Op::tolerance, 1e-12, Range::above(0),
                "relative residual at which the linear solve stops")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "iterations after which the linear solve gives up")
        .out("values", &Op::values, "S", "V of the policy")
        .out("q_values", &Op::q_values, "S,A", "Q of the policy")
        .out("adv", &Op::adv, "S,A", "Q − V")
        .out("values_after_sweeps", &Op::values_after_sweeps, "S", "V after num_sweeps from 0")
        .out("occupancy_s", &Op::occupancy_s, "S", "discounted state occupancy")
        .needs("mu0")
        .out("occupancy_sa", &Op::occupancy_sa, "S,A", "discounted state-action occupancy")
        .needs("mu0")
        .out("converged", &Op::converged, "", "1 when the tolerance was met");
    return op;
  }
};

template <class T>
struct FiniteHorizonOccupancy {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  In<T, 3> policy_t;
  In<T, 1> mu0;
  int64_t horizon;
  Out<T, 2> occupancy_t_s;
  Out<T, 3> occupancy_t_sa;

  static OpInfo declare() {
    using Op = FiniteHorizonOccupancy;
    Declare<Op> op("bellman", "finite_horizon", Tier::data);
    op.form("occupancy")
        .summary("State-action occupancy of a time-dependent policy, step by step.")
        .formula("d_0 = μ_0;  d_{t+1}(s') = Σ d_t(s) π_t(a|s) P(s'|s,a)")
        .source("Puterman (1994), section 2.1.6 (the process that a policy induces)")
        .edge("")
        .flops("2*N*horizon");
    with_csr_rows(op)
        .optional()
        .in("policy_t", &Op::policy_t, "H,S,A", "π_t(a|s)")
        .typical(0, 1)
        .in("mu0", &Op::mu0, "S", "distribution of the first state")
        .typical(0, 1)
        .integer("horizon", &Op::horizon, kRequired, Range::at_least(0), "number of steps H")
        .size_of("H")
        .out("occupancy_t_s", &Op::occupancy_t_s, "H,S", "d_t(s)")
        .out("occupancy_t_sa", &Op::occupancy_t_sa, "H,S,A", "d_t(s) π_t(a|s)");
    return op;
  }
};

template <class T>
struct FiniteHorizonDense {
  In<T, 4> prob_t;
  In<T, 3> rewards_t;
  Flags<3> action_mask_t;
  In<T, 1> terminal_values;
  double gamma;
  int64_t horizon;
  Mode mode;
  Out<T, 2> values;
  Out<T, 3> q_values;
  Out<int32_t, 2> policy;

  static OpInfo declare() {
    using Op = FiniteHorizonDense;
    Declare<Op> op("bellman", "finite_horizon", Tier::data);
    op.form("dense")
        .summary("Backward induction over a time-dependent dense model.")
        .formula("Q_t = r_t + γ P_t V_{t+1};  V_t = max_a Q_t;  V_H = terminal_values")
        .source("Puterman (1994), section 4.5")
        .edge("As bellman_backup_v_dense, at every step.")
        .flops("2*H*S*A*S")
        .in("prob_t", &Op::prob_t, "H,S,A,S", "P_t(s'|s,a)")
        .typical(0, 0.3)
        .in("rewards_t", &Op::rewards_t, "H,S,A", "expected immediate rewards")
        .flags("action_mask_t", &Op::action_mask_t, "H,S,A",
               "1 = allowed in step t; absent: all are")
        .optional()
        .in("terminal_values", &Op::terminal_values, "S", "V_H; absent: 0")
        .optional()
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ")
        .integer("horizon", &Op::horizon, kRequired, Range::at_least(0), "number of steps H")
        .size_of("H");
    with_mode(op)
        .out("values", &Op::values, "H+1,S", "V_0 … V_H")
        .out("q_values", &Op::q_values, "H,S,A", "Q_0 … Q_{H−1}")
        .out("policy", &Op::policy, "H,S", "greedy actions, −1 = none allowed");
    return op;
  }
};

template <class T>
struct FiniteHorizon {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> terminal_values;
  double gamma;
  int64_t horizon;
  Mode mode;
  Out<T, 2> values;
  Out<T, 3> q_values;
  Out<int32_t, 2> policy;

  static OpInfo declare() {
    using Op = FiniteHorizon;
    Declare<Op> op("bellman", "finite_horizon", Tier::data);
    op.form("optimal")
        .summary("Backward induction over a stationary sparse model.")
        .formula("Q_t = r + γ P V_{t+1};  V_t = max_a Q_t;  V_H = terminal_values")
        .source("Puterman (1994), section 4.5")
        .edge("As bellman_backup_v_csr, at every step.")
        .flops("(2*N + 2*S*A)*horizon");
    with_csr_rows(op);
    with_action_mask(op)
        .in("terminal_values", &Op::terminal_values, "S", "V_H; absent: 0")
        .optional()
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ")
        .integer("horizon", &Op::horizon, kRequired, Range::at_least(0), "number of steps H")
        .size_of("H");
    with_mode(op)
        .out("values", &Op::values, "H+1,S", "V_0 … V_H")
        .out("q_values", &Op::q_values, "H,S,A", "Q_0 … Q_{H−1}")
        .out("policy", &Op::policy, "H,S", "greedy actions, −1 = none allowed");
    return op;
  }
};

using BellmanOps =
    OpList<BellmanBackupVCsr, BellmanBackupQCsr, BellmanBackupVDense, BellmanBackupRagged,
           BellmanBackupShared, ValueIteration, PolicyEvaluationOccupancy, FiniteHorizonOccupancy,
           FiniteHorizonDense, FiniteHorizon>;

}  // namespace belfry
