// One-step flow Q-learning: the average-velocity objective of its policy network, and the whole
// training step.
#pragma once

#include "ops/flow/losses.h"
#include "ops/flow/sampling.h"

namespace belfry {

template <class T>
struct MeanflowNetwork {
  In<T, 2> observations, actions, noise;
  In<T, 1> t, r;
  List<In<T, 2>> trunk_weight;
  List<In<T, 1>> trunk_bias;
  List<In<T, 2>> tmlp_weight;
  List<In<T, 1>> tmlp_bias;
  List<In<T, 2>> rmlp_weight;
  List<In<T, 1>> rmlp_bias;
  int64_t emb_dim;
  Activation activation;
  double time_scale, p, c;
  List<TrunkInput> input_order;
  DimReduction reduce;
  Out<T, 2> x_t, velocity, u, dudt, u_target;
  Out<T, 0> loss;
  List<Out<T, 2>> grad_trunk_weight;
  List<Out<T, 1>> grad_trunk_bias;
  List<Out<T, 2>> grad_tmlp_weight;
  List<Out<T, 1>> grad_tmlp_bias;
  List<Out<T, 2>> grad_rmlp_weight;
  List<Out<T, 1>> grad_rmlp_bias;

  static OpInfo declare() {
    using Op = MeanflowNetwork;
    return Declare<Op>("flow", "meanflow_network", Tier::data)
        .summary("The average-velocity objective of a network, with its gradients.")
        .formula(
            "x_t = (1−t) a + t ε, v = ε − a;  u = trunk(x_t, e_t, e_r, s), du/dt its derivative "
            "along (v, ṫ = 1, ṙ = 0);  loss of meanflow_loss, gradients through u alone")
        .source("MeanFlow, arXiv 2505.13447; One-Step Flow Q-Learning, arXiv 2508.13904 (layout of "
                "the times reconstructed)")
        .edge("r = t: du/dt does not enter the loss; it is computed where it is wanted. An empty "
              "batch has loss 0.")
        .flops("8*B*P")
        .in("observations", &Op::observations, "B,S", "states s")
        .in("actions", &Op::actions, "B,D", "data a")
        .in("noise", &Op::noise, "B,D", "standard normal noise ε")
        .in("t", &Op::t, "B", "later times")
        .typical(0.5, 1)
        .in("r", &Op::r, "B", "earlier times")
        .typical(0, 0.5)
        .with(add_trunk_of_two_times<Op>)
        .with(add_embedding<Op>)
        .number("time_scale", &Op::time_scale, 1.0, Range::any(), "factor on t and r")
        .number("p", &Op::p, 0.0, Range::any(), "exponent of the adaptive weight; 0: none")
        .number("c", &Op::c, 0.01, Range::at_least(0), "what is added to the error in the weight")
        .choices("input_order", &Op::input_order, {"x_t", "emb_t", "observations", "emb_r"}, "",
                 "order of the trunk's inputs; absent: x_t, emb_t, emb_r, observations")
        .optional()
        .choice("reduce", &Op::reduce, {"sum", "mean"}, 0, "error over the action dimensions")
        .out("x_t", &Op::x_t, "B,D", "the point at time t")
        .out("velocity", &Op::velocity, "B,D", "conditional velocity v")
        .out("u", &Op::u, "B,D", "average velocity")
        .out("dudt", &Op::dudt, "B,D", "its derivative along the path")
        .out("u_target", &Op::u_target, "B,D", "v − clip(t − r, 0, 1) du/dt")
        .out("loss", &Op::loss, "", "mean over the batch")
        .out_list("grad_trunk_weight_#", &Op::grad_trunk_weight, "h[#+1],h[#]", "Lh",
                  "gradient with respect to the velocity network")
        .out_list("grad_trunk_bias_#", &Op::grad_trunk_bias, "h[#+1]", "Lh", "its biases")
        .out_list("grad_tmlp_weight_#", &Op::grad_tmlp_weight, "p[#+1],p[#]", "Lp",
                  "gradient with respect to the network of e_t")
        .out_list("grad_tmlp_bias_#", &Op::grad_tmlp_bias, "p[#+1]", "Lp", "its biases")
        .out_list("grad_rmlp_weight_#", &Op::grad_rmlp_weight, "r[#+1],r[#]", "Lr",
                  "gradient with respect to the network of e_r")
        .out_list("grad_rmlp_bias_#", &Op::grad_rmlp_bias, "r[#+1]", "Lr", "its biases");
  }
};

template <class T>
struct OfqlTrainStep {
  In<T, 2> observations, actions;
  In<T, 1> rewards;
  In<T, 2> next_observations;
  Flags<1> terminated;
  In<T, 3> next_noise;
  In<T, 2> noise_bc, noise_policy;
  In<T, 1> t, r;
  List<In<T, 2>> trunk_weight;
  List<In<T, 1>> trunk_bias;
  List<In<T, 2>> tmlp_weight;
  List<In<T, 1>> tmlp_bias;
  List<In<T, 2>> rmlp_weight;
  List<In<T, 1>> rmlp_bias;
  List<In<T, 2>> ema_trunk_weight;
  List<In<T, 1>> ema_trunk_bias;
  List<In<T, 2>> ema_tmlp_weight;
  List<In<T, 1>> ema_tmlp_bias;
  List<In<T, 2>> ema_rmlp_weight;
  List<In<T, 1>> ema_rmlp_bias;
  List<In<T, 2>> critic1_weight;
  List<In<T, 1>> critic1_bias;
  List<In<T, 2>> target_critic1_weight;
  List<In<T, 1>> target_critic1_bias;
  List<In<T, 2>> critic2_weight;
  List<In<T, 1>> critic2_bias;
  List<In<T, 2>> target_critic2_weight;
  List<In<T, 1>> target_critic2_bias;
  In<T, 2> policy_moments, critic_moments;
  double gamma, tau, ema_decay, eta, lr, beta1, beta2, adam_eps;
  NullableNumber grad_clip;
  int64_t step, emb_dim;
  Activation activation;
  double time_scale, p, c;
  DimReduction reduce;
  int64_t q_loss_critic, max_q_backup;
  bool clip_in_training;
  Out<T, 2> next_actions;
  Out<T, 1> target;
  Out<T, 0> critic_loss, critic_grad_norm;
  Out<T, 2> u_target;
  Out<T, 0> bc_loss;
  Out<T, 2> policy_action;
  Out<T, 0> q_loss, actor_loss, actor_grad_norm;
  List<Out<T, 2>> new_trunk_weight;
  List<Out<T, 1>> new_trunk_bias;
  List<Out<T, 2>> new_tmlp_weight;
  List<Out<T, 1>> new_tmlp_bias;
  List<Out<T, 2>> new_rmlp_weight;
  List<Out<T, 1>> new_rmlp_bias;
  List<Out<T, 2>> new_critic1_weight;
  List<Out<T, 1>> new_critic1_bias;
  List<Out<T, 2>> new_critic2_weight;
  List<Out<T, 1>> new_critic2_bias;
  List<Out<T, 2>> new_target_critic1_weight;
  List<Out<T, 1>> new_target_critic1_bias;
  List<Out<T, 2>> new_target_critic2_weight;
  List<Out<T, 1>> new_target_critic2_bias;
  List<Out<T, 2>> new_ema_trunk_weight;
  List<Out<T, 1>> new_ema_trunk_bias;
  List<Out<T, 2>> new_ema_tmlp_weight;
  List<Out<T, 1>> new_ema_tmlp_bias;
  List<Out<T, 2>> new_ema_rmlp_weight;
  List<Out<T, 1>> new_ema_rmlp_bias;
  Out<T, 2> new_policy_moments, new_critic_moments;

