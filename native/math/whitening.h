// Shifting and scaling numbers by their mean and variance.
#pragma once

#include <cmath>

#include "math/host_device.h"
#include "math/moments.h"

namespace belfry::math {

struct WhitenRule {
  double ddof = 1, eps = 1e-8;
  double var_floor = 0;
  bool shift_mean = true, scale_only = false;
};

// y = (x − center) · scale + offset
struct WhitenLine {
  double center = 0, scale = 0, offset = 0;

  BELFRY_HD constexpr double operator()(double x) const { return (x - center) * scale + offset; }
};

// Numbers without spread, or too few to have a variance, have scale 0.
BELFRY_HD inline WhitenLine whiten_line(const Moments& moments, const WhitenRule& rule) {
  using std::sqrt;
  const bool spread = moments.m2 != 0 && moments.weight > rule.ddof;
  double variance = spread ? moments.m2 / (moments.weight - rule.ddof) : 0;
  if (variance < rule.var_floor) variance = rule.var_floor;
  const double scale = spread ? 1 / sqrt(variance + rule.eps) : 0;
  if (rule.scale_only) return {0, scale, 0};
  return {moments.mean, scale, rule.shift_mean ? 0 : moments.mean};
}

// The parameters of an op as a rule.
template <class Op>
WhitenRule whiten_rule(const Op& op) {
  WhitenRule rule;
  rule.ddof = static_cast<double>(op.ddof);
  rule.eps = op.eps;
  rule.var_floor = op.var_floor.present ? op.var_floor.value : 0;
  rule.shift_mean = op.shift_mean;
  rule.scale_only = op.scale_only;
  return rule;
}

}  // namespace belfry::math
