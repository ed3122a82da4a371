// Weights of samples by their distance from a point.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

// What adds less than rounding to a mean.
inline constexpr double kVanishingWeight = 1e-17;

// A squared distance as a key: a NaN lies farthest away.
BELFRY_HD constexpr double distance_key(double squared) {
  return squared == squared ? squared : 1.0 / 0.0;
}

// exp(−(d² − d²_min)/(2h²)): the nearest sample has weight 1, whatever the distances.
BELFRY_HD inline double gaussian_weight(double squared, double smallest, double bandwidth) {
  using std::exp;
  if (squared == smallest) return 1;
  return exp((smallest - squared) / (2 * bandwidth * bandwidth));
}

// The order of neighbours: by distance, then as the samples lie.
struct Neighbour {
  double key;
  int32_t sample;

  BELFRY_HD constexpr bool operator<(const Neighbour& other) const {
    return key < other.key || (key == other.key && sample < other.sample);
  }
};

}  // namespace belfry::math
