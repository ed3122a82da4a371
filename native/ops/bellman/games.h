// Matrix games, Shapley iteration, equilibria, restless bandits, multi-agent inverse Q-learning.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class RowPlayer : int32_t { max };
enum class GameSolution : int32_t { mixed, maxmin_pure };
enum class RegretAveraging : int32_t { uniform, linear };
enum class JointConstraint : int32_t { cardinality_le };
enum class InverseDivergence : int32_t { chi, hellinger, kl_fix, js };
enum class ValueSampling : int32_t { all, expert, v0 };

// What every solver that iterates to a fixed point takes and tells.
template <class Op>
Declare<Op>& with_stop(Declare<Op>& op, double tolerance, double max_iterations) {
  return op
      .number("tolerance", &Op::tolerance, tolerance, Range::above(0),
              "accuracy at which the solve stops")
      .integer("max_iterations", &Op::max_iterations, max_iterations, Range::at_least(1),
               "iterations after which the solve gives up");
}
template <class Op>
Declare<Op>& with_stop_outputs(Declare<Op>& op) {
  return op.out("iterations", &Op::iterations, "", "iterations the solve took")
      .out("converged", &Op::converged, "", "1 when the tolerance was met");
}

template <class T>
struct MatrixGame {
  In<T, 2> payoff;
  RowPlayer row_player;
  Out<T, 0> value;
  Out<T, 1> x, y;

  static OpInfo declare() {
    using Op = MatrixGame;
    return Declare<Op>("bellman", "matrix_game", Tier::algorithm)
        .summary("Value and optimal mixed strategies of a two-player zero-sum matrix game.")
        .formula("v = max_x min_y xᵀ M y")
        .source("von Neumann (1928); as a linear programme: Dantzig (1951)")
        .edge("Optimal strategies need not be unique; every one has xᵀM ≥ v and M y ≤ v. A payoff "
              "that is not finite makes all outputs NaN. A game without rows or columns has value "
              "0.")
        .flops("(A + B)*A*B")
        .in("payoff", &Op::payoff, "A,B", "M, what the column player pays the row player")
        .choice("row_player", &Op::row_player, {"max"}, 0, "the row player maximises")
        .out("value", &Op::value, "", "v")
        .out("x", &Op::x, "A", "an optimal strategy of the row player")
        .out("y", &Op::y, "B", "an optimal strategy of the column player");
  }
};

template <class T>
struct ShapleyValueIteration {
  In<T, 4> prob;
  In<T, 3> rewards;
  In<T, 1> values;
  double gamma;
  GameSolution solution;
  double tolerance;
  int64_t max_iterations;
  Out<T, 1> v_one_backup, v_star;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = ShapleyValueIteration;
    Declare<Op> op("bellman", "shapley_value_iteration", Tier::algorithm);
    op.summary("Value iteration of a two-player zero-sum Markov game.")
        .formula("V'(s) = val_{a,b}[ R(s,a,b) + γ Σ_s' P(s'|s,a,b) V(s') ]")
        .source("Shapley, Stochastic Games (1953)")
        .edge("'maxmin_pure' is the game of alternating moves, max_a min_b. With γ = 1 the solve "
              "may end at max_iterations with `converged` 0. A state without actions has value 0.")
        .flops("2*S*A*B*S*iterations")
        .in("prob", &Op::prob, "S,A,B,S", "P(s'|s,a,b)")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,A,B", "R(s,a,b), to the row player")
        .in("values", &Op::values, "S", "V; absent: 0")
        .optional()
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .choice("solution", &Op::solution, {"mixed", "maxmin_pure"}, 0,
                "value of a stage game: mixed strategies, or max over a of min over b");
    with_stop(op, 1e-11, 100000)
        .out("v_one_backup", &Op::v_one_backup, "S", "V', one backup of `values`")
        .out("v_star", &Op::v_star, "S", "the fixed point");
    return with_stop_outputs(op);
  }
};

