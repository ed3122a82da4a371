// Mean and variance of weighted samples as a monoid: parts of a batch merge to the whole.
#pragma once

#include "math/host_device.h"

namespace belfry::math {

// Total weight, mean, and Σ w (x − mean)² (Chan, Golub & LeVeque 1979, eq. 2.1).
struct Moments {
  double weight = 0, mean = 0, m2 = 0;
};

// `a` is the part with the lower indices. A part of weight 0 leaves the other as it is.
BELFRY_HD constexpr Moments merge(Moments a, Moments b) {
  if (!(b.weight != 0)) return a;
  if (!(a.weight != 0)) return b;
  const double weight = a.weight + b.weight;
  const double apart = b.mean - a.mean;
  return {weight, a.mean + apart * (b.weight / weight),
          a.m2 + b.m2 + apart * apart * (a.weight * (b.weight / weight))};
}

BELFRY_HD constexpr Moments moments_of(double x, double weight) { return {weight, x, 0}; }

}  // namespace belfry::math
