// Losses of velocities and denoisers in family `flow`, with their gradients.
#pragma once

#include "ops/op.h"

namespace belfry {

// Where the path has its data: x_t = (1 − t) x_0 + t x_1.
enum class FlowConvention : int32_t { data_at_t1, noise_at_t1 };
enum class MeanReduction : int32_t { mean_all };
enum class DimReduction : int32_t { sum, mean };

template <class T>
struct EdmPreconditioning {
  In<T, 2> x, network_output;
  In<T, 1> sigma;
  In<T, 2> target;
  double sigma_data;
  Out<T, 1> c_skip, c_out, c_in, c_noise;
  Out<T, 2> denoised;
  Out<T, 1> weight;
  Out<T, 0> loss;
  Out<T, 2> grad_network_output;

  static OpInfo declare() {
    using Op = EdmPreconditioning;
    return Declare<Op>("flow", "edm_preconditioning", Tier::data)
        .summary("Preconditioning of a denoiser for every noise level, and its weighted loss.")
        .formula("D = c_skip x + c_out F;  c_skip = σ_d²/(σ² + σ_d²), c_out = σσ_d/√(σ² + σ_d²), "
                 "c_in = 1/√(σ² + σ_d²), c_noise = ¼ log σ;  loss = mean w (D − target)², w = (σ² "
                 "+ σ_d²)/(σσ_d)²")
        .source("Karras et al., arXiv 2206.00364, table 1")
        .edge("σ = 0: D = x, an infinite weight and a c_noise of −∞. An empty batch has loss 0.")
        .flops("12*B*D + 40*B")
        .in("x", &Op::x, "B,D", "noisy data")
        .in("network_output", &Op::network_output, "B,D", "output F of the network")
        .in("sigma", &Op::sigma, "B", "noise level σ")
        .typical(0.1, 2)
        .in("target", &Op::target, "B,D", "clean data; absent: no loss")
        .optional()
        .number("sigma_data", &Op::sigma_data, 0.5, Range::above(0), "standard deviation σ_d")
        .out("c_skip", &Op::c_skip, "B", "factor of x")
        .out("c_out", &Op::c_out, "B", "factor of F")
        .out("c_in", &Op::c_in, "B", "factor of the network's input")
        .out("c_noise", &Op::c_noise, "B", "what the network is told of σ")
        .out("denoised", &Op::denoised, "B,D", "D")
        .out("weight", &Op::weight, "B", "weight w of the loss")
        .out("loss", &Op::loss, "", "mean over B and D")
        .needs("target")
        .out("grad_network_output", &Op::grad_network_output, "B,D", "its gradient")
        .needs("target");
  }
};

template <class T>
struct FlowMatchingLoss {
  In<T, 2> actions, noise;
  In<T, 1> t;
  In<T, 2> pred;
  FlowConvention convention;
  MeanReduction reduction;
  Out<T, 2> x_t, velocity;
  Out<T, 0> loss;
  Out<T, 2> grad_pred;
  Out<T, 0> loss_sum_dims;

  static OpInfo declare() {
    using Op = FlowMatchingLoss;
    return Declare<Op>("flow", "flow_matching_loss", Tier::data)
        .summary("Flow matching on the straight path between noise and actions.")
        .formula("data_at_t1: x_t = (1−t) ε + t a, v = a − ε;  noise_at_t1: x_t = (1−t) a + t ε, v "
                 "= ε − a;  loss = mean (pred − v)²")
        .source("Lipman et al., arXiv 2210.02747; Liu et al., arXiv 2209.03003; FQL, arXiv "
                "2502.02538")
        .edge("An empty batch has loss 0.")
        .flops("8*B*D")
        .in("actions", &Op::actions, "B,D", "data a")
        .in("noise", &Op::noise, "B,D", "standard normal noise ε")
        .in("t", &Op::t, "B", "times in [0, 1]")
        .typical(0, 1)
        .in("pred", &Op::pred, "B,D", "velocity that the network predicts at x_t")
        .choice("convention", &Op::convention, {"data_at_t1", "noise_at_t1"}, kRequired,
                "which end of the path is the data")
        .choice("reduction", &Op::reduction, {"mean_all"}, 0, "mean over B and D")
        .out("x_t", &Op::x_t, "B,D", "the point at time t")
        .out("velocity", &Op::velocity, "B,D", "the velocity to be predicted")
        .out("loss", &Op::loss, "", "mean over B and D")
        .out("grad_pred", &Op::grad_pred, "B,D", "gradient of `loss`")
        .out("loss_sum_dims", &Op::loss_sum_dims, "", "mean over B of the sum over D");
  }
};

template <class T>
struct MeanflowLoss {
  In<T, 2> u, dudt, velocity;
  In<T, 1> t, r;
  double p, c;
  DimReduction reduce;
  Out<T, 2> u_target;
  Out<T, 1> per_sample, weight;
  Out<T, 0> loss;
  Out<T, 2> grad_u;

