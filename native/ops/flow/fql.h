// Flow Q-learning: the whole training step of a behaviour flow, the one-step policy distilled from
// it and two critics.
#pragma once

#include "ops/flow/network.h"
#include "ops/flow/training.h"

namespace belfry {

template <class T>
struct FqlTrainStep {
  In<T, 2> observations, actions;
  In<T, 1> rewards;
  In<T, 2> next_observations;
  Flags<1> terminated;
  In<T, 2> next_noise, noise_bc, noise_policy;
  In<T, 1> t;
  List<In<T, 2>> flow_weight;
  List<In<T, 1>> flow_bias;
  List<In<T, 2>> policy_weight;
  List<In<T, 1>> policy_bias;
  List<In<T, 2>> critic1_weight;
  List<In<T, 1>> critic1_bias;
  In<T, 2> critic1_norm;
  List<In<T, 2>> target_critic1_weight;
  List<In<T, 1>> target_critic1_bias;
  In<T, 2> target_critic1_norm;
  List<In<T, 2>> critic2_weight;
  List<In<T, 1>> critic2_bias;
  In<T, 2> critic2_norm;
  List<In<T, 2>> target_critic2_weight;
  List<In<T, 1>> target_critic2_bias;
  In<T, 2> target_critic2_norm;
  In<T, 2> moments, norm_moments;
  double gamma, tau, alpha, lr, beta1, beta2, adam_eps;
  int64_t step, flow_steps;
  Activation activation;
  bool layer_norm;
  double ln_eps;
  QAggregate q_agg;
  bool normalize_q_loss;
  Out<T, 2> next_actions;
  Out<T, 1> target;
  Out<T, 0> critic_loss, bc_flow_loss;
  Out<T, 2> flow_action, policy_action;
  Out<T, 0> distill_loss, q_loss, actor_loss;
  List<Out<T, 2>> new_flow_weight;
  List<Out<T, 1>> new_flow_bias;
  List<Out<T, 2>> new_policy_weight;
  List<Out<T, 1>> new_policy_bias;
  List<Out<T, 2>> new_critic1_weight;
  List<Out<T, 1>> new_critic1_bias;
  Out<T, 2> new_critic1_norm;
  List<Out<T, 2>> new_target_critic1_weight;
  List<Out<T, 1>> new_target_critic1_bias;
  Out<T, 2> new_target_critic1_norm;
  List<Out<T, 2>> new_critic2_weight;
  List<Out<T, 1>> new_critic2_bias;
  Out<T, 2> new_critic2_norm;
  List<Out<T, 2>> new_target_critic2_weight;
  List<Out<T, 1>> new_target_critic2_bias;
  Out<T, 2> new_target_critic2_norm;
  Out<T, 2> new_moments, new_norm_moments;

  static void add_networks(Declare<FqlTrainStep>& d) {
    using Op = FqlTrainStep;
    d.where("f[0]", "S+D+1")
        .where("f[Lf]", "D")
        .where("p[0]", "S+D")
        .where("p[Lp]", "D")
        .where("c[0]", "S+D")
        .where("d[0]", "S+D")
        .where("c[Lc]", "1")
        .where("d[Ld]", "1")
        .in_list("flow_weight_#", &Op::flow_weight, "f[#+1],f[#]", "Lf",
                 "behaviour velocity over [s, x, t], the time as it is")
        .in_list("flow_bias_#", &Op::flow_bias, "f[#+1]", "Lf", "its biases")
        .in_list("policy_weight_#", &Op::policy_weight, "p[#+1],p[#]", "Lp",
                 "one-step policy μ over [s, z]")
        .in_list("policy_bias_#", &Op::policy_bias, "p[#+1]", "Lp", "its biases")
        .in_list("critic1_weight_#", &Op::critic1_weight, "c[#+1],c[#]", "Lc",
                 "first critic over [s, a]")
        .in_list("critic1_bias_#", &Op::critic1_bias, "c[#+1]", "Lc", "its biases")
        .in_list("target_critic1_weight_#", &Op::target_critic1_weight, "c[#+1],c[#]", "Lc",
                 "target of the first critic")
        .in_list("target_critic1_bias_#", &Op::target_critic1_bias, "c[#+1]", "Lc", "its biases")
        .in_list("critic2_weight_#", &Op::critic2_weight, "d[#+1],d[#]", "Ld", "second critic")
        .in_list("critic2_bias_#", &Op::critic2_bias, "d[#+1]", "Ld", "its biases")
        .in_list("target_critic2_weight_#", &Op::target_critic2_weight, "d[#+1],d[#]", "Ld",
                 "target of the second critic")
        .in_list("target_critic2_bias_#", &Op::target_critic2_bias, "d[#+1]", "Ld", "its biases");
  }

