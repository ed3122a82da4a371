// The soft choices among the actions of a state, from two passes over them (a machine as in
// row_measures.h): log-sum-exp, the same under a reference policy μ, and mellowmax.
//
//   V = τ log Σ_a e^{Q/τ};   V_μ = τ log Σ_a μ(a) e^{Q/τ};   V_mm = V − τ log n
//
// Everything is relative to the largest Q; e^x − 1 and log(1 + x) keep the digits when τ is large.
#pragma once

#include <cmath>

#include "math/tilting.h"

namespace belfry::math {

class SoftChoice {
 public:
  // μ = 0 where there is no reference policy.
  struct Action {
    bool allowed;
    double q, mu;
  };
  struct Pass {
    double count = 0, sum = 0, shift = 0, ties = 0;                   // of allowed actions
    double weight = 0, sum_ref = 0, shift_ref = 0, ties_ref = 0;      // times μ
    double high = -kInfinity<double>, high_ref = -kInfinity<double>;  // over μ > 0
    bool nan = false;
    BELFRY_HD void merge(const Pass& other) {
      count += other.count;
      sum += other.sum;
      shift += other.shift;
      ties += other.ties;
      weight += other.weight;
      sum_ref += other.sum_ref;
      shift_ref += other.shift_ref;
      ties_ref += other.ties_ref;
      if (other.high > high) high = other.high;
      if (other.high_ref > high_ref) high_ref = other.high_ref;
      nan = nan || other.nan;
    }
  };

  BELFRY_HD SoftChoice(double tau, double rounding) : tau_(tau), rounding_(rounding) {}

  BELFRY_HD bool done() const { return passes_ == 2; }
  BELFRY_HD Pass begin_pass() const { return {}; }
  BELFRY_HD void add(Pass& pass, const Action& action) const {
    using std::expm1;
    const double q = action.q, mu = action.mu;
    if (!action.allowed) return;
    if (q != q || mu != mu) pass.nan = true;
    if (passes_ == 0) {
      pass.count += 1;
      pass.sum += q;
      pass.weight += mu;
      if (q > pass.high) pass.high = q;
      if (mu != 0) pass.sum_ref += mu * q;
      if (mu > 0 && q > pass.high_ref) pass.high_ref = q;
      return;
    }
    if (q == all_.high) pass.ties += 1;
    if (q == all_.high_ref) pass.ties_ref += mu;
    if (is_finite(all_.high)) pass.shift += expm1((q - all_.high) / tau_);
    if (mu != 0 && is_finite(all_.high_ref))
      pass.shift_ref += mu * expm1((q - all_.high_ref) / tau_);
  }
  BELFRY_HD void take(const Pass& pass) {
    if (passes_ == 0) {
      all_ = pass;
    } else {
      all_.shift = pass.shift;
      all_.ties = pass.ties;
      all_.shift_ref = pass.shift_ref;
      all_.ties_ref = pass.ties_ref;
    }
    ++passes_;
  }

  BELFRY_HD double mellowmax() const {
    using std::log1p;
    if (all_.count == 0) return 0;
    if (all_.nan) return kNaN<double>;
    if (hard(all_.high)) return all_.high;
    if (!is_finite(tau_)) return all_.sum / all_.count;
    return all_.high + tau_ * log1p(all_.shift / all_.count);
  }
  BELFRY_HD double soft_max() const {
    using std::log;
    if (all_.count <= 1 || all_.nan || hard(all_.high)) return mellowmax();
    if (!is_finite(tau_)) return tau_;
    return mellowmax() + tau_ * log(all_.count);
  }
  BELFRY_HD double reference() const {
    using std::log1p;
    if (all_.nan) return kNaN<double>;
    if (!(all_.weight > 0)) return 0;
    if (hard(all_.high_ref)) return all_.high_ref;
    if (!is_finite(tau_)) return all_.sum_ref / all_.weight;
    return all_.high_ref + tau_ * log1p(excess() + all_.shift_ref);
  }
  // π(a|s) of an allowed action.
  BELFRY_HD double probability(double q) const {
    using std::exp;
    if (all_.nan) return kNaN<double>;
    if (hard(all_.high)) return q == all_.high ? 1 / all_.ties : 0;
    if (!is_finite(tau_)) return 1 / all_.count;
    return exp((q - all_.high) / tau_) / (all_.count + all_.shift);
  }
  BELFRY_HD double reference_probability(double q, double mu) const {
    using std::exp;
    if (all_.nan) return kNaN<double>;
    if (!(mu > 0)) return 0;
    if (hard(all_.high_ref)) return q == all_.high_ref ? mu / all_.ties_ref : 0;
    if (!is_finite(tau_)) return mu / all_.weight;
    return mu * exp((q - all_.high_ref) / tau_) / (1 + excess() + all_.shift_ref);
  }

 private:
  // The maximum itself: τ = 0, or an infinite Q.
  BELFRY_HD bool hard(double high) const { return tau_ == 0 || !is_finite(high); }
  BELFRY_HD double excess() const {
    const double excess = all_.weight - 1;
    return excess < rounding_ && excess > -rounding_ ? 0 : excess;
  }

  double tau_, rounding_;
  Pass all_;
  int passes_ = 0;
};

}  // namespace belfry::math
