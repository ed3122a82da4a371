// Computations around a whole model: successor representation, distributions of returns, optimism
// over a learned model, and the model that data imply.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class Untried : int32_t { exclude, self_loop, optimistic };

template <class T>
struct SuccessorRepresentation {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  In<T, 2> policy;
  In<T, 1> state_reward;
  In<T, 2> features;
  double gamma;
  Out<T, 2> sr;
  Out<T, 1> values;
  Out<T, 2> successor_features;

  static OpInfo declare() {
    using Op = SuccessorRepresentation;
    Declare<Op> op("bellman", "successor_representation", Tier::algorithm);
    op.summary("Successor representation of a policy, and what it makes of rewards and features.")
        .formula("M = (I − γ P_π)⁻¹;  V = M r;  ψ = M Φ")
        .source("Dayan (1993); Barreto et al., arXiv 1606.05312")
        .edge("Solved by LU in float64. NaN where I − γ P_π is singular: with γ = 1, unless every "
              "state reaches the end.")
        .flops("2*S*S*S");
    with_csr_rows(op)
        .in("policy", &Op::policy, "S,A", "π(a|s)")
        .typical(0, 0.3)
        .in("state_reward", &Op::state_reward, "S", "r; absent: Σ_a π(a|s) rewards(s,a)")
        .optional()
        .in("features", &Op::features, "S,D", "Φ")
        .optional();
    with_discount(op)
        .out("sr", &Op::sr, "S,S", "M(s,s'): discounted visits to s' from s")
        .out("values", &Op::values, "S", "V")
        .out("successor_features", &Op::successor_features, "S,D", "ψ")
        .needs("features");
    return op;
  }
};

template <class T>
struct DistributionalPolicyEvaluation {
  In<T, 2> prob_pi;
  In<T, 1> rewards;
  double gamma, v_min, v_max;
  int64_t num_atoms;
  double tolerance;
  int64_t max_iterations;
  Out<T, 2> prob;
  Out<T, 1> mean;
  Out<int32_t, 0> iterations;
  Out<T, 0> residual_inf;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = DistributionalPolicyEvaluation;
    Declare<Op> op("bellman", "distributional_policy_evaluation", Tier::algorithm);
    op.summary("Distribution of the return of a Markov chain on a grid of atoms (categorical).")
        .formula("η(s) = Π Σ_s' P(s'|s) law(r(s) + γ Z'), Z' ~ η(s'); Π shares each outcome "
                 "between the two nearest atoms")
        .source("Bellemare, Dabney and Munos, arXiv 1707.06887; Rowland et al., arXiv 1802.08163")
        .edge("Outcomes beyond the grid go to its end. The probability that a row lacks ends the "
              "episode. v_max must be above v_min.")
        .flops("(2*S*S + 6*S)*num_atoms*iterations")
        .in("prob_pi", &Op::prob_pi, "S,S", "P_π(s'|s)")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S", "reward on leaving s");
    with_discount(op)
        .number("v_min", &Op::v_min, kRequired, Range::any(), "lowest atom")
        .number("v_max", &Op::v_max, kRequired, Range::any(), "highest atom")
        .integer("num_atoms", &Op::num_atoms, kRequired, Range::at_least(2), "number of atoms")
        .size_of("n")
        .number("tolerance", &Op::tolerance, 1e-12, Range::above(0), "accuracy of `prob`")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "sweeps after which the solve gives up")
        .out("prob", &Op::prob, "S,n", "η(s), atom by atom")
        .out("mean", &Op::mean, "S", "its mean")
        .out("iterations", &Op::iterations, "", "sweeps made")
        .out("residual_inf", &Op::residual_inf, "", "max |change| of the last sweep")
        .out("converged", &Op::converged, "", "1 when the tolerance was met");
    return op;
  }
};

template <class T>
struct UcbviBackup {
  In<T, 3> prob;
  In<T, 2> rewards, count;
  int64_t horizon;
  double c, log_term;
  Out<T, 3> q_values;
  Out<T, 2> values;
  Out<int32_t, 2> policy;