  // Scale and shift of the critics' norms, and what Adam keeps.
  static void add_norms_and_moments(Declare<FqlTrainStep>& d) {
    using Op = FqlTrainStep;
    d.where("Hc", "c[-]")
        .where("Hd", "d[-]")
        .where("N", "f[*]+p[*]+c[*]+d[*]")
        .where("Nn", "c[-]+c[-]+d[-]+d[-]")
        .in("critic1_norm", &Op::critic1_norm, "2,Hc",
            "scale, then shift of the first critic's norms, its hidden layers end to end")
        .optional()
        .when("layer_norm", "true")
        .in("target_critic1_norm", &Op::target_critic1_norm, "2,Hc", "those of its target")
        .optional()
        .when("layer_norm", "true")
        .in("critic2_norm", &Op::critic2_norm, "2,Hd", "those of the second critic")
        .optional()
        .when("layer_norm", "true")
        .in("target_critic2_norm", &Op::target_critic2_norm, "2,Hd", "those of its target")
        .optional()
        .when("layer_norm", "true")
        .in("moments", &Op::moments, "2,N",
            "Adam's m and v of flow, policy, critic1, critic2: weight and bias of each layer")
        .optional()
        .in("norm_moments", &Op::norm_moments, "2,Nn",
            "Adam's m and v of critic1_norm and critic2_norm")
        .optional();
  }

  static void add_parameters(Declare<FqlTrainStep>& d) {
    using Op = FqlTrainStep;
    d.number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
        .number("tau", &Op::tau, 0.005, Range::closed(0, 1),
                "share of the critics in their targets")
        .number("alpha", &Op::alpha, 10.0, Range::any(), "weight α of the distillation")
        .number("lr", &Op::lr, 3e-4, Range::any(), "learning rate")
        .number("beta1", &Op::beta1, 0.9, Range{0, 1, false, true}, "decay of m")
        .number("beta2", &Op::beta2, 0.999, Range{0, 1, false, true}, "decay of v")
        .number("adam_eps", &Op::adam_eps, 1e-8, Range::at_least(0), "ε of Adam")
        .integer("step", &Op::step, 1, Range::at_least(1), "number of this step, from 1")
        .integer("flow_steps", &Op::flow_steps, 10, Range::at_least(1),
                 "Euler steps K of the behaviour flow")
        .choice("activation", &Op::activation, BELFRY_ACTIVATION_WORDS, 9,
                "activation of all hidden layers")
        .boolean("layer_norm", &Op::layer_norm, true,
                 "the critics' hidden layers are normalised after their activation")
        .number("ln_eps", &Op::ln_eps, 1e-6, Range::above(0), "ε of these norms")
        .choice("q_agg", &Op::q_agg, {"mean", "min"}, 0, "over the target critics")
        .boolean("normalize_q_loss", &Op::normalize_q_loss, false, "λ by the size of Q");
  }

  static void add_new_networks(Declare<FqlTrainStep>& d) {
    using Op = FqlTrainStep;
    d.out_list("new_flow_weight_#", &Op::new_flow_weight, "f[#+1],f[#]", "Lf",
               "the behaviour velocity after the step")
        .may_alias("flow_weight_#")
        .out_list("new_flow_bias_#", &Op::new_flow_bias, "f[#+1]", "Lf", "its biases")
        .may_alias("flow_bias_#")
        .out_list("new_policy_weight_#", &Op::new_policy_weight, "p[#+1],p[#]", "Lp",
                  "the one-step policy after the step")
        .may_alias("policy_weight_#")
        .out_list("new_policy_bias_#", &Op::new_policy_bias, "p[#+1]", "Lp", "its biases")
        .may_alias("policy_bias_#")
        .out_list("new_critic1_weight_#", &Op::new_critic1_weight, "c[#+1],c[#]", "Lc",
                  "the first critic after the step")
        .may_alias("critic1_weight_#")
        .out_list("new_critic1_bias_#", &Op::new_critic1_bias, "c[#+1]", "Lc", "its biases")
        .may_alias("critic1_bias_#")
        .out_list("new_target_critic1_weight_#", &Op::new_target_critic1_weight, "c[#+1],c[#]",
                  "Lc", "the target of the first critic, which follows")
        .may_alias("target_critic1_weight_#")
        .out_list("new_target_critic1_bias_#", &Op::new_target_critic1_bias, "c[#+1]", "Lc",
                  "its biases")
        .may_alias("target_critic1_bias_#")
        .out_list("new_critic2_weight_#", &Op::new_critic2_weight, "d[#+1],d[#]", "Ld",
                  "the second critic after the step")
        .may_alias("critic2_weight_#")
        .out_list("new_critic2_bias_#", &Op::new_critic2_bias, "d[#+1]", "Ld", "its biases")
        .may_alias("critic2_bias_#")
        .out_list("new_target_critic2_weight_#", &Op::new_target_critic2_weight, "d[#+1],d[#]",
                  "Ld", "the target of the second critic, which follows")
        .may_alias("target_critic2_weight_#")
        .out_list("new_target_critic2_bias_#", &Op::new_target_critic2_bias, "d[#+1]", "Ld",
                  "its biases")
        .may_alias("target_critic2_bias_#");
  }

