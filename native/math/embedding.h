// Sinusoidal embedding of a time, sines first: [sin(t·scale·ω), cos(t·scale·ω)].
#pragma once

#include <cmath>
#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

// ω_k = exp(−k ln(max_period)/(half − 1)), k = 0 … half − 1, half >= 2.
BELFRY_HD inline double embedding_frequency(int64_t k, int64_t half, double max_period) {
  using std::exp;
  using std::log;
  return exp(-static_cast<double>(k) * log(max_period) / static_cast<double>(half - 1));
}

struct EmbeddingPair {
  double sine, cosine;              // entries k and k + half
  double sine_slope, cosine_slope;  // their derivatives with respect to t
};

BELFRY_HD inline EmbeddingPair embed_time(double t, double scale, double frequency) {
  using std::cos;
  using std::sin;
  const double rate = scale * frequency;
  const double s = sin(t * rate), c = cos(t * rate);
  return {s, c, c * rate, -s * rate};
}

}  // namespace belfry::math
