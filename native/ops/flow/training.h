// Training steps of family `flow`: optimisers, rewards, the losses of the actors and critics.
#pragma once

#include "ops/op.h"
#include "ops/update_rule.h"

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
        .source("the code of Diffusion-QL (arXiv 2208.06193), utils/data_sampler.py; IQL, arXiv "
                "2110.06169")
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

template <class T>
struct OptimizerStepUpdate : UpdateRule {
  In<T, 4> w, grad, first, second, average;
  double tau;
  Out<T, 4> new_w, new_first, new_second, new_average;
  Out<T, 0> total_norm;

  static OpInfo declare() {
    using Op = OptimizerStepUpdate;
    Declare<Op> op("flow", "optimizer_step", Tier::data);
    op.form("update")
        .summary(
            "One step of an optimiser on a buffer of parameters, with the clip of its gradient "
            "and the average that follows, in one pass; in place where the new arrays are the "
            "old ones.")
        .formula("g ← grad min(1, max_grad_norm/(‖grad‖₂ + 1e-6));  w, state ← the rule of the "
                 "optimiser;  average ← τ w + (1 − τ) average")
        .source("Kingma & Ba, arXiv 1412.6980, algorithm 1 (adam); Loshchilov & Hutter, arXiv "
                "1711.05101, algorithm 2 (weight_decay of adam); Riedmiller & Braun, ICNN 1993 "
                "(rprop); Sutskever et al., ICML 2013 (momentum; here the learning rate stands "
                "outside the velocity)")
        .edge("first and second begin at 0, the second of rprop at its first step size. `step` "
              "counts from 1. A NaN in the gradient makes its parameter NaN, with max_grad_norm "
              "all of them.")
        .flops("14*N")
        .in("w", &Op::w, "*", "parameters, any shape")
        .in("grad", &Op::grad, "*", "their gradient")
        .like("w")
        .in("first", &Op::first, "*", "adam: m; sgd: velocity; rprop: last gradient")
        .like("w")
        .in("second", &Op::second, "*", "adam: v; rprop: step size; sgd: not needed")
        .like("w")
        .optional()
        .typical(0, 1)
        .in("average", &Op::average, "*", "target network or moving average that follows w")
        .like("w")
        .optional();
    return with_update_rule(op)
        .number("tau", &Op::tau, 0.005, Range::closed(0, 1), "share τ of the new w in the average")
        .out("new_w", &Op::new_w, "*", "parameters after the step")
        .like("w")
        .may_alias("w")
        .out("new_first", &Op::new_first, "*", "state after the step")
        .like("w")
        .may_alias("first")
        .out("new_second", &Op::new_second, "*", "state after the step")
        .like("w")
        .needs("second")
        .may_alias("second")
        .out("new_average", &Op::new_average, "*", "the average after the step")
        .like("w")
        .needs("average")
        .may_alias("average")
        .out("total_norm", &Op::total_norm, "", "norm of the gradient before the clip");
  }
};

template <class T>
struct OptimizerStepAdam {
  In<T, 3> w;
  In<T, 4> grad;
  double lr, beta1, beta2, eps, weight_decay;
  Out<T, 4> adam;
  Out<T, 3> adam_m, adam_v;
  Out<T, 4> adamw;

  static OpInfo declare() {
    using Op = OptimizerStepAdam;
    return Declare<Op>("flow", "optimizer_step", Tier::data)
        .form("adam")
        .summary("Consecutive steps of Adam and AdamW from zero moments.")
        .formula("m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  w ← w − lr m̂/(√v̂ + ε), m̂ = m/(1 − "
                 "β₁^k), v̂ = v/(1 − β₂^k);  AdamW: w ← (1 − lr wd) w first")
        .source("Kingma & Ba, arXiv 1412.6980, algorithm 1; Loshchilov & Hutter, arXiv 1711.05101, "
                "algorithm 2")
        .edge("weight_decay acts in adamw alone. A zero gradient from the first step moves "
              "nothing.")
        .flops("20*K*N*M")
        .in("w", &Op::w, "N,M|N|N,M,P", "parameters")
        .in("grad", &Op::grad, "K,N,M|K,N|K,N,M,P", "gradients of K steps")
        .number("lr", &Op::lr, 1e-3, Range::any(), "learning rate")
        .number("beta1", &Op::beta1, 0.9, Range{0, 1, false, true}, "decay of m")
        .number("beta2", &Op::beta2, 0.999, Range{0, 1, false, true}, "decay of v")
        .number("eps", &Op::eps, 1e-8, Range::at_least(0), "ε")
        .number("weight_decay", &Op::weight_decay, 0.0, Range::at_least(0), "wd of AdamW")
        .out("adam", &Op::adam, "K,N,M", "parameters after each step of Adam")
        .like("grad")
        .out("adam_m", &Op::adam_m, "N,M", "m after the last step")
        .like("w")
        .out("adam_v", &Op::adam_v, "N,M", "v after the last step")
        .like("w")
        .out("adamw", &Op::adamw, "K,N,M", "parameters after each step of AdamW")
        .like("grad");
  }
};

