// Noise schedules of diffusion policies: β, its products, and the posterior of one step.
#pragma once

#include <cmath>

#include "math/host_device.h"
#include "ops/flow/schedules.h"

namespace belfry::math {

// What one step t needs, t = 1 ... T.
struct DiffusionStep {
  double beta, alpha_bar, previous;  // ᾱ_t, ᾱ_{t−1}

  double sqrt_recip() const { return std::sqrt(1 / alpha_bar); }
  double sqrt_recipm1() const { return std::sqrt(1 / alpha_bar - 1); }
  double mean_x0() const { return beta * std::sqrt(previous) / (1 - alpha_bar); }
  double mean_xt() const { return (1 - previous) * std::sqrt(1 - beta) / (1 - alpha_bar); }
  double log_variance() const {
    const double variance = beta * (1 - previous) / (1 - alpha_bar);
    return std::log(variance < 1e-20 ? 1e-20 : variance);
  }
};

// ᾱ_t of the cosine schedule, up to a factor.
BELFRY_HD inline double cosine_alpha_bar(double t, double steps) {
  using std::cos;
  constexpr double kOffset = 0.008, kHalfPi = 1.57079632679489661923;
  const double c = cos(kHalfPi * (t / steps + kOffset) / (1 + kOffset));
  return c * c;
}

BELFRY_HD inline double schedule_beta(NoiseSchedule schedule, int64_t step, int64_t num_steps) {
  using std::expm1;
  const double t = static_cast<double>(step), steps = static_cast<double>(num_steps);
  switch (schedule) {
    case NoiseSchedule::vp: {
      constexpr double kMin = 0.1, kMax = 10;
      return -expm1(-kMin / steps - 0.5 * (kMax - kMin) * (2 * t - 1) / (steps * steps));
    }
    case NoiseSchedule::linear: {
      constexpr double kFirst = 1e-4, kLast = 2e-2;
      return num_steps == 1 ? kFirst : kFirst + (kLast - kFirst) * ((t - 1) / (steps - 1));
    }
    case NoiseSchedule::cosine: {
      const double beta = 1 - cosine_alpha_bar(t, steps) / cosine_alpha_bar(t - 1, steps);
      return beta < 0 ? 0 : beta > 0.999 ? 0.999 : beta;
    }
  }
  return 0;
}

// Step t, given ᾱ_{t−1}.
BELFRY_HD inline DiffusionStep diffusion_step(NoiseSchedule schedule, int64_t t, int64_t num_steps,
                                              double previous) {
  const double beta = schedule_beta(schedule, t, num_steps);
  return {beta, previous * (1 - beta), previous};
}

// ᾱ_t of all steps.
BELFRY_HD inline void alpha_bars(NoiseSchedule schedule, int64_t num_steps, double* out) {
  double alpha_bar = 1;
  for (int64_t i = 0; i < num_steps; ++i) {
    alpha_bar = diffusion_step(schedule, i + 1, num_steps, alpha_bar).alpha_bar;
    out[i] = alpha_bar;
  }
}

BELFRY_HD constexpr double within(double x, double limit) {
  return x < -limit ? -limit : x > limit ? limit : x;
}

// One deterministic step from ᾱ to ᾱ of the timestep before; ε anew from the clipped x̂₀.
struct DdimStep {
  double alpha_bar, previous;

  BELFRY_HD double next(double x, double noise, double limit) const {
    using std::sqrt;
    const double signal = sqrt(alpha_bar), spread = sqrt(1 - alpha_bar);
    const double clean = within((x - spread * noise) / signal, limit);
    return sqrt(previous) * clean + sqrt(1 - previous) * ((x - signal * clean) / spread);
  }
};

// One step of the ancestral sampler.
struct DdpmStep {
  double recip, recipm1;  // √(1/ᾱ), √(1/ᾱ − 1)
  double mean_x0, mean_xt, std;
  double limit;  // of x̂₀; infinite: no clip

  BELFRY_HD double clean(double x, double noise) const { return recip * x - recipm1 * noise; }
  BELFRY_HD double next(double x, double noise, double fresh) const {
    const double mean = mean_x0 * within(clean(x, noise), limit) + mean_xt * x;
    return std == 0 ? mean : mean + std * fresh;
  }
  // d next/d x̂₀ before the clip.
  BELFRY_HD double slope(double x, double noise) const {
    const double y = clean(x, noise);
    return y >= -limit && y <= limit ? mean_x0 : 0;
  }
};

// Step t of T, the last (t = 1) without noise.
inline DdpmStep ddpm_step(const DiffusionStep& step, bool last, double limit) {
  return {step.sqrt_recip(),
          step.sqrt_recipm1(),
          step.mean_x0(),
          step.mean_xt(),
          last ? 0 : std::exp(0.5 * step.log_variance()),
          limit};
}

}  // namespace belfry::math
