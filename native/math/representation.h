// Bisimulation residuals, density ratios and contrast in time: formulas of ops/bellman/
// representation.h.
#pragma once

#include <cmath>

#include "math/bellman.h"
#include "math/flags.h"
#include "math/lanes.h"
#include "math/logistic.h"
#include "ops/bellman/representation.h"

namespace belfry::math {

// −1, 0 or 1; 0 for NaN.
BELFRY_HD constexpr double sign_of(double x) { return static_cast<double>((x > 0) - (x < 0)); }

// A pair of rows (i, j = partner[i]): e = ‖z_i − z_j‖₁ − |r_i − r_j| − γ D.
template <class T>
struct BisimulationPairs {
  const T *z, *rewards, *mu, *sigma;  // sigma null: D is the l1 distance of the means
  const int32_t* partner;
  int64_t dim, next_dim;
  double gamma;
  double* errors;  // e in float64, for the gradient
  T* residual;

  template <class Lanes>
  BELFRY_HD double distance(const T* values, int64_t i, int64_t j, int64_t n, bool squared,
                            const Lanes& lanes) const {
    using std::fabs;
    return sum_over(lanes, n, [=](int64_t k) {
      const double apart =
          static_cast<double>(values[i * n + k]) - static_cast<double>(values[j * n + k]);
      return squared ? apart * apart : fabs(apart);
    });
  }

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes& lanes) const {
    using std::fabs;
    using std::sqrt;
    const int64_t j = partner[i];
    double future = distance(mu, i, j, next_dim, sigma != nullptr, lanes);
    if (sigma) future = sqrt(future + distance(sigma, i, j, next_dim, true, lanes));
    const double reward_gap =
        fabs(static_cast<double>(rewards[i]) - static_cast<double>(rewards[j]));
    const double e = distance(z, i, j, dim, false, lanes) - reward_gap - policy_term(gamma, future);
    if (lanes.first() == 0) {
      errors[i] = e;
      if (residual) residual[i] = static_cast<T>(e);
    }
    return {e * e, 0};
  }
};

template <class T>
BisimulationPairs<T> bisimulation_pairs(const BisimulationLoss<T>& op, double* errors) {
  BisimulationPairs<T> pairs{};
  pairs.z = op.z.begin();
  pairs.rewards = op.rewards.begin();
  pairs.mu = op.next_mu.begin();
  pairs.sigma = op.next_distance == NextDistance::w2 ? op.next_sigma.begin() : nullptr;
  pairs.partner = op.permutation.begin();
  pairs.dim = op.z.dims[1];
  pairs.next_dim = op.next_mu.dims[1];
  pairs.gamma = op.gamma;
  pairs.errors = errors;
  pairs.residual = op.residual ? op.residual.begin() : nullptr;
  return pairs;
}

// Entry (row, k) of the gradient: the row's own pair, and the pairs in which it is the partner,
// sources[first[row]] … sources[first[row + 1] − 1].
template <class T>
struct BisimulationGradient {
  const T* z;
  const double* errors;
  const int32_t *partner, *first, *sources;
  int64_t dim;
  double inverse_count;
  T* grad;

  BELFRY_HD double term(int64_t i, int64_t k) const {
    const double apart = static_cast<double>(z[i * dim + k]) -
                         static_cast<double>(z[static_cast<int64_t>(partner[i]) * dim + k]);
    return errors[i] * sign_of(apart);
  }
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t at, const Lanes&) const {
    const int64_t row = at / dim, k = at % dim;
    double sum = term(row, k);
    for (int32_t s = first[row]; s < first[row + 1]; ++s) sum -= term(sources[s], k);
    grad[at] = static_cast<T>(2 * sum * inverse_count);
    return {};
  }
};

// The rows that name each row as their partner, in ascending order: a counting sort. `first` has
// count + 1 entries.
inline void group_sources(const int32_t* partner, int64_t count, int32_t* first, int32_t* sources) {
  for (int64_t i = 0; i <= count; ++i) first[i] = 0;
  for (int64_t i = 0; i < count; ++i) ++first[partner[i] + 1];
  for (int64_t i = 0; i < count; ++i) first[i + 1] += first[i];
  for (int64_t i = 0; i < count; ++i) sources[first[partner[i]]++] = static_cast<int32_t>(i);
  for (int64_t i = count; i > 0; --i) first[i] = first[i - 1];
  first[0] = 0;
}

// ln(1 + 1/f) for a real successor, ln(1 + f) for a negative; NaN unless f > 0.
BELFRY_HD inline double ratio_loss(double f, bool positive) {
  using std::log1p;
  if (!(f > 0)) return kNaN<double>;
  return log1p(positive ? 1 / f : f);
}
BELFRY_HD constexpr double ratio_slope(double f, bool positive) {
  if (!(f > 0)) return kNaN<double>;
  return positive ? -1 / (f * (f + 1)) : 1 / (1 + f);
}

template <class T>
struct RatioRows {
  const T *phi, *psi;
  FlagReader labels;
  int64_t dim;
  double clamp_eps, inverse_count;
  T *grad_phi, *grad_psi;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    const T *a = phi + row * dim, *b = psi + row * dim;
    double f = sum_over(lanes, dim, [=](int64_t k) {
      return static_cast<double>(a[k]) * static_cast<double>(b[k]);
    });
    const bool clamped = f < clamp_eps;
    if (clamped) f = clamp_eps;
    const bool positive = labels(row);
    const double slope = clamped ? 0 : ratio_slope(f, positive) * inverse_count;
    for (int64_t k = lanes.first(); k < dim; k += lanes.step()) {
      if (grad_phi) grad_phi[row * dim + k] = static_cast<T>(slope * static_cast<double>(b[k]));
      if (grad_psi) grad_psi[row * dim + k] = static_cast<T>(slope * static_cast<double>(a[k]));
    }
    return {ratio_loss(f, positive), 0};
  }
};

template <class T>
RatioRows<T> ratio_rows(const ContrastiveRatioLoss<T>& op) {
  RatioRows<T> rows{};
  rows.phi = op.phi.begin();
  rows.psi = op.psi.begin();
  rows.labels = read_flags(op.labels, true);
  rows.dim = op.phi.dims[1];
  rows.clamp_eps = op.clamp_eps > 0 ? op.clamp_eps : -kInfinity<double>;
  rows.inverse_count = inverse_count(op.phi.dims[0]);
  rows.grad_phi = op.grad_phi ? op.grad_phi.begin() : nullptr;
  rows.grad_psi = op.grad_psi ? op.grad_psi.begin() : nullptr;
  return rows;
}

}  // namespace belfry::math
