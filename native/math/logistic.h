// The logistic function and its integral, without overflow; NaN passes.
#pragma once

#include <cmath>

#include "math/host_device.h"

namespace belfry::math {

// ln(1 + eˣ) without overflow, and its slope σ(x).
BELFRY_HD inline double softplus(double x) {
  using std::exp;
  using std::fabs;
  using std::log1p;
  return (x > 0 ? x : x < 0 ? 0 : x) + log1p(exp(-fabs(x)));
}
BELFRY_HD inline double logistic(double x) {
  using std::exp;
  if (x >= 0) return 1 / (1 + exp(-x));
  const double e = exp(x);
  return e / (1 + e);
}

}  // namespace belfry::math
