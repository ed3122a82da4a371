// Where a quantile lies among sorted values, interpolated linearly, and how many a share of them
// is.
#pragma once

#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

struct QuantilePlace {
  int64_t below = 0, above = 0;
  double share = 0;  // of the way from `below` to `above`
};

BELFRY_HD inline QuantilePlace quantile_place(double q, int64_t count) {
  const double at = q * static_cast<double>(count - 1);
  int64_t below = static_cast<int64_t>(at);
  if (below > count - 1) below = count - 1;
  if (below < 0) below = 0;
  return {below, below + 1 < count ? below + 1 : count - 1, at - static_cast<double>(below)};
}

// Exact at both ends, and between equal values.
BELFRY_HD inline double between(double low, double high, double share) {
  const double apart = high - low;
  return share < 0.5 ? low + apart * share : high - apart * (1 - share);
}

// max(1, ⌊fraction · count⌋), and no more than there are.
BELFRY_HD inline int64_t share_of(double fraction, int64_t count) {
  int64_t share = static_cast<int64_t>(fraction * static_cast<double>(count));
  if (share < 1) share = 1;
  return share < count ? share : count;
}

}  // namespace belfry::math
