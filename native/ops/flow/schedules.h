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

template <class T>
struct MeanflowTimeSampling {
  In<T, 1> normal_1, normal_2, u;
  double mean, std;
  TimeDraws draws;
  double flow_ratio;
  Out<T, 1> t, r_bernoulli, r_prefix;

  static OpInfo declare() {
    using Op = MeanflowTimeSampling;
    return Declare<Op>("flow", "meanflow_time_sampling", Tier::data)
        .summary("Pairs of times r ≤ t for training an average velocity.")
        .formula("t, r = max, min of σ(std n₁ + mean), σ(std n₂ + mean);  r = t in a share of the "
                 "rows")
        .source("MeanFlow, arXiv 2505.13447, section 4.3; One-Step Flow Q-Learning, arXiv "
                "2508.13904 (share ½)")
        .edge("r_bernoulli sets r = t where u < flow_ratio, r_prefix in the first ⌊flow_ratio·B⌋ "
              "rows.")
        .flops("60*B")
        .in("normal_1", &Op::normal_1, "B", "standard normal draws n₁")
        .in("normal_2", &Op::normal_2, "B", "standard normal draws n₂")
        .in("u", &Op::u, "B", "uniform draws in [0, 1); absent: no r_bernoulli")
        .typical(0, 1)
        .optional()
        .number("mean", &Op::mean, -0.4, Range::any(), "mean of the logits")
        .number("std", &Op::std, 1.0, Range::at_least(0), "their standard deviation")
        .choice("draws", &Op::draws, {"logit_normal", "uniform"}, 0,
                "uniform: times Φ(n), mean and std are not used")
        .number("flow_ratio", &Op::flow_ratio, 0.5, Range::closed(0, 1), "share of rows with r = t")
        .out("t", &Op::t, "B", "later time")
        .out("r_bernoulli", &Op::r_bernoulli, "B", "earlier time, equal to t at random")
        .needs("u")
        .out("r_prefix", &Op::r_prefix, "B", "earlier time, equal to t in the first rows");
  }
};

template <class T>
struct MeanflowGaussianOracle {
  In<T, 1> z, t, r, noise;
  double mean, sigma;
  Out<T, 1> velocity, u, dudt, one_step_action, z_r;

  static OpInfo declare() {
    using Op = MeanflowGaussianOracle;
    return Declare<Op>("flow", "meanflow_gaussian_oracle", Tier::data)
        .summary("The exact average velocity between Gaussian data and noise, to test against.")
        .formula("S(t) = √(t² + (1−t)²σ²);  v = (t − (1−t)σ²)/S² (z − (1−t)m) − m;  z_r = (1−r)m + "
                 "S(r)/S(t) (z − (1−t)m);  u = (z − z_r)/(t − r);  du/dt = (v − u)/(t − r)")
        .source("in closed form for data N(m, σ²) and the linear path of MeanFlow, arXiv "
                "2505.13447")
        .edge("r = t: u = v and du/dt = ½ σ²/S⁴ (z − (1−t)m), without a loss of digits near it. σ "
              "= 0: u = (z − m)/t. Where S(t) = 0 there is no velocity: NaN.")
        .flops("60*N")
        .in("z", &Op::z, "N", "points at time t")
        .in("t", &Op::t, "N", "later times")
        .typical(0.5, 1)
        .in("r", &Op::r, "N", "earlier times")
        .typical(0, 0.5)
        .in("noise", &Op::noise, "N", "points at time 1")
        .number("mean", &Op::mean, 0.0, Range::any(), "mean m of the data")
        .number("sigma", &Op::sigma, 1.0, Range::at_least(0), "their standard deviation σ")
        .out("velocity", &Op::velocity, "N", "instantaneous velocity v at (z, t)")
        .out("u", &Op::u, "N", "average velocity from r to t")
        .out("dudt", &Op::dudt, "N", "its total derivative along the path, r fixed")
        .out("one_step_action", &Op::one_step_action, "N", "noise − u(noise, r = 0, t = 1)")
        .out("z_r", &Op::z_r, "N", "where the path through z is at time r");
  }
};

using FlowScheduleOps = OpList<MeanflowTimeSampling, MeanflowGaussianOracle>;
using FlowScheduleHostOps = OpList<DdpmSchedule>;

}  // namespace belfry
