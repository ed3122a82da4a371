// Reverse recurrences over rewards: advantages and returns.
#pragma once

#include <cmath>

#include "math/host_device.h"

namespace belfry::math {

// x -> mul * x + add. A backward recurrence is a product of these.
template <class T>
struct Affine {
  T mul = 1, add = 0;
  // First `later` (the map of the step after), then this one.
  BELFRY_HD constexpr Affine after(Affine later) const {
    return {mul * later.mul, add + mul * later.add};
  }
  BELFRY_HD constexpr T operator()(T x) const { return mul * x + add; }
  // The same where a factor of 0 cuts off whatever follows, a NaN too.
  BELFRY_HD constexpr Affine cut_after(Affine later) const {
    return mul == 0 ? Affine{0, add} : after(later);
  }
  BELFRY_HD constexpr T cut_at(T x) const { return mul == 0 ? add : mul * x + add; }
};

// On scalars fused only where the compiler does so by itself: elsewhere std::fma may be a call.
template <class T>
BELFRY_HD constexpr T mul_add(T a, T b, T c) {
  return a * b + c;
}

#define BELFRY_FORMULA BELFRY_HD constexpr
#include "math/gae-inl.h"
#undef BELFRY_FORMULA

// Bounds of the ratios in vtrace and puffer_advantage, and what is the same for all steps.
struct RatioRule {
  double gamma = 1, lambda = 1;
  double rho_clip = 1, c_clip = 1, pg_clip = 1;
  double clamp = 20;             // of the log-ratio
  bool reward_weighted = false;  // puffer_advantage: ρ weights the reward alone
};

// min(bound, x); a NaN stays.
BELFRY_HD constexpr double at_most(double x, double bound) { return x > bound ? bound : x; }

// The map e_{t+1} -> e_t of arXiv 1802.01561.
BELFRY_HD constexpr Affine<double> vtrace_step(double reward, double value, double next_value,
                                               double ratio, const RatioRule& rule) {
  return {rule.gamma * rule.lambda * at_most(ratio, rule.c_clip),
          at_most(ratio, rule.rho_clip) * (reward + rule.gamma * next_value - value)};
}

BELFRY_HD constexpr double vtrace_advantage(double reward, double value, double next_target,
                                            double ratio, const RatioRule& rule) {
  return at_most(ratio, rule.pg_clip) * (reward + rule.gamma * next_target - value);
}

// The map A_{t+1} -> A_t of PufferLib; after an episode's end nothing of the next one is read.
BELFRY_HD constexpr Affine<double> puffer_step(double reward, double value, double next_value,
                                               bool done, double ratio, const RatioRule& rule) {
  const double rho = at_most(ratio, rule.rho_clip), c = at_most(ratio, rule.c_clip);
  const double after = done ? 0 : rule.gamma * next_value;
  const double delta =
      rule.reward_weighted ? rho * reward + after - value : rho * (reward + after - value);
  return {done ? 0 : rule.gamma * rule.lambda * c, delta};
}

// One step of gae over an environment with episode ends; `later` is A_{t+1}.
BELFRY_HD constexpr double gae_env_step(double delta, bool cut, double decay, double later) {
  return cut ? delta : delta + decay * later;
}

// λ = clip(1 − 1/(α·length), 0, 1), VAPO (arXiv 2504.05118).
BELFRY_HD constexpr double length_adaptive_lambda(double alpha, double length) {
  if (length <= 0) return 0;
  const double lambda = 1 - 1 / (alpha * length);
  return lambda < 0 ? 0 : lambda > 1 ? 1 : lambda;
}

// The parameters of an op as a rule.
template <class Op>
RatioRule ratio_rule(const Op& op) {
  RatioRule rule;
  rule.gamma = op.gamma;
  rule.lambda = op.lambda;
  rule.rho_clip = op.rho_clip;
  rule.c_clip = op.c_clip;
  if constexpr (requires { op.pg_rho_clip; }) {
    rule.pg_clip = op.pg_rho_clip.present ? op.pg_rho_clip.value : op.rho_clip;
    rule.clamp = op.ratio_clamp.present ? op.ratio_clamp.value : HUGE_VAL;
  }
  return rule;
}

}  // namespace belfry::math