template <class T>
struct OptimizerStepPolyak {
  In<T, 4> target, source;
  double tau;
  Out<T, 4> new_target;

  static OpInfo declare() {
    using Op = OptimizerStepPolyak;
    return Declare<Op>("flow", "optimizer_step", Tier::data)
        .form("polyak")
        .summary("A target network follows by Polyak averaging.")
        .formula("target ← τ source + (1 − τ) target")
        .source("Lillicrap et al., arXiv 1509.02971, algorithm 1")
        .edge("`out: { newTarget }` may be the operand itself: in place.")
        .in("target", &Op::target, "*", "parameters that follow, any shape")
        .in("source", &Op::source, "*", "parameters to follow")
        .like("target")
        .number("tau", &Op::tau, 0.005, Range::closed(0, 1), "τ")
        .out("new_target", &Op::new_target, "*", "the average")
        .like("target")
        .may_alias("target");
  }
};

template <class T>
struct OptimizerStepClip {
  In<T, 4> g1, g2;
  double max_norm, eps;
  Out<T, 0> total_norm;
  Out<T, 4> g1_clipped, g2_clipped;

  static OpInfo declare() {
    using Op = OptimizerStepClip;
    return Declare<Op>("flow", "optimizer_step", Tier::data)
        .form("clip")
        .summary("Clips gradients by their common Euclidean norm.")
        .formula("g ← g min(1, max_norm/(‖g‖₂ + ε))")
        .source("Pascanu et al., arXiv 1211.5063, algorithm 1")
        .edge("Both arrays count in one norm. A NaN makes everything NaN.")
        .in("g1", &Op::g1, "*", "gradients, any shape")
        .in("g2", &Op::g2, "*", "more gradients of the same optimiser, any shape")
        .optional()
        .number("max_norm", &Op::max_norm, 1.0, Range::above(0), "largest norm")
        .number("eps", &Op::eps, 1e-6, Range::at_least(0), "ε")
        .out("total_norm", &Op::total_norm, "", "the norm before clipping")
        .out("g1_clipped", &Op::g1_clipped, "*", "clipped gradients")
        .like("g1")
        .may_alias("g1")
        .out("g2_clipped", &Op::g2_clipped, "*", "clipped gradients")
        .like("g2")
        .needs("g2")
        .may_alias("g2");
  }
};

template <class T>
struct OptimizerStepSchedule {
  In<int32_t, 1> step;
  double base_lr;
  int64_t t_max;
  double eta_min;
  Out<T, 1> lr;

  static OpInfo declare() {
    using Op = OptimizerStepSchedule;
    return Declare<Op>("flow", "optimizer_step", Tier::control)
        .form("schedule")
        .summary("A learning rate that falls along half a cosine.")
        .formula("lr_k = η_min + ½ (lr − η_min)(1 + cos(πk/T))")
        .source("Loshchilov & Hutter, arXiv 1608.03983, eq. 5, one period")
        .edge("Beyond t_max the cosine goes on.")
        .flops("30*N")
        .in("step", &Op::step, "N", "steps k")
        .number("base_lr", &Op::base_lr, 3e-4, Range::any(), "lr at step 0")
        .integer("t_max", &Op::t_max, kRequired, Range::at_least(1), "T")
        .number("eta_min", &Op::eta_min, 0.0, Range::any(), "lr at step t_max")
        .out("lr", &Op::lr, "N", "learning rates");
  }
};

