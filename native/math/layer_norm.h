// Layer normalisation of one element, given the moments of its row (arXiv 1607.06450, eq. 4).
// Statistics and intermediate values are float64 whatever the type of the data.
#pragma once

#include <cmath>

#include "math/host_device.h"

namespace belfry::math {

struct RowStats {
  double mean = 0, inverse = 0;  // 1/√(var + ε)

  BELFRY_HD double normalised(double x) const { return (x - mean) * inverse; }
};

// `squares` is Σ (x − mean)², summed after the mean was known.
BELFRY_HD inline RowStats row_stats(double mean, double squares, double width, double eps) {
  using std::sqrt;
  return {mean, 1 / sqrt(squares / width + eps)};
}

// The linear map that carries a tangent through h, and, being symmetric, a gradient back:
// v -> (v − mean v − h mean(h v))/σ.
BELFRY_HD constexpr double norm_project(double v, double h, double mean_v, double mean_hv,
                                        double inverse) {
  return (v - mean_v - h * mean_hv) * inverse;
}

}  // namespace belfry::math
