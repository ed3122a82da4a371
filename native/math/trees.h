// Random splits of extremely randomised trees.
#pragma once

#include <cstdint>

#include "math/host_device.h"
#include "math/philox.h"

namespace belfry::math {

// Later attributes must win by more than this: two tests that cut the same two sets tie except for
// rounding.
inline constexpr double kSplitMargin = 1e-12;

// A random test x < threshold within the range of an attribute, u in [0, 1).
template <class T>
BELFRY_HD constexpr T split_threshold(T low, T high, double u) {
  return low + static_cast<T>(u) * (high - low);
}

// The share of the variance of n outputs that a test takes away. With outputs y − mean of sum
// `left` on its left side and squares `squares` in all, it is left² n / (n_l n_r squares). Where
// outputs have weights, all sums are weighted and n is a sum of weights.
BELFRY_HD constexpr double split_score(double left, double num_left, double num_right,
                                       double squares) {
  const double sides = 1 / num_left + 1 / num_right;
  return left * left * sides / squares;
}

// Uniform number `draw` of a node: independent of the threads, and of how far other trees are.
BELFRY_HD constexpr double split_uniform(uint64_t seed, uint64_t tree, int64_t node, int64_t draw) {
  const auto at = static_cast<uint64_t>(draw);
  const uint64_t place = static_cast<uint64_t>(node) << 24 | (at / 4 & 0xffffff);
  const Philox4 block = philox4x32_10(place, tree, seed);
  const uint32_t word = at % 4 == 0   ? block.x0
                        : at % 4 == 1 ? block.x1
                        : at % 4 == 2 ? block.x2
                                      : block.x3;
  return word * (1.0 / 4294967296.0);
}

}  // namespace belfry::math