template <class T>
struct DiffusionQlLosses {
  In<T, 2> target_q1, target_q2;
  In<T, 1> rewards;
  Flags<1> terminated;
  In<T, 1> q1, q2, q1_new, q2_new, candidate_q_min;
  double gamma, eta, bc_loss;
  Out<T, 1> target;
  Out<T, 0> critic_loss;
  Out<T, 1> grad_q1, grad_q2;
  Out<T, 0> q_loss_a, q_loss_b, actor_loss_a, actor_loss_b;
  Out<T, 1> grad_q1_new, grad_q2_new, selection_prob;
  Out<int32_t, 0> argmax;

  static OpInfo declare() {
    using Op = DiffusionQlLosses;
    return Declare<Op>("flow", "diffusion_ql_losses", Tier::data)
        .summary("Critic and actor losses of Diffusion-QL, and its choice among candidates.")
        .formula("y = r + γ (1 − terminated) min_i max_R Q̄_i;  critic = mean (Q1 − y)² + mean (Q2 "
                 "− y)²;  actor_a = bc + η (−mean Q1/sg(mean|Q2|)), actor_b the other way round")
        .source(
            "Diffusion-QL, arXiv 2208.06193, in the form of its code (max-Q backup, the scale of "
            "the other critic)")
        .edge("Where terminated or γ = 0 the next values are never read; a NaN among them is. "
              "mean|Q| = 0: the Q loss and its gradient are 0. argmax: lowest index of equal ones, "
              "never a NaN beside a number. An empty batch has loss 0.")
        .flops("2*B*R + 20*B + 10*N")
        .in("target_q1", &Op::target_q1, "B,R", "first target critic at R next actions")
        .in("target_q2", &Op::target_q2, "B,R", "second target critic")
        .in("rewards", &Op::rewards, "B", "r")
        .flags("terminated", &Op::terminated, "B", "1 = the episode ended; absent: none did")
        .optional()
        .in("q1", &Op::q1, "B", "first critic at (s, a)")
        .in("q2", &Op::q2, "B", "second critic")
        .in("q1_new", &Op::q1_new, "B", "first critic at the policy's action")
        .in("q2_new", &Op::q2_new, "B", "second critic")
        .in("candidate_q_min", &Op::candidate_q_min, "N",
            "smaller critic at N candidates; absent: no choice")
        .optional()
        .number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
        .number("eta", &Op::eta, 1.0, Range::any(), "weight η of the Q loss")
        .number("bc_loss", &Op::bc_loss, 0.0, Range::any(), "behaviour cloning loss")
        .out("target", &Op::target, "B", "y")
        .out("critic_loss", &Op::critic_loss, "", "sum of the two mean squares")
        .out("grad_q1", &Op::grad_q1, "B", "gradient of critic_loss")
        .out("grad_q2", &Op::grad_q2, "B", "gradient of critic_loss")
        .out("q_loss_a", &Op::q_loss_a, "", "−mean Q1/mean|Q2|")
        .out("q_loss_b", &Op::q_loss_b, "", "−mean Q2/mean|Q1|")
        .out("actor_loss_a", &Op::actor_loss_a, "", "bc + η q_loss_a")
        .out("actor_loss_b", &Op::actor_loss_b, "", "bc + η q_loss_b")
        .out("grad_q1_new", &Op::grad_q1_new, "B", "gradient of actor_loss_a")
        .out("grad_q2_new", &Op::grad_q2_new, "B", "gradient of actor_loss_b")
        .out("selection_prob", &Op::selection_prob, "N", "softmax of candidate_q_min")
        .needs("candidate_q_min")
        .out("argmax", &Op::argmax, "", "the best candidate, −1 when there is none")
        .needs("candidate_q_min");
  }
};