template <class T>
struct QuantalResponseGame {
  In<T, 2> payoff;
  double alpha, beta;
  double tolerance;
  int64_t max_iterations;
  Out<T, 1> policy_max, policy_min;
  Out<T, 0> regularized_value, expected_payoff;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = QuantalResponseGame;
    Declare<Op> op("bellman", "quantal_response_equilibrium", Tier::algorithm);
    op.form("game")
        .summary("Logit quantal response equilibrium of a zero-sum matrix game.")
        .formula("x = softmax(M y / α);  y = softmax(−Mᵀ x / β);  v = xᵀMy + α H(x) − β H(y)")
        .source("McKelvey & Palfrey (1995); as adversarial training: Reddi et al., arXiv "
                "2311.01642")
        .edge("Unique for α, β > 0. Both temperatures 0: the matrix game. One of them 0: the limit "
              "of small temperatures, that side's best response. A payoff that is not finite makes "
              "all outputs NaN.")
        .flops("")
        .in("payoff", &Op::payoff, "A,B", "M, what the minimiser pays the maximiser")
        .number("alpha", &Op::alpha, kRequired, Range::at_least(0), "temperature of the maximiser")
        .number("beta", &Op::beta, kRequired, Range::at_least(0), "temperature of the minimiser");
    return with_stop(op, 1e-12, 10000)
        .out("policy_max", &Op::policy_max, "A", "x")
        .out("policy_min", &Op::policy_min, "B", "y")
        .out("regularized_value", &Op::regularized_value, "", "v")
        .out("expected_payoff", &Op::expected_payoff, "", "xᵀMy")
        .out("converged", &Op::converged, "", "1 when both fixed points hold within tolerance");
  }
};

template <class T>
struct QuantalResponseMarkov {
  In<T, 4> prob;
  In<T, 3> rewards;
  double alpha, beta, gamma;
  double tolerance;
  int64_t max_iterations;
  Out<T, 1> v_star;
  Out<T, 2> policy_max, policy_min;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = QuantalResponseMarkov;
    Declare<Op> op("bellman", "quantal_response_equilibrium", Tier::algorithm);
    op.form("markov_game")
        .summary(
            "Regularised value iteration of a zero-sum Markov game: every stage game is played "
            "at its quantal response equilibrium.")
        .formula("V'(s) = v[ R(s,·,·) + γ Σ P V ], v the regularised value of the stage game")
        .source("Reddi et al., arXiv 2311.01642; Geist et al., arXiv 1901.11275")
        .edge("As the form for one game, in every state. A state without actions has value 0.")
        .flops("2*S*A*B*S*iterations")
        .in("prob", &Op::prob, "S,A,B,S", "P(s'|s,a,b)")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,A,B", "R(s,a,b), to the maximiser")
        .number("alpha", &Op::alpha, kRequired, Range::at_least(0), "temperature of the maximiser")
        .number("beta", &Op::beta, kRequired, Range::at_least(0), "temperature of the minimiser")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ");
    with_stop(op, 1e-10, 10000)
        .out("v_star", &Op::v_star, "S", "the fixed point")
        .out("policy_max", &Op::policy_max, "S,A", "x of every state")
        .out("policy_min", &Op::policy_min, "S,B", "y of every state");
    return with_stop_outputs(op);
  }
};

template <class T>
struct RegretMatching {
  In<T, 2> payoff;
  int64_t rounds;
  bool plus, simultaneous;
  RegretAveraging averaging;
  Out<T, 1> avg_x, avg_y;
  Out<T, 0> exploitability;

  static OpInfo declare() {
    using Op = RegretMatching;
    return Declare<Op>("bellman", "regret_matching", Tier::algorithm)
        .summary("Regret matching of two players against each other in a zero-sum matrix game.")
        .formula("x ∝ max(R, 0), uniform where none is positive;  R_i += (M y)_i − xᵀMy, and "
                 "likewise for y against −M;  exploitability = max M ȳ − min x̄ᵀM")
        .source("Hart & Mas-Colell (2000); RM+: Tammelin, arXiv 1407.5042")
        .edge("NaN payoffs make the averages NaN.")
        .flops("4*A*B*rounds")
        .in("payoff", &Op::payoff, "A,B", "M, what the column player pays the row player")
        .integer("rounds", &Op::rounds, kRequired, Range::at_least(1), "rounds played")
        .boolean("plus", &Op::plus, false, "RM+: regrets are cut at 0 after each update")
        .boolean("simultaneous", &Op::simultaneous, true,
                 "false: the row player moves on before the column player's regrets grow")
        .choice("averaging", &Op::averaging, {"uniform", "linear"}, 0,
                "weights of the rounds in the averages: equal, or by their number")
        .out("avg_x", &Op::avg_x, "A", "x̄")
        .out("avg_y", &Op::avg_y, "B", "ȳ")
        .out("exploitability", &Op::exploitability, "", "what best responses gain together");
  }
};

template <class T>
struct Mamql {
  In<T, 3> q_joint, next_q_joint;
  In<T, 2> other_policy, next_other_policy;
  In<int32_t, 1> actions;
  Flags<1> terminated, is_expert;
  double rationality, gamma, alpha;
  InverseDivergence divergence;
  ValueSampling value_sampling;
  Out<T, 2> q_marginal, policy;
  Out<T, 1> values, rewards;
  Out<T, 0> loss;
  Out<T, 2> grad_q_marginal, grad_next_q_marginal;
  Out<T, 3> grad_q_joint, grad_next_q_joint;

