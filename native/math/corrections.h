// Weights and tests on the log-ratio of trainer and sampler.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/host_device.h"
#include "math/schedules.h"

namespace belfry::math {

struct WeightBounds {
  double min = 0, max = 2;
  double clamp = 20;  // of the log-ratio
  bool zero_outside = false;
};

// The parameters of an op as bounds.
template <class Op>
WeightBounds weight_bounds(const Op& op) {
  WeightBounds bounds;
  bounds.min = op.min.present ? op.min.value : 0;
  bounds.max = op.max;
  bounds.clamp = op.ratio_clamp.present ? op.ratio_clamp.value : HUGE_VAL;
  bounds.zero_outside = op.mode == decltype(op.mode)::mask;
  return bounds;
}

BELFRY_HD inline double clamped_ratio(double log_ratio, double clamp) {
  using std::exp;
  return exp(clip(log_ratio, -clamp, clamp));
}

BELFRY_HD constexpr double bounded_weight(double ratio, const WeightBounds& bounds) {
  if (bounds.zero_outside) return ratio < bounds.min || ratio > bounds.max ? 0 : ratio;
  return clip(ratio, bounds.min, bounds.max);
}

// Estimators k1, k2, k3 of the divergence, of lr = log π_train − log π_rollout.
BELFRY_HD inline double rejection_score(double log_ratio, double clamp, int estimator) {
  using std::expm1;
  const double lr = clip(log_ratio, -clamp, clamp);
  if (estimator == 1) return -lr;
  return estimator == 2 ? lr * lr / 2 : expm1(lr) - lr;
}

enum class RejectionLevel { token, sum, mean, max };

// Which score is held against which bounds.
struct RejectionRule {
  RejectionLevel level = RejectionLevel::token;
  int estimator = 1;  // 1, 2 or 3: k1, k2, k3
  double low = 0, high = 0, clamp = 20;

  BELFRY_HD double score(double log_ratio) const {
    return rejection_score(log_ratio, clamp, estimator);
  }
  BELFRY_HD constexpr bool accepts(double value) const { return value >= low && value <= high; }
  // Of a row: its sum, mean or maximum; a NaN stays.
  BELFRY_HD constexpr double of_row(double sum, double count, double greatest) const {
    if (level == RejectionLevel::max) return sum != sum ? sum : greatest;
    return level == RejectionLevel::mean ? sum / count : sum;
  }
};

// The parameters of an op as a rule. Options come in threes, k1 k2 k3 of one level, but for the
// maximum, which has no k1.
template <class Op>
RejectionRule rejection_rule(const Op& op) {
  using Option = decltype(op.option);
  const int option = static_cast<int>(op.option);
  RejectionRule rule;
  if (op.option == Option::seq_max_k2 || op.option == Option::seq_max_k3) {
    rule.level = RejectionLevel::max;
    rule.estimator = op.option == Option::seq_max_k2 ? 2 : 3;
  } else {
    rule.level = static_cast<RejectionLevel>(option / 3);
    rule.estimator = option % 3 + 1;
  }
  const bool ratio = rule.estimator == 1;
  rule.high = ratio ? std::log(op.upper) : op.upper;
  rule.low = !ratio ? -HUGE_VAL : op.lower.present ? std::log(op.lower.value) : -rule.high;
  rule.clamp = op.ratio_clamp.present ? op.ratio_clamp.value : HUGE_VAL;
  return rule;
}

// First tokens of a rollout of `length` tokens that are replayed: uniform in 1 … length − 1.
BELFRY_HD inline int32_t rollin_length(int32_t length, double u) {
  if (length < 2) return 0;
  const double tokens = u > 0 ? 1 + u * (length - 1) : 1;
  return tokens < length - 1 ? static_cast<int32_t>(tokens) : length - 1;
}

}  // namespace belfry::math
