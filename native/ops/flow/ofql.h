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

using FlowOfqlOps = OpList<MeanflowNetwork>;

}  // namespace belfry
