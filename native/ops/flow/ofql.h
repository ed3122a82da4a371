// One-step flow Q-learning: the average-velocity objective of its policy network, and the whole
// training step.
#pragma once

#include "ops/flow/losses.h"
#include "ops/flow/sampling.h"
#include "ops/flow/train_step.h"

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
        .one_graph()
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
  TrainedNetwork<T> trunk, tmlp, rmlp, critic1, critic2;
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
  Out<T, 2> new_policy_moments, new_critic_moments;

  static void add_operands(Declare<OfqlTrainStep>& d) {
    using Op = OfqlTrainStep;
    d.with(add_transitions<Op>)
        .in("next_noise", &Op::next_noise, "B,M,D", "M draws of noise ε' for each next state")
        .in("noise_bc", &Op::noise_bc, "B,D", "noise of the average-velocity objective")
        .in("noise_policy", &Op::noise_policy, "B,D", "noise ε of the policy's actions")
        .in("t", &Op::t, "B", "later times")
        .typical(0.5, 1)
        .in("r", &Op::r, "B", "earlier times")
        .typical(0, 0.5)
        .where("h[0]", "D+p[Lp]+r[Lr]+S")
        .with(add_timed_policy<T, Op>)
        .network("rmlp", &Op::rmlp, &TrainedNetwork<T>::now, "r", "network of e_r")
        .where("r[0]", "E")
        .with(add_timed_average<T, Op>)
        .network("ema_rmlp", &Op::rmlp, &TrainedNetwork<T>::follower, "r",
                 "average of the network of e_r")
        .with(add_critics<T, Op>);
    add_moments(d, "h[*]+p[*]+r[*]",
                "Adam's m and v of trunk, tmlp, rmlp: weight and bias of each layer in turn");
  }

  static void add_parameters(Declare<OfqlTrainStep>& d) {
    using Op = OfqlTrainStep;
    d.with(add_discount<Op>)
        .with(add_ema<Op>)
        .with(add_q_loss<Op>)
        .with(add_adam<Op>)
        .with(add_embedding<Op>)
        .number("time_scale", &Op::time_scale, 1.0, Range::any(), "factor on t and r")
        .number("p", &Op::p, 0.0, Range::any(), "exponent of the adaptive weight; 0: none")
        .number("c", &Op::c, 0.01, Range::at_least(0), "what is added to the error in the weight")
        .choice("reduce", &Op::reduce, {"sum", "mean"}, 0, "error over the action dimensions")
        .with(add_draws<Op>)
        .boolean("clip_in_training", &Op::clip_in_training, true, "clip ã to [−1, 1]");
  }

  static OpInfo declare() {
    using Op = OfqlTrainStep;
    return Declare<Op>("flow", "ofql_train_step", Tier::data)
        .one_graph()
        .summary("One training step of one-step flow Q-learning: critics, policy, targets.")
        .formula("a' = clip(ε' − ū(ε', 0, 1, s')), y = r + γ (1 − terminated) min_i max_M Q̄_i(s', "
                 "a');  critics: mean (Q1 − y)² + mean (Q2 − y)²;  policy: L_meanflow − η mean "
                 "Q_i(s, ã)/sg(mean|Q_j(s, ã)|), ã = clip(ε − u(ε, 0, 1, s));  each a clipped norm "
                 "and Adam;  targets by τ, average by its decay")
        .source("One-Step Flow Q-Learning, arXiv 2508.13904, on the loop of Diffusion-QL, arXiv "
                "2208.06193; layout of the times reconstructed")
        .edge(BELFRY_TRAIN_STEP_EDGE "mean|Q| = 0: the Q loss and its gradient are 0.")
        .flops("2*B*(8*Np + 5.5*Nc)")
        .with(add_operands)
        .with(add_parameters)
        .with(add_critic_reports<Op>)
        .out("u_target", &Op::u_target, "B,D", "target of the average velocity")
        .out("bc_loss", &Op::bc_loss, "", "average-velocity objective")
        .with(add_actor_reports<Op>)
        .with(add_new_timed_policy<T, Op>)
        .new_network("new_rmlp", &Op::rmlp, &TrainedNetwork<T>::next, "r", "rmlp",
                     "the network of e_r after the step")
        .with(add_new_critics<T, Op>)
        .with(add_new_timed_average<T, Op>)
        .new_network("new_ema_rmlp", &Op::rmlp, &TrainedNetwork<T>::next_follower, "r", "ema_rmlp",
                     "the average of the network of e_r")
        .with(add_new_moments<Op>);
  }
};

using FlowOfqlOps = OpList<MeanflowNetwork, OfqlTrainStep>;

}  // namespace belfry
