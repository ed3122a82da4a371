// Family `fitted-q`: least-squares value methods with linear features (spec: fitted-q 2.3).
#pragma once

#include "ops/op.h"

namespace belfry {

enum class LstdqWord : int32_t { lstdq };
enum class BrmWord : int32_t { brm };
enum class LspiWord : int32_t { lspi };
enum class LstdLambdaWord : int32_t { lstd_lambda };

template <class Op>
Declare<Op>& with_discount_and_ridge(Declare<Op>& op) {
  return op.number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
      .number("ridge", &Op::ridge, 1e-6, Range::at_least(0), "added to the diagonal of the system");
}

// Features of s, a and of s' with the action of the policy in question.
template <class Op>
Declare<Op>& with_followed_features(Declare<Op>& op) {
  op.in("phi", &Op::phi, "N,k", "φ: features of (s, a)")
      .in("next_phi_pi", &Op::next_phi_pi, "N,k",
          "φ'_π: features of (s', π(s')), 0 where the episode ended")
      .in("rewards", &Op::rewards, "N", "r")
      .flags("terminated", &Op::terminated, "N",
             "1 = the episode ended in a terminal state: φ'_π is not read; absent: none did")
      .optional();
  return with_discount_and_ridge(op);
}

template <class T>
struct Lstdq {
  In<T, 2> phi, next_phi_pi;
  In<T, 1> rewards;
  Flags<1> terminated;
  double gamma, ridge;
  LstdqWord op_word;
  Out<T, 2> matrix;
  Out<T, 1> vector, w;

  static OpInfo declare() {
    using Op = Lstdq;
    Declare<Op> op("fitted-q", "lstd_lspi", Tier::algorithm);
    op.form("lstdq", "op=lstdq")
        .summary("LSTDQ: the Q-function of a policy, by the least-squares fixed point.")
        .formula("A = Φᵀ(Φ − γ Φ'_π) + ridge·I;  b = Φᵀ r;  w = A⁻¹ b")
        .source("Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, section 6; Bradtke "
                "& Barto, 1996")
        .edge("One-hot features give the exact value of the empirical model. A singular system is "
              "an error that asks for more ridge.")
        .flops("2*N*k*k + 2*k*k*k/3");
    return with_followed_features(op)
        .choice("op", &Op::op_word, {"lstdq"}, 0, "names this form")
        .out("A", &Op::matrix, "k,k", "matrix of the system, with the ridge")
        .out("b", &Op::vector, "k", "right-hand side")
        .out("w", &Op::w, "k", "weights: q = φ·w");
  }
};

template <class T>
struct BellmanResidual {
  In<T, 2> phi, next_phi_pi;
  In<T, 1> rewards;
  Flags<1> terminated;
  double gamma, ridge;
  BrmWord op_word;
  Out<T, 1> w;
  Out<T, 0> residual_norm;

