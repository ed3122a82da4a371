// Family `fitted-q`: averagers, whose fitted Q-iteration always converges (spec: fitted-q 2.5).
#pragma once

#include "ops/op.h"

namespace belfry {

enum class AveragingKernel : int32_t { gaussian, knn };

template <class T>
struct KernelFqi {
  In<T, 2> states;
  In<int32_t, 1> actions;
  In<T, 1> rewards;
  In<T, 2> next_states;
  Flags<1> terminated;
  In<T, 1> weight;
  In<T, 2> query_states;
  double gamma;
  AveragingKernel kernel;
  double bandwidth;
  int64_t k, num_actions;
  double tol;
  int64_t max_iterations;
  Out<T, 1> next_values;
  Out<T, 2> q_query;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = KernelFqi;
    return Declare<Op>("fitted-q", "kernel_fqi", Tier::algorithm)
        .summary("Kernel-based fitted-Q iteration: a weighted mean over the samples of an action, "
                 "iterated to its fixed point.")
        .formula("Q(x,a) = Σ_{i: a_i = a} w_i(x) (r_i + γ (1 − terminated_i) V_i);  V_i = max_a "
                 "Q(s'_i,a);  gaussian: w ∝ exp(−(d² − d²_min)/(2h²));  knn: 1/k for the k nearest")
        .source("Ormoneit & Sen, Kernel-Based Reinforcement Learning, 2002; Gordon, ICML 1995 "
                "(averagers)")
        .edge("An action without samples has the value −Infinity and is never chosen. Equal "
              "distances: the sample that comes first. Fewer samples than k: all of them. Weights "
              "below 1e-17 of the largest count as 0. A sample of weight 0 is left out. The values "
              "are those of the sampled model, "
              "solved by value_iteration.")
        .flops("3*N*N*d + max_iterations*2*N*N")
        .in("states", &Op::states, "N,d", "s")
        .in("actions", &Op::actions, "N", "a")
        .index_below("A")
        .in("rewards", &Op::rewards, "N", "r")
        .in("next_states", &Op::next_states, "N,d", "s'")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended in a terminal state")
        .in("weight", &Op::weight, "N",
            "of each sample, at least 0, beside that of its distance; absent: 1")
        .optional()
        .typical(0, 1)
        .in("query_states", &Op::query_states, "Q,d", "states whose Q-values are wanted")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .choice("kernel", &Op::kernel, {"gaussian", "knn"}, 0, "how samples are weighted")
        .number("bandwidth", &Op::bandwidth, 1.0, Range::above(0), "h of the gaussian kernel")
        .integer("k", &Op::k, 1, Range::at_least(1), "neighbours of knn")
        .integer("num_actions", &Op::num_actions, kRequired, Range::at_least(1),
                 "number of actions")
        .size_of("A")
        .number("tol", &Op::tol, 1e-10, Range::above(0), "accuracy of the fixed point")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "sweeps after which the iteration gives up")
        .out("next_values", &Op::next_values, "N", "V_i")
        .out("q_query", &Op::q_query, "Q,A", "Q-values of the query states")
        .out("converged", &Op::converged, "", "1 when tol was met");
  }
};

}  // namespace belfry