  static OpInfo declare() {
    using Op = Mamql;
    return Declare<Op>("bellman", "mamql", Tier::data)
        .summary(
            "Multi-agent inverse Q-learning of one agent: marginal critic, its soft policy, the "
            "recovered rewards, and the IQ-Learn objective with its gradients.")
        .formula("Q̄(s,a) = Σ_o π₋(o|s) Q(s,a,o);  π = softmax(λ Q̄);  V = log Σ e^{λQ̄} / λ;  y = "
                 "(1 − done) γ V(s');  r = Q̄(s,a) − y;  L = −mean_expert φ(r) + mean(V(s) − y), "
                 "φ(r) = r − r²/(4α)")
        .source("Haynam et al., Multi-Agent Inverse Q-Learning from Demonstrations, arXiv "
                "2503.04679; objective: Garg et al., IQ-Learn, arXiv 2106.12142")
        .edge(
            "Without an expert row the expert terms are 0. An empty batch has loss 0. A NaN makes "
            "the loss NaN and leaves the gradients of the other rows finite. The other agents' "
            "policies are constants of the gradient.")
        .flops("4*B*A*K")
        .in("q_joint", &Op::q_joint, "B,A,K", "Q(s,a,o), o the joint action of the others")
        .in("next_q_joint", &Op::next_q_joint, "B,A,K", "the same of the next state")
        .in("other_policy", &Op::other_policy, "B,K", "π₋(o|s), the product of their policies")
        .typical(0, 0.5)
        .in("next_other_policy", &Op::next_other_policy, "B,K", "the same of the next state")
        .typical(0, 0.5)
        .in("actions", &Op::actions, "B", "own action taken")
        .index_below("A")
        .flags("terminated", &Op::terminated, "B", "1 = the next state has no value; absent: 0")
        .optional()
        .flags("is_expert", &Op::is_expert, "B", "1 = the row is a demonstration; absent: all are")
        .optional()
        .number("rationality", &Op::rationality, 1.0, Range::above(0), "λ, an inverse temperature")
        .number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
        .number("alpha", &Op::alpha, 0.5, Range::above(0), "α of the chi-square regulariser")
        .choice("divergence", &Op::divergence, {"chi", "hellinger", "kl_fix", "js"}, 0,
                "'chi': φ as above; the others: φ'(r) r with φ' held constant, 1/(1+r)², e^{−r} or "
                "e^{−r}/(2 − e^{−r})")
        .choice(
            "value_sampling", &Op::value_sampling, {"all", "expert", "v0"}, 0,
            "rows of the value term: all, the demonstrations, or (1 − γ) mean V(s) of rows that "
            "are first states")
        .out("q_marginal", &Op::q_marginal, "B,A", "Q̄(s,·)")
        .out("policy", &Op::policy, "B,A", "π(·|s)")
        .out("values", &Op::values, "B", "V(s)")
        .out("rewards", &Op::rewards, "B", "r, the recovered reward")
        .out("loss", &Op::loss, "", "L")
        .out("grad_q_marginal", &Op::grad_q_marginal, "B,A", "∂L/∂Q̄(s,·)")
        .out("grad_next_q_marginal", &Op::grad_next_q_marginal, "B,A", "∂L/∂Q̄(s',·)")
        .out("grad_q_joint", &Op::grad_q_joint, "B,A,K", "∂L/∂Q(s,·,·)")
        .out("grad_next_q_joint", &Op::grad_next_q_joint, "B,A,K", "∂L/∂Q(s',·,·)");
  }
};

template <class T>
struct WhittleIndex {
  In<T, 3> prob;
  In<T, 2> rewards;
  double gamma;
  Out<T, 1> whittle_index;
  Out<uint8_t, 0> indexable;

  static OpInfo declare() {
    using Op = WhittleIndex;
    return Declare<Op>("bellman", "whittle_index", Tier::algorithm)
        .summary("Whittle index of every state of a restless arm, discounted.")
        .formula("the subsidy λ of passivity with Q_λ(s,0) = Q_λ(s,1), where Q_λ(s,a) = r(s,a) + "
                 "λ[a = 0] + γ Σ P(s'|s,a) V_λ(s')")
        .source("Whittle, Restless Bandits (1988)")
        .edge("±Infinity where no subsidy makes a state indifferent; NaN where the arm has no "
              "value, as with γ = 1.")
        .flops("S*S*S*S")
        .in("prob", &Op::prob, "S,2,S", "P(s'|s,a), a = 0 passive, 1 active")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,2", "r(s,a)")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .out("whittle_index", &Op::whittle_index, "S", "λ of each state")
        .out("indexable", &Op::indexable, "",
             "1 when the passive set only grows with λ, as far as the indices of all states show");
  }
};

