// Family `fitted-q`: distributions of returns (spec: fitted-q 2.8).
#pragma once

#include "ops/op.h"

namespace belfry {

template <class T>
struct CategoricalProjection {
  In<T, 2> next_prob;
  In<T, 1> rewards;
  Flags<1> terminated;
  In<T, 2> logits;
  double gamma, v_min, v_max;
  Out<T, 2> target;
  Out<T, 1> cross_entropy;
  Out<T, 2> grad_logits;

  static OpInfo declare() {
    using Op = CategoricalProjection;
    return Declare<Op>("fitted-q", "categorical_projection", Tier::data)
        .summary("Target distribution of categorical Q-learning (C51), its cross-entropy and the "
                 "gradient.")
        .formula("z_j = v_min + j Δz;  the mass p_j at clip(r + γ (1 − terminated) z_j) goes to "
                 "its two neighbours linearly;  cross_entropy = −Σ m_i log softmax(l)_i;  "
                 "grad_logits = (softmax(l) − m)/N")
        .source("Bellemare, Dabney & Munos, A Distributional Perspective on Reinforcement "
                "Learning, arXiv 1707.06887, algorithm 1")
        .edge("An exact hit goes to one atom. A terminal row never reads next_prob: its mass, 1, "
              "lies at the reward. The KL divergence from the target has the same gradient.")
        .flops("8*N*K")
        .in("next_prob", &Op::next_prob, "N,K", "p: distribution at the next state and action")
        .typical(0, 1)
        .in("rewards", &Op::rewards, "N", "r")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended in a terminal state")
        .in("logits", &Op::logits, "N,K", "l at the state and action taken; absent: target alone")
        .optional()
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .number("v_min", &Op::v_min, kRequired, Range::any(), "return of the first atom")
        .number("v_max", &Op::v_max, kRequired, Range::any(),
                "return of the last atom, above v_min where there are two")
        .out("target", &Op::target, "N,K", "m: projected distribution")
        .out("cross_entropy", &Op::cross_entropy, "N", "of each row")
        .needs("logits")
        .out("grad_logits", &Op::grad_logits, "N,K", "gradient of the mean over the rows")
        .needs("logits");
  }
};

}  // namespace belfry
