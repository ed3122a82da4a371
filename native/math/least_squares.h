// Rows of least-squares temporal differences: φ − γ φ', where a row that ended has no φ'.
#pragma once

#include <cstdint>

#include "belfry/status.h"
#include "math/host_device.h"

namespace belfry::math {

// What is left of a feature once its discounted successor is taken off. `follows` is false where
// the episode ended, and the next feature is then not looked at.
template <class T>
BELFRY_HD constexpr double temporal_difference(T feature, const T& next, double gamma,
                                               bool follows) {
  const double now = static_cast<double>(feature);
  return follows && gamma != 0 ? now - gamma * static_cast<double>(next) : now;
}

// The eligibility of a feature; `fresh` starts a trajectory.
BELFRY_HD constexpr double eligibility(double trace, double decay, double feature, bool fresh) {
  return fresh || decay == 0 ? feature : decay * trace + feature;
}

// Why a system of least squares cannot be solved.
inline Status unsolvable_system(const char* features, bool finite) {
  if (!finite) {
    return Status::error(Code::bad_value, features,
                         "holds NaN, Infinity or values too large to square (or rewards do)");
  }
  return Status::error(Code::bad_value, "ridge", "is too small: the system is singular");
}

}  // namespace belfry::math
