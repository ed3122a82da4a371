// Training steps of family `flow`: optimisers, rewards, the losses of the actors and critics.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class QAggregate : int32_t { mean, min };

template <class T>
struct RewardTuning {
  In<T, 1> rewards;
  Flags<1> terminated;
  Out<T, 1> normalize, iql_antmaze, iql_locomotion, cql_antmaze, antmaze;

  static OpInfo declare() {
    using Op = RewardTuning;
    return Declare<Op>("flow", "reward_tuning", Tier::algorithm)
        .summary("The reward transforms of offline benchmarks, over a whole data set.")
        .formula("normalize: (r − mean)/std;  iql_antmaze: r − 1;  iql_locomotion: 1000 r/(max − "
                 "min return);  cql_antmaze: 4 (r − 0.5);  antmaze: 2 (r − 0.25)")
        .source("Diffusion-QL, arXiv 2208.06193, appendix; IQL, arXiv 2110.06169")
        .edge("std with n − 1. An episode ends where terminated, or after 1,000 steps; an "
              "unfinished tail is none. Rewards without spread normalise to 0; returns without "
              "spread, or none, leave rewards as they are.")
        .flops("10*N")
        .in("rewards", &Op::rewards, "N", "rewards in the order of the data set")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended here; absent: none did")
        .optional()
        .out("normalize", &Op::normalize, "N", "standardised")
        .out("iql_antmaze", &Op::iql_antmaze, "N", "shifted by −1")
        .out("iql_locomotion", &Op::iql_locomotion, "N", "scaled by the range of returns")
        .out("cql_antmaze", &Op::cql_antmaze, "N", "centred at 0.5, times 4")
        .out("antmaze", &Op::antmaze, "N", "centred at 0.25, times 2");
  }
};

using FlowTrainingHostOps = OpList<RewardTuning>;

}  // namespace belfry
