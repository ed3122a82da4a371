// Samples brought together by group, and the statistics of a few numbers.
#pragma once

#include <cmath>

#include "cpu/context.h"

namespace belfry::cpu {

// Groups by ascending id; the samples of a group in the order of the batch.
struct SampleGroups {
  int64_t count = 0;
  const int64_t* order = nullptr;   // samples, group after group
  const int64_t* starts = nullptr;  // bounds of the groups in `order`
  const int32_t* ids = nullptr;     // of the groups

  int64_t size(int64_t group) const { return starts[group + 1] - starts[group]; }
  const int64_t* members(int64_t group) const { return order + starts[group]; }
};

SampleGroups group_samples(const int32_t* ids, int64_t size, CpuContext& context);

// Mean and spread of the numbers among `size` that are finite. They are held as d = x − shift, the
// first of them being the shift, so that numbers near 1000 with a spread of 1 keep their digits and
// equal numbers have spread 0.
struct Spread {
  double count = 0, shift = 0, mean = 0, m2 = 0;
  bool equal = true;

  double average() const { return shift + mean; }
  double from_mean(double x) const { return x - shift - mean; }
  // One number has no spread, and counts as 1.
  double deviation(double ddof) const { return count > 1 ? std::sqrt(m2 / (count - ddof)) : 1; }
};

// `value(i)` gives number i of 0 … size − 1.
template <class Value>
Spread spread_of(int64_t size, const Value& value) {
  Spread spread;
  double sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    const double x = value(i);
    if (!std::isfinite(x)) continue;
    if (spread.count == 0) spread.shift = x;
    spread.count += 1;
    spread.equal = spread.equal && x == spread.shift;
    sum += x - spread.shift;
  }
  if (spread.count > 0) spread.mean = sum / spread.count;
  for (int64_t i = 0; i < size; ++i) {
    const double x = value(i);
    if (std::isfinite(x)) spread.m2 += spread.from_mean(x) * spread.from_mean(x);
  }
  return spread;
}

}  // namespace belfry::cpu
