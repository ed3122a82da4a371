// Noise schedules and times of family `flow`, and the flow between Gaussians that is known in
// closed form.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class NoiseSchedule : int32_t { vp, linear, cosine };
enum class TimeDraws : int32_t { logit_normal, uniform };

#define BELFRY_NOISE_SCHEDULE_WORDS \
  { "vp", "linear", "cosine" }

template <class T>
struct DdpmSchedule {
  NoiseSchedule schedule;
  int64_t steps;
  Out<T, 1> beta, alpha_bar, sqrt_recip_ab, sqrt_recipm1_ab, post_mean_x0, post_mean_xt,
      post_log_var;

  static OpInfo declare() {
    using Op = DdpmSchedule;
    return Declare<Op>("flow", "ddpm_schedule", Tier::control)
        .summary("The noise schedule of a diffusion policy and the coefficients of its posterior.")
        .formula("ᾱ_t = Π (1 − β);  vp: β_t = 1 − exp(−0.1/T − ½ 9.9 (2t − 1)/T²);  linear: 1e-4 … "
                 "2e-2;  cosine: ᾱ ∝ cos²(½π (t/T + s)/(1 + s)), s = 0.008, β ≤ 0.999")
        .source("Ho et al., arXiv 2006.11239, eq. 7; Nichol & Dhariwal, arXiv 2102.09672 (cosine); "
                "Diffusion-QL, arXiv 2208.06193 (vp)")
        .edge("Entry i is t = i + 1; ᾱ_0 = 1. The variance of the last step, 0, has logarithm "
              "log 1e-20.")
        .flops("60*K")
        .choice("schedule", &Op::schedule, BELFRY_NOISE_SCHEDULE_WORDS, 0, "which β")
        .integer("steps", &Op::steps, 5, Range::at_least(1), "number of steps T")
        .size_of("K")
        .out("beta", &Op::beta, "K", "β_t")
        .out("alpha_bar", &Op::alpha_bar, "K", "ᾱ_t")
        .out("sqrt_recip_ab", &Op::sqrt_recip_ab, "K", "√(1/ᾱ_t)")
        .out("sqrt_recipm1_ab", &Op::sqrt_recipm1_ab, "K", "√(1/ᾱ_t − 1)")
        .out("post_mean_x0", &Op::post_mean_x0, "K", "factor of x_0 in the posterior mean")
        .out("post_mean_xt", &Op::post_mean_xt, "K", "factor of x_t in the posterior mean")
        .out("post_log_var", &Op::post_log_var, "K", "log of the posterior variance");
  }
};

using FlowScheduleHostOps = OpList<DdpmSchedule>;

}  // namespace belfry