  static OpInfo declare() {
    using Op = OfqlTrainStep;
    return Declare<Op>("flow", "ofql_train_step", Tier::data)
        .summary("One training step of one-step flow Q-learning: critics, policy, targets.")
        .formula("a' = clip(ε' − ū(ε', 0, 1, s')), y = r + γ (1 − terminated) min_i max_M Q̄_i(s', "
                 "a');  critics: mean (Q1 − y)² + mean (Q2 − y)²;  policy: L_meanflow − η mean "
                 "Q_i(s, ã)/sg(mean|Q_j(s, ã)|), ã = clip(ε − u(ε, 0, 1, s));  each a clipped norm "
                 "and Adam;  targets by τ, average by its decay")
        .source("One-Step Flow Q-Learning, arXiv 2508.13904, on the loop of Diffusion-QL, arXiv "
                "2208.06193; layout of the times reconstructed")
        .edge("Critics first: the policy sees the new ones. Without moments this is the first step "
              "of Adam. Targets follow in every call; leave their outputs out where they should "
              "not. mean|Q| = 0: the Q loss and its gradient are 0. `out` may be the operands "
              "themselves: in place.")
        .flops("2*B*(8*Np + 5.5*Nc)")
        .where("c[0]", "S+D")
        .where("d[0]", "S+D")
        .where("c[Lc]", "1")
        .where("d[Ld]", "1")
        .in("observations", &Op::observations, "B,S", "states s")
        .in("actions", &Op::actions, "B,D", "data a")
        .in("rewards", &Op::rewards, "B", "r")
        .in("next_observations", &Op::next_observations, "B,S", "next states s'")
        .flags("terminated", &Op::terminated, "B", "1 = the episode ended; absent: none did")
        .optional()
        .in("next_noise", &Op::next_noise, "B,M,D", "M draws of noise ε' for each next state")
        .in("noise_bc", &Op::noise_bc, "B,D", "noise of the average-velocity objective")
        .in("noise_policy", &Op::noise_policy, "B,D", "noise ε of the policy's actions")
        .in("t", &Op::t, "B", "later times")
        .typical(0.5, 1)
        .in("r", &Op::r, "B", "earlier times")
        .typical(0, 0.5)
        .with(add_trunk_of_two_times<Op>)
        .in_list("ema_trunk_weight_#", &Op::ema_trunk_weight, "h[#+1],h[#]", "Lh",
                 "average of the velocity network")
        .in_list("ema_trunk_bias_#", &Op::ema_trunk_bias, "h[#+1]", "Lh", "its biases")
        .in_list("ema_tmlp_weight_#", &Op::ema_tmlp_weight, "p[#+1],p[#]", "Lp",
                 "average of the network of e_t")
        .in_list("ema_tmlp_bias_#", &Op::ema_tmlp_bias, "p[#+1]", "Lp", "its biases")
        .in_list("ema_rmlp_weight_#", &Op::ema_rmlp_weight, "r[#+1],r[#]", "Lr",
                 "average of the network of e_r")
        .in_list("ema_rmlp_bias_#", &Op::ema_rmlp_bias, "r[#+1]", "Lr", "its biases")
        .in_list("critic1_weight_#", &Op::critic1_weight, "c[#+1],c[#]", "Lc", "first critic")
        .in_list("critic1_bias_#", &Op::critic1_bias, "c[#+1]", "Lc", "its biases")
        .in_list("target_critic1_weight_#", &Op::target_critic1_weight, "c[#+1],c[#]", "Lc",
                 "target of the first critic")
        .in_list("target_critic1_bias_#", &Op::target_critic1_bias, "c[#+1]", "Lc", "its biases")
        .in_list("critic2_weight_#", &Op::critic2_weight, "d[#+1],d[#]", "Ld", "second critic")
        .in_list("critic2_bias_#", &Op::critic2_bias, "d[#+1]", "Ld", "its biases")
        .in_list("target_critic2_weight_#", &Op::target_critic2_weight, "d[#+1],d[#]", "Ld",
                 "target of the second critic")
        .in_list("target_critic2_bias_#", &Op::target_critic2_bias, "d[#+1]", "Ld", "its biases")
        .where("Np", "h[*]+p[*]+r[*]")
        .where("Nc", "c[*]+d[*]")
        .in("policy_moments", &Op::policy_moments, "2,Np",
            "Adam's m and v of trunk, tmlp, rmlp: weight and bias of each layer in turn")
        .optional()
        .in("critic_moments", &Op::critic_moments, "2,Nc", "Adam's m and v of both critics")
        .optional()
        .number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
        .number("tau", &Op::tau, 0.005, Range::closed(0, 1),
                "share of the critics in their targets")
        .number("ema_decay", &Op::ema_decay, 0.995, Range::closed(0, 1), "decay of the average")
        .number("eta", &Op::eta, 1.0, Range::any(), "weight η of the Q loss")
        .number("lr", &Op::lr, 3e-4, Range::any(), "learning rate")
        .number("beta1", &Op::beta1, 0.9, Range{0, 1, false, true}, "decay of m")
        .number("beta2", &Op::beta2, 0.999, Range{0, 1, false, true}, "decay of v")
        .number("adam_eps", &Op::adam_eps, 1e-8, Range::at_least(0), "ε of Adam")
        .nullable("grad_clip", &Op::grad_clip, 1.0, Range::above(0),
                  "largest gradient norm, of both critics and of the policy; null: no limit")
        .null_default()
        .integer("step", &Op::step, 1, Range::at_least(1), "number of this step, from 1")
        .with(add_embedding<Op>)
        .number("time_scale", &Op::time_scale, 1.0, Range::any(), "factor on t and r")
        .number("p", &Op::p, 0.0, Range::any(), "exponent of the adaptive weight; 0: none")
        .number("c", &Op::c, 0.01, Range::at_least(0), "what is added to the error in the weight")
        .choice("reduce", &Op::reduce, {"sum", "mean"}, 0, "error over the action dimensions")
        .integer("q_loss_critic", &Op::q_loss_critic, 1, Range::closed(1, 2),
                 "critic of the Q loss; the other one is its normaliser")
        .integer("max_q_backup", &Op::max_q_backup, 0, Range::at_least(0),
                 "number of draws M; 0: as next_noise has them")
        .size_of("M")
        .boolean("clip_in_training", &Op::clip_in_training, true, "clip ã to [−1, 1]")
        .out("next_actions", &Op::next_actions, "B*M,D", "a', the draws of a state together")
        .out("target", &Op::target, "B", "y")
        .out("critic_loss", &Op::critic_loss, "", "sum of both mean squares")
        .out("critic_grad_norm", &Op::critic_grad_norm, "", "norm of its gradient, before the clip")
        .out("u_target", &Op::u_target, "B,D", "target of the average velocity")
        .out("bc_loss", &Op::bc_loss, "", "average-velocity objective")
        .out("policy_action", &Op::policy_action, "B,D", "ã")
        .out("q_loss", &Op::q_loss, "", "−mean Q_i/mean|Q_j|")
        .out("actor_loss", &Op::actor_loss, "", "bc_loss + η q_loss")
        .out("actor_grad_norm", &Op::actor_grad_norm, "", "norm of its gradient, before the clip")
        .out_list("new_trunk_weight_#", &Op::new_trunk_weight, "h[#+1],h[#]", "Lh",
                  "the velocity network after the step")
        .may_alias("trunk_weight_#")
        .out_list("new_trunk_bias_#", &Op::new_trunk_bias, "h[#+1]", "Lh", "its biases")
        .may_alias("trunk_bias_#")
        .out_list("new_tmlp_weight_#", &Op::new_tmlp_weight, "p[#+1],p[#]", "Lp",
                  "the network of e_t after the step")
        .may_alias("tmlp_weight_#")
        .out_list("new_tmlp_bias_#", &Op::new_tmlp_bias, "p[#+1]", "Lp", "its biases")
        .may_alias("tmlp_bias_#")
        .out_list("new_rmlp_weight_#", &Op::new_rmlp_weight, "r[#+1],r[#]", "Lr",
                  "the network of e_r after the step")
        .may_alias("rmlp_weight_#")
        .out_list("new_rmlp_bias_#", &Op::new_rmlp_bias, "r[#+1]", "Lr", "its biases")
        .may_alias("rmlp_bias_#")
        .out_list("new_critic1_weight_#", &Op::new_critic1_weight, "c[#+1],c[#]", "Lc",
                  "the first critic after the step")
        .may_alias("critic1_weight_#")
        .out_list("new_critic1_bias_#", &Op::new_critic1_bias, "c[#+1]", "Lc", "its biases")
        .may_alias("critic1_bias_#")
        .out_list("new_critic2_weight_#", &Op::new_critic2_weight, "d[#+1],d[#]", "Ld",
                  "the second critic after the step")
        .may_alias("critic2_weight_#")
        .out_list("new_critic2_bias_#", &Op::new_critic2_bias, "d[#+1]", "Ld", "its biases")
        .may_alias("critic2_bias_#")
        .out_list("new_target_critic1_weight_#", &Op::new_target_critic1_weight, "c[#+1],c[#]",
                  "Lc", "the target of the first critic, which follows")
        .may_alias("target_critic1_weight_#")
        .out_list("new_target_critic1_bias_#", &Op::new_target_critic1_bias, "c[#+1]", "Lc",
                  "its biases")
        .may_alias("target_critic1_bias_#")
        .out_list("new_target_critic2_weight_#", &Op::new_target_critic2_weight, "d[#+1],d[#]",
                  "Ld", "the target of the second critic, which follows")
        .may_alias("target_critic2_weight_#")
        .out_list("new_target_critic2_bias_#", &Op::new_target_critic2_bias, "d[#+1]", "Ld",
                  "its biases")
        .may_alias("target_critic2_bias_#")
        .out_list("new_ema_trunk_weight_#", &Op::new_ema_trunk_weight, "h[#+1],h[#]", "Lh",
                  "the average of the velocity network")
        .may_alias("ema_trunk_weight_#")
        .out_list("new_ema_trunk_bias_#", &Op::new_ema_trunk_bias, "h[#+1]", "Lh", "its biases")
        .may_alias("ema_trunk_bias_#")
        .out_list("new_ema_tmlp_weight_#", &Op::new_ema_tmlp_weight, "p[#+1],p[#]", "Lp",
                  "the average of the network of e_t")
        .may_alias("ema_tmlp_weight_#")
        .out_list("new_ema_tmlp_bias_#", &Op::new_ema_tmlp_bias, "p[#+1]", "Lp", "its biases")
        .may_alias("ema_tmlp_bias_#")
        .out_list("new_ema_rmlp_weight_#", &Op::new_ema_rmlp_weight, "r[#+1],r[#]", "Lr",
                  "the average of the network of e_r")
        .may_alias("ema_rmlp_weight_#")
        .out_list("new_ema_rmlp_bias_#", &Op::new_ema_rmlp_bias, "r[#+1]", "Lr", "its biases")
        .may_alias("ema_rmlp_bias_#")
        .out("new_policy_moments", &Op::new_policy_moments, "2,Np", "m and v after the step")
        .needs("policy_moments")
        .may_alias("policy_moments")
        .out("new_critic_moments", &Op::new_critic_moments, "2,Nc", "m and v after the step")
        .needs("critic_moments")
        .may_alias("critic_moments");
  }
};

using FlowOfqlOps = OpList<MeanflowNetwork, OfqlTrainStep>;

}  // namespace belfry
