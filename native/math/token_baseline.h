// The baseline of least variance of a position: formulas of optimal_token_baseline.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

// w = (1 − 2π + Σ π²) iw²
BELFRY_HD inline double baseline_weight(double log_prob, double sum_pi_squared, double iw) {
  using std::exp;
  return (1 - 2 * exp(log_prob) + sum_pi_squared) * iw * iw;
}

// Of one position over the members of a group.
struct BaselineColumn {
  double weighted = 0, weight = 0, shift = 0;
  int64_t count = 0;
  bool equal = true;

  BELFRY_HD void add(double value, double w) {
    if (count == 0) shift = value;
    count += 1;
    equal = equal && value == shift;
    weighted += value * w;
    weight += w;
  }
  // Several equal returns have themselves as their baseline, without a residue of ε.
  BELFRY_HD double advantage(double value, double eps) const {
    return count > 1 && equal ? 0 : value - weighted / (weight + eps);
  }
};

// The longest member, and the length from which it is alone.
struct LongestMember {
  int64_t row = -1, longest = -1, second = -1;

  BELFRY_HD void add(int64_t member, int64_t length) {
    if (length > longest) {
      second = longest;
      longest = length;
      row = member;
    } else if (length > second) {
      second = length;
    }
  }
  // Whether only this member reaches column t; never of several that are the longest.
  BELFRY_HD bool alone(int64_t member, int64_t t) const {
    return longest > second && member == row && t >= (second > 0 ? second : 0);
  }
};

}  // namespace belfry::math
