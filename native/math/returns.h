// Reverse recurrences over rewards: advantages and returns.
#pragma once

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
};

// One step of generalised advantage estimation, as the map A_{t+1} -> A_t (arXiv 1506.02438, eq.
// 16).
template <class T>
BELFRY_HD constexpr Affine<T> gae_step(T reward, T value, T next_value, T gamma, T lambda) {
  return {gamma * lambda, reward + gamma * next_value - value};
}

// λ = clip(1 − 1/(α·length), 0, 1), VAPO (arXiv 2504.05118), section 4.
BELFRY_HD constexpr double length_adaptive_lambda(double alpha, double length) {
  if (length <= 0) return 0;
  const double lambda = 1 - 1 / (alpha * length);
  return lambda < 0 ? 0 : lambda > 1 ? 1 : lambda;
}

}  // namespace belfry::math