  static void add_new_norms_and_moments(Declare<FqlTrainStep>& d) {
    using Op = FqlTrainStep;
    d.out("new_critic1_norm", &Op::new_critic1_norm, "2,Hc", "critic1_norm after the step")
        .when("layer_norm", "true")
        .may_alias("critic1_norm")
        .out("new_target_critic1_norm", &Op::new_target_critic1_norm, "2,Hc", "which follows")
        .when("layer_norm", "true")
        .may_alias("target_critic1_norm")
        .out("new_critic2_norm", &Op::new_critic2_norm, "2,Hd", "critic2_norm after the step")
        .when("layer_norm", "true")
        .may_alias("critic2_norm")
        .out("new_target_critic2_norm", &Op::new_target_critic2_norm, "2,Hd", "which follows")
        .when("layer_norm", "true")
        .may_alias("target_critic2_norm")
        .out("new_moments", &Op::new_moments, "2,N", "m and v after the step")
        .needs("moments")
        .may_alias("moments")
        .out("new_norm_moments", &Op::new_norm_moments, "2,Nn", "m and v of the norms")
        .when("layer_norm", "true")
        .needs("norm_moments")
        .may_alias("norm_moments");
  }

  static OpInfo declare() {
    using Op = FqlTrainStep;
    return Declare<Op>("flow", "fql_train_step", Tier::data)
        .one_graph()
        .summary("One training step of flow Q-learning: critics, behaviour flow, one-step policy.")
        .formula("y = r + γ (1 − terminated) agg_e Q̄_e(s', clip μ(s', z'));  loss = mean_{e,b} (Q "
                 "− y)² + mean (v(s, x_t, t) − (a − ε))² + α mean (μ(s, z) − sg clip flow_K(s, "
                 "z))² − λ mean_{e,b} Q_e(s, clip μ(s, z)), x_t = (1−t) ε + t a, λ = 1 or "
                 "1/sg(mean_b |mean_e Q|);  one Adam for all, the critics held in the last term;  "
                 "targets by τ")
        .source("FQL, arXiv 2502.02538, algorithm 1 and section 3")
        .edge("All gradients are taken before anything changes. Targets follow the critics after "
              "the step. The student is distilled unclipped. Without moments this is the first "
              "step of Adam. mean|Q| = 0 with normalize_q_loss: the Q loss and its gradient are "
              "0. `out` may be the operands themselves: in place.")
        .flops("2*B*((flow_steps + 3)*f[*] + 4*p[*] + 6*c[*] + 6*d[*])")
        .in("observations", &Op::observations, "B,S", "states s")
        .in("actions", &Op::actions, "B,D", "data a")
        .in("rewards", &Op::rewards, "B", "r")
        .in("next_observations", &Op::next_observations, "B,S", "next states s'")
        .flags("terminated", &Op::terminated, "B", "1 = the episode ended; absent: none did")
        .optional()
        .in("next_noise", &Op::next_noise, "B,D", "noise z' of the next actions")
        .in("noise_bc", &Op::noise_bc, "B,D", "noise ε of the behaviour flow's loss")
        .in("noise_policy", &Op::noise_policy, "B,D", "noise z of the policy and its teacher")
        .in("t", &Op::t, "B", "times in [0, 1]")
        .typical(0, 1)
        .with(add_networks)
        .with(add_norms_and_moments)
        .with(add_parameters)
        .out("next_actions", &Op::next_actions, "B,D", "clip μ(s', z')")
        .out("target", &Op::target, "B", "y")
        .out("critic_loss", &Op::critic_loss, "", "mean over critics and batch")
        .out("bc_flow_loss", &Op::bc_flow_loss, "", "flow matching loss, mean over B and D")
        .out("flow_action", &Op::flow_action, "B,D", "clip flow_K(s, z), the teacher")
        .out("policy_action", &Op::policy_action, "B,D", "μ(s, z), unclipped")
        .out("distill_loss", &Op::distill_loss, "", "mean over B and D, without α")
        .out("q_loss", &Op::q_loss, "", "−λ mean Q")
        .out("actor_loss", &Op::actor_loss, "", "flow + α distillation + Q loss")
        .with(add_new_networks)
        .with(add_new_norms_and_moments);
  }
};

using FlowFqlOps = OpList<FqlTrainStep>;

}  // namespace belfry