  static OpInfo declare() {
    using Op = UcbviBackup;
    Declare<Op> op("bellman", "ucbvi_backup", Tier::data);
    op.summary("Optimistic backward induction over an empirical model with counts.")
        .formula("Q_t = min(r + c H √(L/n) + P V_{t+1}, H − t);  V_t = max_a Q_t;  V_H = 0")
        .source("Azar, Osband and Munos, arXiv 1703.05449 (Hoeffding bonus)")
        .edge("A pair that was never tried has Q_t = H − t. Ties go to the lowest action.")
        .flops("2*H*S*A*S")
        .in("prob", &Op::prob, "S,A,S", "empirical P(s'|s,a)")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,A", "empirical reward, in [0, 1]")
        .in("count", &Op::count, "S,A", "visits n of each pair")
        .typical(0, 20)
        .integer("horizon", &Op::horizon, kRequired, Range::at_least(0), "number of steps H")
        .size_of("H")
        .number("c", &Op::c, 1.0, Range::at_least(0), "factor of the bonus")
        .number("log_term", &Op::log_term, kRequired, Range::at_least(0), "L = log(S A T / δ)")
        .out("q_values", &Op::q_values, "H,S,A", "Q_0 … Q_{H−1}")
        .out("values", &Op::values, "H+1,S", "V_0 … V_H")
        .out("policy", &Op::policy, "H,S", "greedy actions");
    return op;
  }
};

template <class T>
struct EmpiricalMdp {
  In<int32_t, 1> states, actions;
  In<T, 1> rewards;
  In<int32_t, 1> next_states;
  Flags<1> terminated;
  int64_t num_states, num_actions;
  double gamma;
  Untried untried;
  NullableNumber r_max;
  double tolerance;
  int64_t max_iterations;
  Out<T, 2> count, rewards_out;
  Out<T, 3> prob_dense;
  Out<int32_t, 1> row_ptr, col;
  Out<T, 1> prob;
  Out<T, 1> values;
  Out<T, 2> q_values;
  Out<int32_t, 1> policy;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = EmpiricalMdp;
    Declare<Op> op("bellman", "empirical_mdp", Tier::algorithm);
    op.summary("Maximum-likelihood model of transitions, and its optimal values.")
        .formula("P(s'|s,a) = n(s,a,s')/n(s,a), r(s,a) the mean reward;  V = max_a r + γ P V")
        .source("Kearns and Singh (2002); optimistic: Brafman and Tennenholtz (2002), R-max")
        .edge("A transition that terminated has no successor: its row has mass below one. Untried "
              "pairs: 'exclude' takes them out (row, reward and Q are 0); 'self_loop' stays with "
              "reward 0; 'optimistic' stays with reward r_max. A state without a tried action has "
              "value 0 and policy −1 when they are excluded.")
        .flops("(2*N + 2*S*A)*iterations")
        .where("K", "N+S*A")
        .in("states", &Op::states, "N", "state of each transition")
        .index_below("S")
        .in("actions", &Op::actions, "N", "action of each transition")
        .index_below("A")
        .in("rewards", &Op::rewards, "N", "reward of each transition")
        .in("next_states", &Op::next_states, "N", "state after each transition")
        .index_below("S")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended; absent: never")
        .optional()
        .integer("num_states", &Op::num_states, kRequired, Range::closed(0, 1e9), "S")
        .size_of("S")
        .integer("num_actions", &Op::num_actions, kRequired, Range::closed(0, 1e9), "A")
        .size_of("A");
    with_discount(op)
        .choice("untried", &Op::untried, {"exclude", "self_loop", "optimistic"}, 0,
                "what a pair without data does")
        .nullable("r_max", &Op::r_max, 0, Range::any(),
                  "reward of an untried pair when optimistic; null: the largest seen")
        .null_default()
        .number("tolerance", &Op::tolerance, 1e-10, Range::above(0), "accuracy of `values`")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "sweeps after which the solve gives up")
        .out("count", &Op::count, "S,A", "n(s,a)")
        .out("rewards", &Op::rewards_out, "S,A", "mean reward")
        .out("prob_dense", &Op::prob_dense, "S,A,S", "P(s'|s,a)")
        .out("row_ptr", &Op::row_ptr, "S*A+1", "bounds of each row's entries in the sparse model")
        .out("col", &Op::col, "K", "successor of each entry, ascending in a row")
        .sized_by_data()
        .out("prob", &Op::prob, "K", "probability of each entry")
        .sized_by_data()
        .out("values", &Op::values, "S", "optimal V of the model")
        .out("q_values", &Op::q_values, "S,A", "its Q; 0 where excluded")
        .out("policy", &Op::policy, "S", "greedy action")
        .out("iterations", &Op::iterations, "", "sweeps made")
        .out("converged", &Op::converged, "", "1 when the tolerance was met");
    return op;
  }
};

}  // namespace belfry
