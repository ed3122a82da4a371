// d3s_select_samples: the subset whose advantages vary most, arXiv 2509.22115.
//
// The optimum is always j largest and keep − j smallest, so one sort and running sums from both
// ends give the variance of every candidate: O(n log n). Sums are of d = A − mean. Candidates whose
// variances differ by rounding alone count as equal: the least j wins.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/largest_keys.h"
#include "cpu/token/sample_groups.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

constexpr double kRounding = 1e-12;

struct Sums {
  double sum = 0, squares = 0;
};

// How many of the `wanted` to take from the large end of `count` sorted numbers.
int64_t best_split(const Keyed* sorted, int64_t count, int64_t wanted, const Spread& all,
                   CpuContext& context) {
  Sums* top = context.scratch<Sums>(wanted + 1);
  Sums* bottom = context.scratch<Sums>(wanted + 1);
  top[0] = bottom[0] = {};
  for (int64_t i = 0; i < wanted; ++i) {
    const double high = all.from_mean(sorted[i].key);
    const double low = all.from_mean(sorted[count - 1 - i].key);
    top[i + 1] = {top[i].sum + high, top[i].squares + high * high};
    bottom[i + 1] = {bottom[i].sum + low, bottom[i].squares + low * low};
  }
  const double n = static_cast<double>(wanted);
  double best = -1;
  int64_t split = 0;
  for (int64_t j = 0; j <= wanted; ++j) {
    const double mean = (top[j].sum + bottom[wanted - j].sum) / n;
    const double variance = (top[j].squares + bottom[wanted - j].squares) / n - mean * mean;
    if (variance > best + kRounding * std::fabs(best)) {
      best = variance;
      split = j;
    }
  }
  return split;
}

// The rest, smallest first; of equal numbers the lower index first, at this end too.
void smallest_first(Keyed* sorted, int64_t begin, int64_t count) {
  std::sort(sorted + begin, sorted + count, [](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  });
}

template <class T>
Status d3s_select_samples(const D3sSelectSamples<T>& op, CpuContext& context) {
  const int64_t samples = op.advantages.dims[0], wanted = std::min(op.keep_count, samples);
  Keyed* chosen = context.scratch<Keyed>(samples);
  Keyed* others = context.scratch<Keyed>(samples);
  int64_t count = 0, broken = 0;
  for (int64_t i = 0; i < samples; ++i) {
    const double a = static_cast<double>(op.advantages[i]);
    if (std::isfinite(a))
      chosen[count++] = {a, i};
    else
      others[broken++] = {0, i};
  }
  std::sort(chosen, chosen + count);
  const int64_t finite = std::min(wanted, count);
  const Spread all = spread_of(count, [&](int64_t i) { return chosen[i].key; });
  if (finite < count) {
    const int64_t split = best_split(chosen, count, finite, all, context);
    smallest_first(chosen, split, count);
  }
  const Spread kept = spread_of(finite, [&](int64_t i) { return chosen[i].key; });
  if (op.variance) op.variance[0] = static_cast<T>(kept.count > 0 ? kept.m2 / kept.count : 0);
  if (!op.keep) return {};
  std::fill_n(op.keep.begin(), samples, uint8_t{0});
  for (int64_t i = 0; i < finite; ++i) op.keep[chosen[i].index] = 1;
  for (int64_t i = 0; i < wanted - finite; ++i) op.keep[others[i].index] = 1;
  return {};
}

}  // namespace

template <>
Status run(const D3sSelectSamples<float>& op, CpuContext& context) {
  return d3s_select_samples(op, context);
}
template <>
Status run(const D3sSelectSamples<double>& op, CpuContext& context) {
  return d3s_select_samples(op, context);
}

}  // namespace belfry::cpu
