// Weights of the rows of a regression.
#pragma once

#include <cmath>

#include "cpu/context.h"

namespace belfry::cpu {

template <class View>
Status check_weights(const View& weights) {
  for (int64_t i = 0; weights && i < weights.size(); ++i) {
    const double weight = static_cast<double>(weights[i]);
    if (weight >= 0 && std::isfinite(weight)) continue;
    return Status::error(Code::bad_value, "weight",
                         "row %lld is %g, expected a finite number of at least 0",
                         static_cast<long long>(i), weight);
  }
  return {};
}

}  // namespace belfry::cpu