  static OpInfo declare() {
    using Op = BellmanResidual;
    Declare<Op> op("fitted-q", "lstd_lspi", Tier::algorithm);
    op.form("brm", "op=brm")
        .summary("Bellman residual minimisation: the weights with the smallest sampled residual.")
        .formula("min_w ‖(Φ − γ Φ'_π) w − r‖² + ridge ‖w‖², by the normal equations")
        .source("Baird, Residual Algorithms, ICML 1995; Lagoudakis & Parr, JMLR 2003, section 5.1")
        .edge("With one sample a transition the estimate is biased where the model is stochastic. "
              "A matrix that is not positive definite is an error that asks for more ridge.")
        .flops("2*N*k*k + 2*k*k*k/3");
    return with_followed_features(op)
        .choice("op", &Op::op_word, {"brm"}, 0, "names this form")
        .out("w", &Op::w, "k", "weights: q = φ·w")
        .out("residual_norm", &Op::residual_norm, "", "‖(Φ − γ Φ'_π) w − r‖");
  }
};

template <class T>
struct Lspi {
  In<T, 2> phi;
  In<T, 3> next_phi;
  In<T, 1> rewards;
  Flags<1> terminated;
  Flags<2> next_action_mask;
  double gamma, ridge;
  LspiWord op_word;
  double tol;
  int64_t max_iter;
  double w0;
  Out<T, 1> w;
  Out<int32_t, 0> num_iterations;
  Out<int32_t, 1> next_greedy;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = Lspi;
    Declare<Op> op("fitted-q", "lstd_lspi", Tier::algorithm);
    op.form("lspi", "op=lspi")
        .summary("Least-squares policy iteration: LSTDQ of the greedy policy until it stays.")
        .formula("π_i(s') = argmax_a φ'_a·w_i;  w_{i+1} = LSTDQ(π_i)")
        .source("Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, figure 8")
        .edge("Ties take the lowest index. Stops when ‖w_{i+1} − w_i‖ < tol, when one of the last "
              "10 weight vectors comes again, or after max_iter solves. A terminal row never reads "
              "its next features. A singular system is an error that asks for more ridge.")
        .flops("2*N*k*k + max_iter*(2*N*A*k + 2*k*k*k/3)")
        .in("phi", &Op::phi, "N,k", "φ: features of (s, a)")
        .in("next_phi", &Op::next_phi, "N,A,k", "φ'_a: features of (s', a) for every action")
        .in("rewards", &Op::rewards, "N", "r")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended in a terminal state")
        .flags("next_action_mask", &Op::next_action_mask, "N,A", "1 = allowed; absent: all are")
        .optional();
    return with_discount_and_ridge(op)
        .choice("op", &Op::op_word, {"lspi"}, 0, "names this form")
        .number("tol", &Op::tol, 1e-3, Range::at_least(0), "stop below this change of the weights")
        .integer("max_iter", &Op::max_iter, 30, Range::at_least(1), "LSTDQ solves at most")
        .number("w0", &Op::w0, 0.0, Range::any(), "every component of the first weight vector")
        .out("w", &Op::w, "k", "weights: q = φ·w")
        .out("num_iterations", &Op::num_iterations, "", "LSTDQ solves made")
        .out("next_greedy", &Op::next_greedy, "N",
             "greedy action on s' for these weights, −1 where none is allowed")
        .out("converged", &Op::converged, "", "1 when the weights moved by less than tol");
  }
};

template <class T>
struct LstdLambda {
  In<T, 2> x, next_x;
  In<T, 1> rewards;
  Flags<1> terminated;
  double gamma, ridge;
  LstdLambdaWord op_word;
  double lambda;
  Out<T, 2> matrix;
  Out<T, 1> vector, w;

  static OpInfo declare() {
    using Op = LstdLambda;
    Declare<Op> op("fitted-q", "lstd_lspi", Tier::algorithm);
    op.form("lstd_lambda", "op=lstd_lambda")
        .summary("LSTD(λ): the state values of the policy that made the trajectory.")
        .formula("z ← γλ z + x_t;  A = Σ z (x_t − γ (1 − terminated) x_{t+1})ᵀ + ridge·I;  b = Σ z "
                 "r;  w = A⁻¹ b")
        .source("Boyan, Technical Update: Least-Squares Temporal Difference Learning, 2002")
        .edge("Rows are in the order of time; the trace starts anew after a terminal transition. "
              "A singular system is an error that asks for more ridge.")
        .flops("2*N*k*k + 2*k*k*k/3")
        .in("x", &Op::x, "N,k", "features of s")
        .in("next_x", &Op::next_x, "N,k", "features of s'")
        .in("rewards", &Op::rewards, "N", "r")
        .flags("terminated", &Op::terminated, "N",
               "1 = the episode ended in a terminal state; absent: none did")
        .optional();
    return with_discount_and_ridge(op)
        .choice("op", &Op::op_word, {"lstd_lambda"}, 0, "names this form")
        .number("lambda", &Op::lambda, 0.0, Range::closed(0, 1), "λ, decay of the trace")
        .out("A", &Op::matrix, "k,k", "matrix of the system, with the ridge")
        .out("b", &Op::vector, "k", "right-hand side")
        .out("w", &Op::w, "k", "weights: v = x·w");
  }
};

}  // namespace belfry
