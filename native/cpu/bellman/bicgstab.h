// BiCGStab for (I − γ P) x = b, one step at a time.
#pragma once

#include <cmath>
#include <limits>

#include "cpu/bellman/discounted_solve.h"

namespace belfry::cpu {

// The vectors of one run of BiCGStab (van der Vorst 1992), and what the steps share.
class BiCgStab {
 public:
  BiCgStab(const DiscountedSystem& system, const StatePieces& pieces, const double* b, double* x,
           CpuContext& context)
      : system_(system), pieces_(pieces), b_(b), x_(x), context_(context), n_(system.num_states) {
    for (double** vector : {&r_, &shadow_, &p_, &v_, &t_}) *vector = context.scratch<double>(n_);
    partials_ = context.scratch<double>(dot_partials(n_));
    b_norm_ = norm(b);
  }

  // True residual of x; also restarts the recurrence from it.
  double restart() {
    residual(system_, pieces_, b_, x_, r_, context_);
    std::copy_n(r_, n_, shadow_);
    std::fill_n(p_, n_, 0.0);
    std::fill_n(v_, n_, 0.0);
    rho_ = alpha_ = omega_ = 1;
    return norm(r_);
  }
  double target(double tolerance) const {
    constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
    return tolerance * b_norm_ + 4 * kEpsilon * (b_norm_ + 2 * norm(x_));
  }
  // One step; false when the recurrence has broken down. `size` is the norm it believes in.
  bool step(double& size) {
    const double rho = product(shadow_, r_);
    const double beta = rho / rho_ * (alpha_ / omega_);
    rho_ = rho;
    for_each_element(n_, context_,
                     [&](int64_t i) { p_[i] = r_[i] + beta * (p_[i] - omega_ * v_[i]); });
    apply(system_, pieces_, p_, v_, context_);
    alpha_ = rho / product(shadow_, v_);
    for_each_element(n_, context_, [&](int64_t i) { r_[i] -= alpha_ * v_[i]; });
    apply(system_, pieces_, r_, t_, context_);
    const double tt = product(t_, t_);
    omega_ = tt > 0 ? product(t_, r_) / tt : 0;
    for_each_element(n_, context_, [&](int64_t i) {
      x_[i] += alpha_ * p_[i] + omega_ * r_[i];
      r_[i] -= omega_ * t_[i];
    });
    size = norm(r_);
    return std::isfinite(size) && rho != 0 && omega_ != 0;
  }

 private:
  double product(const double* a, const double* b) const {
    return dot(a, b, n_, partials_, context_);
  }
  double norm(const double* a) const { return std::sqrt(product(a, a)); }

  const DiscountedSystem& system_;
  const StatePieces& pieces_;
  const double* b_;
  double* x_;
  CpuContext& context_;
  int64_t n_;
  double *r_ = nullptr, *shadow_ = nullptr, *p_ = nullptr, *v_ = nullptr, *t_ = nullptr;
  double* partials_ = nullptr;
  double b_norm_ = 0, rho_ = 1, alpha_ = 1, omega_ = 1;
};

}  // namespace belfry::cpu
