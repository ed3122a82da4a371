// Where a quantile lies among sorted values, interpolated linearly.
#pragma once

#include <algorithm>
#include <cstdint>

namespace belfry::cpu {

struct QuantilePlace {
  int64_t below = 0, above = 0;
  double share = 0;  // of the way from `below` to `above`
};

inline QuantilePlace quantile_place(double q, int64_t count) {
  const double at = q * static_cast<double>(count - 1);
  const int64_t below = std::clamp<int64_t>(static_cast<int64_t>(at), 0, count - 1);
  return {below, std::min(below + 1, count - 1), at - static_cast<double>(below)};
}

// Exact at both ends, and between equal values.
inline double between(double low, double high, double share) {
  const double apart = high - low;
  return share < 0.5 ? low + apart * share : high - apart * (1 - share);
}

}  // namespace belfry::cpu
