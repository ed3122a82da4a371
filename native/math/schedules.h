// Coefficients that change while a policy is trained.
#pragma once

#include <cmath>

#include "math/host_device.h"

namespace belfry::math {

// A NaN stays.
BELFRY_HD constexpr double clip(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

// One step of the controller of arXiv 1909.08593, section 2.2.
BELFRY_HD constexpr double adaptive_kl(double coef, double kl, double target, double horizon,
                                       double num_steps) {
  return coef * (1 + clip(kl / target - 1, -0.2, 0.2) * num_steps / horizon);
}

// Weight of imitation after one step, AMFT (arXiv 2508.06944).
BELFRY_HD constexpr double amft_weight(double mu, double gradient_step, double entropy_step,
                                       double min, double max) {
  return clip(mu + gradient_step + entropy_step, min, max);
}

// (base^x − 1)/(base − 1); x in the limit base -> 1.
BELFRY_HD inline double exponential_progress(double x, double base) {
  using std::expm1;
  using std::log;
  const double rate = log(base);
  return rate == 0 ? x : expm1(x * rate) / expm1(rate);
}

BELFRY_HD constexpr double interpolate(double start, double end, double progress) {
  const double p = clip(progress, 0, 1);
  return (1 - p) * start + p * end;
}

BELFRY_HD constexpr double moving_average(double target, double source, double decay) {
  return decay * target + (1 - decay) * source;
}

}  // namespace belfry::math