  static OpInfo declare() {
    using Op = MeanflowLoss;
    return Declare<Op>("flow", "meanflow_loss", Tier::data)
        .summary("The average-velocity objective, with a stopped target and adaptive weights.")
        .formula("u_target = sg(v − clip(t − r, 0, 1) du/dt);  e = ‖u − u_target‖², w = sg(1/(e + "
                 "c)^p);  loss = mean_b w e")
        .source("MeanFlow, arXiv 2505.13447, eq. 9 to 11 and section 4.3")
        .edge("r = t: the target is v to the bit, du/dt is not read. e + c = 0 with p > 0: weight "
              "0. A NaN stays in its row's gradient. An empty batch has loss 0.")
        .flops("8*B*D + 40*B")
        .in("u", &Op::u, "B,D", "average velocity that the network predicts")
        .in("dudt", &Op::dudt, "B,D", "its derivative along (v, 0, 1)")
        .in("velocity", &Op::velocity, "B,D", "conditional velocity v")
        .in("t", &Op::t, "B", "later times")
        .typical(0.5, 1)
        .in("r", &Op::r, "B", "earlier times")
        .typical(0, 0.5)
        .number("p", &Op::p, 0.0, Range::any(), "exponent of the weight; 0: none")
        .number("c", &Op::c, 0.0, Range::at_least(0), "what is added to e in the weight")
        .choice("reduce", &Op::reduce, {"sum", "mean"}, 0, "e over the action dimensions")
        .out("u_target", &Op::u_target, "B,D", "the target")
        .out("per_sample", &Op::per_sample, "B", "e")
        .out("weight", &Op::weight, "B", "w")
        .out("loss", &Op::loss, "", "mean of w e")
        .out("grad_u", &Op::grad_u, "B,D", "its gradient, target and weight held");
  }
};

template <class T>
struct ShortcutTarget {
  In<T, 2> x, v_first, v_second;
  In<T, 1> half_step;
  Out<T, 2> x_mid, target;

  static OpInfo declare() {
    using Op = ShortcutTarget;
    return Declare<Op>("flow", "shortcut_target", Tier::data)
        .summary("Target of a shortcut model: one double step is the mean of two single ones.")
        .formula("x_mid = x + h v_first;  target = ½ (v_first + v_second)")
        .source("Frans et al., arXiv 2410.12557, eq. 4")
        .edge("v_second is the network's velocity at x_mid: call once for x_mid, then for target.")
        .flops("4*B*D")
        .in("x", &Op::x, "B,D", "points")
        .in("v_first", &Op::v_first, "B,D", "velocity at x with step h")
        .in("v_second", &Op::v_second, "B,D", "velocity at x_mid with step h; absent: no target")
        .optional()
        .in("half_step", &Op::half_step, "B", "h, half of the step to be learnt")
        .typical(0, 0.5)
        .out("x_mid", &Op::x_mid, "B,D", "where the first half ends")
        .out("target", &Op::target, "B,D", "velocity of the double step")
        .needs("v_second");
  }
};

template <class T>
struct MeanflowResidualQl {
  In<T, 2> actions, noise;
  In<T, 1> t;
  In<T, 2> g, dgdt;
  double adaptive_gamma, adaptive_c, target_clip;
  Out<T, 2> x_t, g_target;
  Out<T, 0> loss;
  Out<T, 1> weight;
  Out<T, 2> grad_g;
  Out<T, 0> bound_loss;

  static OpInfo declare() {
    using Op = MeanflowResidualQl;
    return Declare<Op>("flow", "meanflow_residual_ql", Tier::data)
        .summary("Flow loss of a residual MeanFlow policy, which predicts the action itself.")
        .formula("z = (1−t) a + t ε, v = ε − a;  g_target = clip(z + (t − 1) v − t dg/dt);  e = "
                 "mean_d (g − g_target)², w = clip((e + c)^(γ−1), 1e-6, 1e6);  loss = mean w e;  "
                 "bound = mean (g − 1)⁺ + mean (−1 − g)⁺")
        .source("MeanFlowQL, arXiv 2511.13035")
        .edge("t = 0: dg/dt is not read. loss and grad_g leave the bound loss out. An empty batch "
              "has loss 0.")
        .flops("14*B*D + 40*B")
        .in("actions", &Op::actions, "B,D", "data a")
        .in("noise", &Op::noise, "B,D", "standard normal noise ε")
        .in("t", &Op::t, "B", "times in [0, 1]")
        .typical(0, 1)
        .in("g", &Op::g, "B,D", "action that the network predicts at (z, t)")
        .in("dgdt", &Op::dgdt, "B,D", "its derivative along (v, 1)")
        .number("adaptive_gamma", &Op::adaptive_gamma, 0.8, Range::any(), "γ of the weight")
        .number("adaptive_c", &Op::adaptive_c, 1e-4, Range::at_least(0), "c of the weight")
        .number("target_clip", &Op::target_clip, 5.0, Range::above(0), "largest absolute target")
        .out("x_t", &Op::x_t, "B,D", "z")
        .out("g_target", &Op::g_target, "B,D", "the target")
        .out("loss", &Op::loss, "", "mean of w e")
        .out("weight", &Op::weight, "B", "w")
        .out("grad_g", &Op::grad_g, "B,D", "gradient of `loss`, target and weight held")
        .out("bound_loss", &Op::bound_loss, "", "how far g leaves [−1, 1]");
  }
};

using FlowLossOps =
    OpList<EdmPreconditioning, FlowMatchingLoss, MeanflowLoss, ShortcutTarget, MeanflowResidualQl>;

}  // namespace belfry