template <class T>
struct RmabJointValueIteration {
  In<T, 4> prob;
  In<T, 2> reward_state;
  double gamma;
  int64_t budget;
  JointConstraint constraint;
  double tolerance;
  int64_t max_iterations;
  Out<T, 1> v_star;
  Out<uint8_t, 2> joint_action;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = RmabJointValueIteration;
    Declare<Op> op("bellman", "rmab_joint_value_iteration", Tier::algorithm);
    op.summary(
          "Exact joint value iteration of a few restless arms under a budget; the joint kernel "
          "is never formed.")
        .formula("V(s) = Σ_j r_j(s_j) + γ max_{Σ a ≤ budget} E[V(s')],  P = Π_j P_j(s'_j|s_j,a_j)")
        .source("Xu et al., Reinforcement learning with combinatorial actions for coupled restless "
                "bandits, arXiv 2503.01919")
        .edge("The joint state has arm 0 as its most significant digit, base S. Of actions that "
              "differ by rounding only, the first in lexicographic order wins. At most 2^24 joint "
              "states.")
        .flops("")
        .in("prob", &Op::prob, "J,S,2,S", "P_j(s'|s,a)")
        .typical(0, 0.3)
        .in("reward_state", &Op::reward_state, "J,S", "r_j(s)")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .integer("budget", &Op::budget, kRequired, Range::at_least(0), "arms that may be active")
        .choice("constraint", &Op::constraint, {"cardinality_le"}, 0, "at most `budget` arms");
    with_stop(op, 1e-10, 100000)
        .out("v_star", &Op::v_star, "S^J", "V of each joint state")
        .out("joint_action", &Op::joint_action, "S^J,J", "1 = the arm is active");
    return with_stop_outputs(op);
  }
};

template <class T>
struct TemperatureCurriculum {
  In<T, 1> temperature, value;
  double conc_old, rate_old, conc, rate, conc_target, rate_target;
  Out<T, 0> kl_target, kl_old, performance;
  Out<T, 1> grad_kl_target, grad_kl_old, grad_performance;

  static OpInfo declare() {
    using Op = TemperatureCurriculum;
    const Range positive = Range::above(0);
    return Declare<Op>("bellman", "temperature_curriculum", Tier::algorithm)
        .summary(
            "Terms of one update of a Gamma curriculum over adversary temperatures, with their "
            "gradients.")
        .formula("KL(p‖q) = (c−c')ψ(c) − lnΓ(c) + lnΓ(c') + c'(ln b − ln b') + c(b'−b)/b;  "
                 "performance = mean p(t)/p_old(t) · value")
        .source("Reddi et al., arXiv 2311.01642; Klink et al., self-paced learning, arXiv "
                "2004.11812")
        .edge("No samples: performance 0.")
        .flops("20*N")
        .in("temperature", &Op::temperature, "N", "temperatures t drawn from the old distribution")
        .typical(0.1, 3)
        .in("value", &Op::value, "N", "performance reached at each")
        .number("conc_old", &Op::conc_old, kRequired, positive, "concentration of p_old")
        .number("rate_old", &Op::rate_old, kRequired, positive, "rate of p_old")
        .number("conc", &Op::conc, kRequired, positive, "concentration c of p")
        .number("rate", &Op::rate, kRequired, positive, "rate b of p")
        .number("conc_target", &Op::conc_target, kRequired, positive, "concentration of the target")
        .number("rate_target", &Op::rate_target, kRequired, positive, "rate of the target")
        .out("kl_target", &Op::kl_target, "", "KL(p‖target)")
        .out("kl_old", &Op::kl_old, "", "KL(p‖p_old)")
        .out("performance", &Op::performance, "", "importance-weighted mean performance")
        .out("grad_kl_target", &Op::grad_kl_target, "2", "its derivatives in (conc, rate)")
        .out("grad_kl_old", &Op::grad_kl_old, "2", "its derivatives in (conc, rate)")
        .out("grad_performance", &Op::grad_performance, "2", "its derivatives in (conc, rate)");
  }
};

// On every backend.
using BellmanGameOps = OpList<Mamql>;
// On the host.
using BellmanGameHostOps =
    OpList<MatrixGame, ShapleyValueIteration, QuantalResponseGame, QuantalResponseMarkov,
           RegretMatching, WhittleIndex, RmabJointValueIteration, TemperatureCurriculum>;

}  // namespace belfry
