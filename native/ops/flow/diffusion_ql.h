// Diffusion Q-learning and the residual form of one-step flows: their whole training steps.
#pragma once

#include "ops/flow/losses.h"
#include "ops/flow/sampling.h"
#include "ops/flow/train_step.h"
#include "ops/flow/training.h"

namespace belfry {

template <class T>
struct DiffusionQlTrainStep {
  In<T, 2> observations, actions;
  In<T, 1> rewards;
  In<T, 2> next_observations;
  Flags<1> terminated;
  In<T, 4> next_noise;
  In<int32_t, 1> t_index;
  In<T, 2> noise_bc;
  In<T, 3> noise_policy;
  TrainedNetwork<T> trunk, tmlp, critic1, critic2;
  In<T, 2> policy_moments, critic_moments;
  double gamma, tau, ema_decay, eta, lr, beta1, beta2, adam_eps;
  NullableNumber grad_clip;
  int64_t step, emb_dim;
  Activation activation;
  NoiseSchedule schedule;
  int64_t steps;
  double max_action;
  bool clip_denoised;
  int64_t q_loss_critic, max_q_backup;
  Out<T, 2> next_actions;
  Out<T, 1> target;
  Out<T, 0> critic_loss, critic_grad_norm;
  Out<T, 0> bc_loss;
  Out<T, 2> policy_action;
  Out<T, 0> q_loss, actor_loss, actor_grad_norm;
  Out<T, 2> new_policy_moments, new_critic_moments;

  static void add_operands(Declare<DiffusionQlTrainStep>& d) {
    using Op = DiffusionQlTrainStep;
    d.with(add_transitions<Op>)
        .in("next_noise", &Op::next_noise, "K,B,M,D",
            "noise of M chains for each next state: entry 0 their start, entry k that of step k; "
            "the last step takes none")
        .in("t_index", &Op::t_index, "B", "step of each row of the behaviour loss, from 0")
        .index_below("K")
        .in("noise_bc", &Op::noise_bc, "B,D", "noise ε of the behaviour loss")
        .in("noise_policy", &Op::noise_policy, "K,B,D", "noise of the policy's chain, likewise")
        .where("h[0]", "D+p[Lp]+S")
        .with(add_timed_policy<T, Op>)
        .with(add_timed_average<T, Op>)
        .with(add_critics<T, Op>);
    add_moments(d, "h[*]+p[*]", "Adam's m and v of trunk, tmlp: weight and bias of each layer");
  }

  static void add_parameters(Declare<DiffusionQlTrainStep>& d) {
    using Op = DiffusionQlTrainStep;
    d.with(add_discount<Op>)
        .with(add_ema<Op>)
        .with(add_q_loss<Op>)
        .with(add_adam<Op>)
        .with(add_embedding<Op>)
        .choice("schedule", &Op::schedule, BELFRY_NOISE_SCHEDULE_WORDS, 0, "noise schedule")
        .integer("steps", &Op::steps, 5, Range::at_least(1), "steps K of the schedule")
        .size_of("K")
        .number("max_action", &Op::max_action, 1.0, Range::above(0), "largest absolute action")
        .boolean("clip_denoised", &Op::clip_denoised, true, "clip x̂₀ at every step")
        .with(add_draws<Op>);
  }

  static OpInfo declare() {
    using Op = DiffusionQlTrainStep;
    return Declare<Op>("flow", "diffusion_ql_train_step", Tier::data)
        .one_graph()
        .summary("One training step of diffusion Q-learning: critics, policy, targets.")
        .formula("a' = chain of the averaged policy at s', y = r + γ (1 − terminated) min_i max_M "
                 "Q̄_i(s', a');  critics: mean (Q1 − y)² + mean (Q2 − y)²;  policy: mean (ε_θ(√ᾱ a "
                 "+ √(1−ᾱ) ε, t, s) − ε)² − η mean Q_i(s, ã)/sg(mean|Q_j(s, ã)|), ã = chain of the "
                 "policy at s, with gradients through all K steps;  each a clipped norm and Adam;  "
                 "targets by τ, average by its decay")
        .source("Diffusion-QL, arXiv 2208.06193, in the form of its code")
        .edge(BELFRY_TRAIN_STEP_EDGE
              "mean|Q| = 0: the Q loss and its gradient are 0. A gradient passes a clip inside its "
              "limits only.")
        .flops("2*B*((3 + 4*K)*Np + 5.5*Nc)")
        .with(add_operands)
        .with(add_parameters)
        .with(add_critic_reports<Op>)
        .out("bc_loss", &Op::bc_loss, "", "behaviour loss, mean over B and D")
        .with(add_actor_reports<Op>)
        .with(add_new_timed_policy<T, Op>)
        .with(add_new_critics<T, Op>)
        .with(add_new_timed_average<T, Op>)
        .with(add_new_moments<Op>);
  }
};

template <class T>
struct MeanFlowQTrainStep {
  In<T, 2> observations, actions;
  In<T, 1> rewards;
  In<T, 2> next_observations;
  Flags<1> terminated;
  In<T, 3> next_noise;
  In<T, 2> noise_bc, noise_policy;
  In<T, 1> t;
  TrainedNetwork<T> trunk, tmlp, critic1, critic2;
  In<T, 2> policy_moments, critic_moments;
  double gamma, tau, alpha, bound_weight, lr, beta1, beta2, adam_eps;
  NullableNumber grad_clip;
  int64_t step, emb_dim;
  Activation activation;
  double time_scale, adaptive_gamma, adaptive_c, target_clip;
  QAggregate q_agg;
  bool normalize_q_loss;
  int64_t max_q_backup;
  Out<T, 2> next_actions;
  Out<T, 1> target;
  Out<T, 0> critic_loss, critic_grad_norm;
  Out<T, 2> g_target;
  Out<T, 0> flow_loss, bound_loss;
  Out<T, 2> policy_action;
  Out<T, 0> q_loss, actor_loss, actor_grad_norm;
  Out<T, 2> new_policy_moments, new_critic_moments;

