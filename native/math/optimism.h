// Optimism in the face of uncertainty, for finite horizons (Azar, Osband and Munos, arXiv
// 1703.05449).
#pragma once

#include <cmath>

#include "math/bellman.h"

namespace belfry::math {

// r + c H √(L/n), and no bound for a pair that was never tried.
BELFRY_HD inline double optimistic_reward(double reward, double count, double c_horizon,
                                          double log_term) {
  using std::sqrt;
  if (count <= 0) return kInfinity<double>;
  return reward + c_horizon * sqrt(log_term / count);
}

// No more than the steps that are left.
template <class T>
BELFRY_HD T capped_q(T q, T count, T cap) {
  return count <= 0 || q > cap ? cap : q;
}

}  // namespace belfry::math
