// One row, one or several lanes: formulas that walk a row take `lanes`, so that CPU and CUDA
// kernels run the same lines:
//
//   lanes.first(), lanes.step()     the entries of this lane
//   lanes.combine(value, combine)   the combination over all lanes, for each of them
#pragma once

#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

struct OneLane {
  BELFRY_HD constexpr int64_t first() const { return 0; }
  BELFRY_HD constexpr int64_t step() const { return 1; }
  template <class V, class Combine>
  BELFRY_HD constexpr V combine(V value, Combine) const {
    return value;
  }
};

struct Plus {
  BELFRY_HD constexpr double operator()(double a, double b) const { return a + b; }
};

// Σ term(i) over [0, count), for every lane.
template <class Lanes, class Term>
BELFRY_HD double sum_over(const Lanes& lanes, int64_t count, const Term& term) {
  double sum = 0;
  for (int64_t i = lanes.first(); i < count; i += lanes.step()) sum += term(i);
  return lanes.combine(sum, Plus{});
}

// What a row adds to the results of a loss.
struct LossSums {
  double loss = 0, other = 0;

  BELFRY_HD constexpr LossSums operator+(const LossSums& more) const {
    return {loss + more.loss, other + more.other};
  }
};

// 1/count, and 0 for an empty batch, whose loss is 0.
BELFRY_HD constexpr double inverse_count(int64_t count) {
  return count > 0 ? 1 / static_cast<double>(count) : 0;
}

}  // namespace belfry::math