  static void add_operands(Declare<MeanFlowQTrainStep>& d) {
    using Op = MeanFlowQTrainStep;
    d.with(add_transitions<Op>)
        .in("next_noise", &Op::next_noise, "B,M,D", "M draws of noise ε' for each next state")
        .in("noise_bc", &Op::noise_bc, "B,D", "noise of the flow objective")
        .in("noise_policy", &Op::noise_policy, "B,D", "noise ε of the policy's actions")
        .in("t", &Op::t, "B", "times of the flow objective, in [0, 1]")
        .typical(0, 1)
        .where("h[0]", "D+p[Lp]+S")
        .with(add_timed_policy<T, Op>)
        .with(add_critics<T, Op>);
    add_moments(d, "h[*]+p[*]", "Adam's m and v of trunk, tmlp: weight and bias of each layer");
  }

  static void add_parameters(Declare<MeanFlowQTrainStep>& d) {
    using Op = MeanFlowQTrainStep;
    d.with(add_discount<Op>)
        .number("alpha", &Op::alpha, 10.0, Range::any(), "weight α of the flow objective")
        .number("bound_weight", &Op::bound_weight, 1.0, Range::any(), "weight of the bound loss")
        .with(add_adam<Op>)
        .with(add_embedding<Op>)
        .number("time_scale", &Op::time_scale, 1.0, Range::any(), "factor on t")
        .number("adaptive_gamma", &Op::adaptive_gamma, 0.8, Range::any(), "γ of the weight")
        .number("adaptive_c", &Op::adaptive_c, 1e-4, Range::at_least(0), "c of the weight")
        .number("target_clip", &Op::target_clip, 5.0, Range::above(0), "largest absolute target")
        .choice("q_agg", &Op::q_agg, {"mean", "min"}, 1, "over the target critics")
        .boolean("normalize_q_loss", &Op::normalize_q_loss, true, "divide by mean |mean_i Q_i|")
        .with(add_draws<Op>);
  }

  static OpInfo declare() {
    using Op = MeanFlowQTrainStep;
    return Declare<Op>("flow", "mean_flow_q_train_step", Tier::data)
        .one_graph()
        .summary("One training step of residual MeanFlow Q-learning: critics, policy, targets.")
        .formula("a' = the one of M draws clip(g(ε', 1, s')) that mean_i Q̄_i likes best, y = r + γ "
                 "(1 − terminated) agg_i Q̄_i(s', a');  critics: mean_{i,b} (Q_i − y)²;  policy: α "
                 "flow + bound − λ mean_{i,b} Q_i(s, clip g(ε, 1, s)), flow and bound those of "
                 "meanflow_residual_ql, bound at g(ε, 1, s), λ = 1/sg(mean_b |mean_i Q_i|);  Adam; "
                 " targets by τ")
        .source("MeanFlowQL, arXiv 2511.13035")
        .edge("One loss for all: the policy sees the critics as they were. Without moments this is "
              "the first step of Adam. A normaliser of 0: the Q loss and its gradient are 0. `out` "
              "may be the operands themselves: in place.")
        .flops("2*B*(9*Np + 6*Nc)")
        .with(add_operands)
        .with(add_parameters)
        .with(add_critic_reports<Op>)
        .out("g_target", &Op::g_target, "B,D", "target of the flow objective")
        .out("flow_loss", &Op::flow_loss, "", "flow objective, without α")
        .out("bound_loss", &Op::bound_loss, "", "how far g(ε, 1, s) leaves [−1, 1]")
        .with(add_actor_reports<Op>)
        .with(add_new_timed_policy<T, Op>)
        .with(add_new_critics<T, Op>)
        .with(add_new_moments<Op>);
  }
};

using FlowDiffusionQlOps = OpList<DiffusionQlTrainStep, MeanFlowQTrainStep>;

}  // namespace belfry
