// Distances between behaviours, as sums over their dimensions, and the mean over the nearest.
#pragma once

#include <cmath>

#include "math/bellman.h"
#include "ops/bellman/diversity.h"

namespace belfry::math {

// What one dimension adds, and what the distance is of the sum. Points that are whitened first
// make mahalanobis euclidean.
struct DistanceRule {
  NoveltyMetric metric;
  double p, inverse_p;

  BELFRY_HD double term(double apart) const {
    using std::fabs;
    using std::pow;
    if (metric == NoveltyMetric::manhattan) return fabs(apart);
    if (metric == NoveltyMetric::minkowski) return pow(fabs(apart), p);
    return apart * apart;
  }
  BELFRY_HD double distance(double sum) const {
    using std::pow;
    using std::sqrt;
    if (metric == NoveltyMetric::manhattan) return sum;
    if (metric == NoveltyMetric::minkowski) return pow(sum, inverse_p);
    return sqrt(sum);
  }
};

// Ascending, NaN last.
BELFRY_HD constexpr bool nearer(double a, double b) { return a < b || (a == a && b != b); }

template <class T>
DistanceRule distance_rule(const NoveltyKnn<T>& op) {
  return {op.metric, op.p, 1 / op.p};
}

}  // namespace belfry::math
