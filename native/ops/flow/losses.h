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

using FlowLossOps = OpList<EdmPreconditioning>;

}  // namespace belfry
