// Family `fitted-q`: fitted-Q iteration (spec: fitted-q).
#pragma once

#include "ops/fitted_q/averagers.h"
#include "ops/fitted_q/distributional.h"
#include "ops/fitted_q/least_squares.h"
#include "ops/fitted_q/neural.h"
#include "ops/fitted_q/sqirl.h"
#include "ops/fitted_q/trees.h"
#include "ops/op.h"

namespace belfry {

enum class FqiOperator : int32_t { max, double_q, policy, soft, mellowmax, expectile, clipped_mix };

template <class T>
struct FqiTarget {
  In<T, 2> next_q_values;
  In<T, 1> rewards;
  Flags<1> terminated, truncated;
  Flags<2> next_action_mask;
  In<T, 2> next_q_select, next_policy, next_q_b;
  double gamma;
  FqiOperator fqi_operator;
  double tau, lambda;
  Out<T, 1> target;

  static OpInfo declare() {
    using Op = FqiTarget;
    return Declare<Op>("fitted-q", "fqi_target", Tier::data)
        .summary("Regression targets of fitted-Q iteration.")
        .formula("y = r + γ (1 − terminated) B(q'): max: max_a q'; double: q' at argmax of "
                 "next_q_select; policy: Σ π q'; soft: τ log Σ exp(q'/τ); mellowmax: soft with a "
                 "mean; expectile: the τ-expectile of q' under next_policy; clipped_mix: max_a "
                 "[λ min(q', q_b) + (1−λ) max(q', q_b)]")
        .source("Ernst, Geurts & Wehenkel, JMLR 2005 (max); van Hasselt et al., arXiv 1509.06461 "
                "(double); Le et al., arXiv 1903.08738 (policy); BCQ, arXiv 1812.02900 "
                "(clipped_mix)")
        .edge("A terminal row never reads its next values: NaN there does not leak. Truncation "
              "does not stop the bootstrap. A row with no allowed action counts as terminal.")
        .flops("2*N*A")
        .in("next_q_values", &Op::next_q_values, "N,A", "q' of the next states")
        .in("rewards", &Op::rewards, "N", "r")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended in a terminal state")
        .flags("truncated", &Op::truncated, "N", "1 = cut by a limit; does not stop the bootstrap")
        .optional()
        .flags("next_action_mask", &Op::next_action_mask, "N,A", "1 = allowed; absent: all are")
        .optional()
        .in("next_q_select", &Op::next_q_select, "N,A", "q that chooses, for operator 'double'")
        .optional()
        .when("operator", "double")
        .in("next_policy", &Op::next_policy, "N,A",
            "π(a|s') for operators 'policy' and 'expectile'")
        .optional()
        .when("operator", "policy")
        .typical(0, 1)
        .in("next_q_b", &Op::next_q_b, "N,A", "second critic, for operator 'clipped_mix'")
        .optional()
        .when("operator", "clipped_mix")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .choice("operator", &Op::fqi_operator,
                {"max", "double", "policy", "soft", "mellowmax", "expectile", "clipped_mix"}, 0,
                "value of the next state")
        .number("tau", &Op::tau, 1.0, Range::above(0),
                "temperature of soft and mellowmax; level in (0, 1) of expectile")
        .number("lambda", &Op::lambda, 0.75, Range::closed(0, 1), "clipped_mix: weight of the min")
        .out("target", &Op::target, "N", "y");
  }
};

template <class T>
struct LinearFqi {
  In<T, 2> phi;
  In<T, 3> next_phi;
  In<T, 1> rewards;
  Flags<1> terminated, truncated;
  Flags<2> next_action_mask;
  double gamma, ridge;
  int64_t num_iterations;
  double w0;
  Out<T, 1> w;
  Out<T, 2> gram;
  Out<T, 1> rmse;
  Out<uint8_t, 0> diverged;

  static OpInfo declare() {
    using Op = LinearFqi;
    return Declare<Op>("fitted-q", "linear_fqi", Tier::data)
        .summary("Fitted-Q iteration with linear features.")
        .formula("w_{i+1} = (ΦᵀΦ + ridge·I)⁻¹ Φᵀ y_i;  y_i = r + γ (1 − terminated) max_a φ'_a·w_i")
        .source("Ernst, Geurts & Wehenkel, JMLR 2005, with the linear regressor of Lagoudakis & "
                "Parr, JMLR 2003")
        .edge("Off-policy linear FQI may diverge: `diverged` is 1 when ‖w‖ grew by more than 1e6. "
              "A Gram matrix that is not positive definite is an error that asks for more ridge.")
        .flops("N*k*k + num_iterations*(2*N*A*k + 4*N*k + 2*k*k)")
        .in("phi", &Op::phi, "N,k", "features of (s, a)")
        .in("next_phi", &Op::next_phi, "N,A,k", "features of (s', a') for every action")
        .in("rewards", &Op::rewards, "N", "r")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended in a terminal state")
        .flags("truncated", &Op::truncated, "N", "1 = cut by a limit; does not stop the bootstrap")
        .optional()
        .flags("next_action_mask", &Op::next_action_mask, "N,A", "1 = allowed; absent: all are")
        .optional()
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .number("ridge", &Op::ridge, 1e-6, Range::at_least(0), "added to the diagonal of the Gram")
        .integer("num_iterations", &Op::num_iterations, kRequired, Range::at_least(1),
                 "regressions made")
        .size_of("I")
        .number("w0", &Op::w0, 0.0, Range::any(), "every component of the first weight vector")
        .out("w", &Op::w, "k", "weights after the last regression")
        .out("gram", &Op::gram, "k,k", "ΦᵀΦ + ridge·I")
        .out("rmse", &Op::rmse, "I", "root mean square error of each fit to its targets")
        .out("diverged", &Op::diverged, "", "1 when ‖w‖ grew by more than 1e6");
  }
};

template <class T>
struct LinearQValues {
  In<T, 3> phi;
  In<T, 1> w;
  Out<T, 2> q_values;
  Out<int32_t, 1> actions;

  static OpInfo declare() {
    using Op = LinearQValues;
    return Declare<Op>("fitted-q", "linear_q_values", Tier::data)
        .summary("Q-values and greedy actions of linear weights: the prediction of linear_fqi.")
        .formula("q(n,a) = φ_{n,a}·w;  action = argmax_a q, lowest index on ties")
        .source("Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, section 7")
        .edge("With no actions the greedy action is −1.")
        .flops("2*N*A*k")
        .in("phi", &Op::phi, "N,A,k", "features of (s, a) for every action")
        .in("w", &Op::w, "k", "weights")
        .out("q_values", &Op::q_values, "N,A", "q")
        .out("actions", &Op::actions, "N", "greedy action");
  }
};

using FittedQOps =
    OpList<FqiTarget, LinearFqi, LinearQValues, CategoricalProjection, AdamTrajectory,
           SgdTrajectory, RpropTrajectory, NeuralFqiMlp, NeuralFqiStep, NeuralFqiGradientStep,
           SqirlLoss, ExtraTreesPack, ExtraTreesPredict, PackedTreesPredict>;

using FittedQHostOps =
    OpList<Lstdq, BellmanResidual, Lspi, LstdLambda, KernelFqi, TreeFqi, ExtraTreesRefit, ExtraTree,
           ExtraTreesForest, SqirlReturns, Gorp, KQvi>;

}  // namespace belfry
