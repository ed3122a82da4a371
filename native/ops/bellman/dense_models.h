// Solvers of dense models, many at once.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

template <class T>
struct ValueIterationDense {
  In<T, 4> prob;
  In<T, 3> rewards;
  Flags<3> action_mask;
  In<T, 2> initial_values;
  double gamma;
  Mode mode;
  StopRule stop;
  double tolerance;
  int64_t max_iterations;
  Out<T, 2> v_star, v_star_lower, v_star_upper;
  Out<T, 3> q_star;
  Out<int32_t, 2> policy_star;
  Out<int32_t, 1> iterations;
  Out<uint8_t, 1> converged;
  Out<T, 1> residual_inf, span;

  static OpInfo declare() {
    using Op = ValueIterationDense;
    Declare<Op> op("bellman", "value_iteration_dense", Tier::data);
    op.summary("Certified value iteration of a batch of dense models, each solved to its end.")
        .formula("V_{n+1} = T_m V_n, δ = V_{n+1} − V_n;  V_{n+1} + γ/(1−γ) min δ ≤ V* ≤ V_{n+1} + "
                 "γ/(1−γ) max δ, for each model m")
        .source("Puterman (1994), sections 6.6.2 (bounds) and 6.6.3 (span stop)")
        .edge("As value_iteration, model by model: each has its own number of sweeps and its own "
              "`converged`. The bits of a model do not depend on its batch.")
        .flops("2*M*S*A*S")
        .in("prob", &Op::prob, "M,S,A,S", "P_m(s'|s,a)")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "M,S,A", "expected immediate reward")
        .flags("action_mask", &Op::action_mask, "M,S,A", "1 = allowed; absent: all are")
        .optional()
        .in("initial_values", &Op::initial_values, "M,S", "V_0; absent: 0")
        .optional();
    with_discount(op);
    with_mode(op)
        .choice("stop", &Op::stop, {"span", "sup"}, 0,
                "'span' when the bounds are 2·tolerance apart, and return their midpoint; 'sup' "
                "when the sweep changes V by at most tolerance·(1−γ)/γ")
        .number("tolerance", &Op::tolerance, 1e-9, Range::above(0), "accuracy of `v_star`")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "sweeps after which a model is given up")
        .out("v_star", &Op::v_star, "M,S", "V*, within tolerance where converged")
        .out("v_star_lower", &Op::v_star_lower, "M,S", "certified lower bound on V*")
        .out("v_star_upper", &Op::v_star_upper, "M,S", "certified upper bound on V*")
        .out("q_star", &Op::q_star, "M,S,A", "Q-values of v_star")
        .out("policy_star", &Op::policy_star, "M,S", "greedy policy of v_star, −1 = none allowed")
        .out("iterations", &Op::iterations, "M", "sweeps each model took")
        .out("converged", &Op::converged, "M", "1 where the stop rule was met")
        .out("residual_inf", &Op::residual_inf, "M", "max |δ| of the last sweep")
        .out("span", &Op::span, "M", "max δ − min δ of the last sweep");
    return op;
  }
};

// On every backend.
using BellmanDenseOps = OpList<ValueIterationDense>;

}  // namespace belfry
