// Statistics of groups of rewards on the device: one warp per group, sums in float64 in an order
// that depends on the sizes only.
#pragma once

#include <cmath>

#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "math/groups.h"
#include "ops/token/core.h"

namespace belfry::cuda {

using Rule = math::GroupRule<GroupEstimator>;

// Samples brought together by group: group g holds order[start[g]] … order[start[g + 1] − 1].
template <class T>
struct Grouped {
  const T* rewards;
  const int32_t* lengths;  // null: 1 each
  const int32_t* order;
  const int32_t* start;
  int64_t num_groups;
  T* advantages;

  __device__ double weight(int32_t sample) const {
    return lengths ? static_cast<double>(lengths[sample]) : 1;
  }
};

struct GroupFacts {
  math::GroupStats stats;
  double best, second;  // of the rewards; second is the best of the others
  double right;         // positive rewards
};

struct TopTwo {
  double best = -INFINITY, second = -INFINITY;
};

struct MergeTopTwo {
  __device__ TopTwo operator()(TopTwo a, TopTwo b) const {
    if (a.best >= b.best) return {a.best, a.second > b.best ? a.second : b.best};
    return {b.best, b.second > a.best ? b.second : a.best};
  }
};

struct MergeMoments {
  __device__ math::Moments operator()(const math::Moments& a, const math::Moments& b) const {
    return math::merge(a, b);
  }
};

// The first scorable reward of a group, in the order of the batch; 0 where there is none.
template <class T>
__device__ double first_scorable(const Grouped<T>& g, int32_t begin, int32_t end) {
#pragma unroll 1
  for (int32_t tile = begin; tile < end; tile += kWarpSize) {
    const int32_t at = tile + lane_id();
    const double r = at < end ? static_cast<double>(g.rewards[g.order[at]]) : NAN;
    const unsigned scorable = __ballot_sync(kFullWarp, isfinite(r));
    if (scorable) return shuffle(r, __ffs(static_cast<int>(scorable)) - 1);
  }
  return 0;
}

template <class T>
__device__ GroupFacts facts_of(const Grouped<T>& g, int64_t group, double ddof) {
  const int32_t begin = g.start[group], end = g.start[group + 1];
  GroupFacts facts{};
  facts.stats.shift = first_scorable(g, begin, end);
  double count = 0, sum = 0, apart = 0, weights = 0, weighted = 0, right = 0;
  TopTwo top;
#pragma unroll 1
  for (int32_t at = begin + lane_id(); at < end; at += kWarpSize) {
    const int32_t sample = g.order[at];
    const double r = static_cast<double>(g.rewards[sample]);
    if (!isfinite(r)) continue;
    const double d = r - facts.stats.shift;
    count += 1;
    sum += d;
    apart += fabs(d);
    weights += g.weight(sample);
    weighted += g.weight(sample) * d;
    right += r > 0;
    top = MergeTopTwo{}(top, TopTwo{r, -INFINITY});
  }
  facts.stats.count = count = warp_reduce(count, Add{});
  facts.stats.mean = count > 0 ? warp_reduce(sum, Add{}) / count : 0;
  facts.stats.apart = warp_reduce(apart, Add{});
  weights = warp_reduce(weights, Add{});
  weighted = warp_reduce(weighted, Add{});
  facts.stats.weighted_mean = weights > 0 ? weighted / weights : facts.stats.mean;
  facts.right = warp_reduce(right, Add{});
  top = warp_reduce(top, MergeTopTwo{});
  facts.best = top.best;
  facts.second = top.second;
  double squares = 0;
#pragma unroll 1
  for (int32_t at = begin + lane_id(); at < end; at += kWarpSize) {
    const double r = static_cast<double>(g.rewards[g.order[at]]);
    const double apart_from_mean = r - facts.stats.shift - facts.stats.mean;
    if (isfinite(r)) squares += apart_from_mean * apart_from_mean;
  }
  facts.stats.variance = warp_reduce(squares, Add{}) * math::inverse_freedom(count, ddof);
  return facts;
}

}  // namespace belfry::cuda
