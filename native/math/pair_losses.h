// Losses of pairs of a preferred and a rejected sequence.
#pragma once

#include <cmath>

#include "math/host_device.h"

namespace belfry::math {

// softplus(−u) and minus its slope, σ(−u); u = β (gain of the chosen − gain of the rejected).
struct DpoTerm {
  double loss, pull;
};

BELFRY_HD inline DpoTerm dpo_term(double u) {
  using std::exp;
  using std::fabs;
  using std::log1p;
  return {(u < 0 ? -u : 0) + log1p(exp(-fabs(u))), 1 / (1 + exp(u))};
}

}  // namespace belfry::math
