// Random splits of extremely randomised trees, and nodes packed for walking down them.
#pragma once

#include <cstdint>

#include "belfry/status.h"
#include "math/bellman.h"
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

// Rows by their weight and the mean of their outputs.
struct RowSet {
  double total = 0, mean = 0;
};

// Both together; one without weight adds nothing, whatever its mean.
BELFRY_HD constexpr RowSet join(const RowSet& a, const RowSet& b) {
  if (!(b.total > 0)) return a;
  if (!(a.total > 0)) return b;
  const double total = a.total + b.total;
  return {total, a.mean + (b.mean - a.mean) * (b.total / total)};
}

// By how much the squared error around the mean shrinks where a set is parted into these:
// n_l (v_l − v)² + n_r (v_r − v)², without the difference of what is nearly equal.
BELFRY_HD constexpr double error_decrease(const RowSet& left, const RowSet& right) {
  if (!(left.total > 0) || !(right.total > 0)) return 0;
  const double apart = left.mean - right.mean;
  return left.total * (right.total / (left.total + right.total)) * apart * apart;
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

// A node whose left child is the next one.
struct PackedNode {
  double threshold;  // left where x < threshold; of a leaf its value
  int32_t feature;   // attribute tested
  int32_t right;     // how many nodes further the right child is; 0 in a leaf
};
static_assert(sizeof(PackedNode) == 16, "four words");

// Node `at` of a tree, as it is grown. A right child that is not further on is marked by −1.
BELFRY_HD constexpr PackedNode pack_node(int32_t feature, double threshold, int32_t right,
                                         double value, int64_t at) {
  if (feature < 0) return {value, 0, 0};
  return {threshold, feature, right > at ? static_cast<int32_t>(right - at) : -1};
}

// Whether a node tests one of `num_features` attributes and leads to one of the `rest` − 1 nodes
// behind it.
BELFRY_HD constexpr bool leads_on(const PackedNode& node, int64_t rest, int64_t num_features) {
  const auto feature = static_cast<int64_t>(node.feature), right = static_cast<int64_t>(node.right);
  // Negative numbers are large ones here; and both are looked at, without a branch.
  const bool known = static_cast<uint64_t>(feature) < static_cast<uint64_t>(num_features);
  const bool inside = static_cast<uint64_t>(right - 1) < static_cast<uint64_t>(rest - 1);
  return known & inside;
}
BELFRY_HD constexpr bool is_leaf(const PackedNode& node) { return node.right == 0; }

// `node` of a forest leads nowhere.
inline Status not_a_tree(int64_t node, int32_t feature, int32_t right, int64_t num_features) {
  return Status::error(Code::bad_value, "right",
                       "node %lld tests attribute %d and leads to %d: not a tree in pre-order "
                       "over %lld attributes",
                       static_cast<long long>(node), feature, right,
                       static_cast<long long>(num_features));
}

// The value of the node where a walk ended: NaN where that is no leaf.
BELFRY_HD constexpr double value_at_end(const PackedNode& node) {
  return is_leaf(node) ? node.threshold : kNaN<double>;
}

// How far to go on from an inner node. NaN goes right.
BELFRY_HD constexpr int32_t steps_from(const PackedNode& node, double x) {
  const int32_t left = -static_cast<int32_t>(x < node.threshold);  // without a branch
  return node.right ^ ((node.right ^ 1) & left);
}

}  // namespace belfry::math