template <class T>
struct FqlLosses {
  In<T, 2> next_q_values;
  In<T, 1> rewards, mask;
  In<T, 2> q_values, actions, noise;
  In<T, 1> t;
  In<T, 2> pred_velocity, onestep_action, flow_action_unclipped, q_policy;
  double gamma;
  QAggregate q_agg;
  double alpha;
  bool normalize_q_loss;
  Out<T, 1> target;
  Out<T, 0> critic_loss;
  Out<T, 2> grad_q_values, x_t;
  Out<T, 0> bc_flow_loss;
  Out<T, 2> grad_pred_velocity;
  Out<T, 0> distill_loss;
  Out<T, 2> grad_onestep_distill;
  Out<T, 0> q_loss, actor_loss;
  Out<T, 2> grad_q_policy;
  Out<uint8_t, 2> q_grad_passes;

  static OpInfo declare() {
    using Op = FqlLosses;
    return Declare<Op>("flow", "fql_losses", Tier::data)
        .summary("Losses of flow Q-learning: critics, behaviour flow, distilled one-step policy.")
        .formula("y = r + γ mask agg_e Q̄_e;  critic = mean_{e,b} (Q − y)²;  actor = mean (v̂ − (a − "
                 "ε))² + α mean (μ − sg clip(flow))² − λ mean_{e,b} Q(s, clip μ), λ = 1 or "
                 "1/sg(mean_b |mean_e Q|)")
        .source("FQL, arXiv 2502.02538, eq. 1, 5, 7 and 9")
        .edge("Where γ mask = 0 the next values are never read. The student is distilled "
              "unclipped. A normaliser of 0: the Q loss and its gradient are 0. An empty batch has "
              "loss 0.")
        .flops("6*E*B + 24*B*D")
        .in("next_q_values", &Op::next_q_values, "E,B", "target critics at the next action")
        .in("rewards", &Op::rewards, "B", "r")
        .in("mask", &Op::mask, "B", "1 − terminated, a factor")
        .typical(0, 1)
        .in("q_values", &Op::q_values, "E,B", "critics at (s, a)")
        .in("actions", &Op::actions, "B,D", "data a")
        .in("noise", &Op::noise, "B,D", "standard normal noise ε")
        .in("t", &Op::t, "B", "times in [0, 1]")
        .typical(0, 1)
        .in("pred_velocity", &Op::pred_velocity, "B,D", "behaviour velocity v̂ at x_t")
        .in("onestep_action", &Op::onestep_action, "B,D", "one-step policy μ(s, z)")
        .in("flow_action_unclipped", &Op::flow_action_unclipped, "B,D",
            "behaviour flow integrated from the same z")
        .in("q_policy", &Op::q_policy, "E,B", "critics at clip μ")
        .number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
        .choice("q_agg", &Op::q_agg, {"mean", "min"}, 0, "over the target critics")
        .number("alpha", &Op::alpha, 10.0, Range::any(), "weight α of the distillation")
        .boolean("normalize_q_loss", &Op::normalize_q_loss, false, "λ by the size of Q")
        .out("target", &Op::target, "B", "y")
        .out("critic_loss", &Op::critic_loss, "", "mean over critics and batch")
        .out("grad_q_values", &Op::grad_q_values, "E,B", "its gradient")
        .out("x_t", &Op::x_t, "B,D", "(1 − t) ε + t a")
        .out("bc_flow_loss", &Op::bc_flow_loss, "", "flow matching loss, mean over B and D")
        .out("grad_pred_velocity", &Op::grad_pred_velocity, "B,D", "its gradient")
        .out("distill_loss", &Op::distill_loss, "", "mean over B and D, without α")
        .out("grad_onestep_distill", &Op::grad_onestep_distill, "B,D", "gradient of α times that")
        .out("q_loss", &Op::q_loss, "", "−λ mean Q")
        .out("actor_loss", &Op::actor_loss, "", "flow + α distillation + Q loss")
        .out("grad_q_policy", &Op::grad_q_policy, "E,B", "gradient of q_loss")
        .out("q_grad_passes", &Op::q_grad_passes, "B,D", "1 where |μ| ≤ 1: the clip lets ∂Q/∂a by");
  }
};

using FlowTrainingOps = OpList<OptimizerStepUpdate, OptimizerStepAdam, OptimizerStepPolyak,
                               OptimizerStepClip, DiffusionQlLosses, FqlLosses>;
using FlowTrainingHostOps = OpList<RewardTuning, OptimizerStepSchedule>;

}  // namespace belfry
