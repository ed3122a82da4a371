// The reward of a sample with several components.
#pragma once

#include <cmath>
#include <cstdint>

namespace belfry::cpu {

// Σ w c over the components that are not NaN; NaN where there is none.
template <class C, class W>
double weighted_sum(const C* components, const W* weights, int64_t count) {
  double sum = 0;
  bool any = false;
  for (int64_t i = 0; i < count; ++i) {
    const double c = static_cast<double>(components[i]);
    if (std::isnan(c)) continue;
    any = true;
    sum += static_cast<double>(weights[i]) * c;
  }
  return any ? sum : NAN;
}

}  // namespace belfry::cpu
