// The Gamma distribution with concentration c and rate b: log Γ and its derivatives, the divergence
// between two of them, and their log-densities' ratio.
#pragma once

#include <cmath>

#include "math/host_device.h"

namespace belfry::math {

// Above this the asymptotic series below are exact to rounding; recurrences lead up to it.
inline constexpr double kAsymptotic = 12;

// log Γ(x), x > 0. std::lgamma writes a global, which two threads must not.
BELFRY_HD inline double log_gamma(double x) {
  double product = 1, shift = 0;
  while (x < kAsymptotic) {
    product *= x;
    x += 1;
  }
  shift = std::log(product);
  const double r = 1 / x, r2 = r * r;
  const double series =
      r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 * (1.0 / 1680 - r2 / 1188))));
  constexpr double kHalfLogTwoPi = 0.91893853320467274178;
  return (x - 0.5) * std::log(x) - x + kHalfLogTwoPi + series - shift;
}

// ψ(x) = d log Γ / dx.
BELFRY_HD inline double digamma(double x) {
  double shift = 0;
  while (x < kAsymptotic) {
    shift += 1 / x;
    x += 1;
  }
  const double r = 1 / x, r2 = r * r;
  const double series =
      r2 * (1.0 / 12 - r2 * (1.0 / 120 - r2 * (1.0 / 252 - r2 * (1.0 / 240 - r2 / 132))));
  return std::log(x) - r / 2 - series - shift;
}

// ψ'(x).
BELFRY_HD inline double trigamma(double x) {
  double shift = 0;
  while (x < kAsymptotic) {
    shift += 1 / (x * x);
    x += 1;
  }
  const double r = 1 / x, r2 = r * r;
  const double series =
      r2 * r * (1.0 / 6 - r2 * (1.0 / 30 - r2 * (1.0 / 42 - r2 * (1.0 / 30 - r2 * 5 / 66))));
  return r + r2 / 2 + series + shift;
}

struct GammaParameters {
  double conc, rate;
};
// A quantity and its derivatives in the concentration and the rate of the first distribution.
struct GammaTerm {
  double value = 0, by_conc = 0, by_rate = 0;
};

BELFRY_HD inline GammaTerm gamma_divergence(GammaParameters p, GammaParameters q) {
  const double difference = p.conc - q.conc, rates = q.rate - p.rate;
  GammaTerm term;
  term.value = difference * digamma(p.conc) - log_gamma(p.conc) + log_gamma(q.conc) +
               q.conc * (std::log(p.rate) - std::log(q.rate)) + p.conc * rates / p.rate;
  term.by_conc = difference * trigamma(p.conc) + rates / p.rate;
  term.by_rate = (q.conc - p.conc * q.rate / p.rate) / p.rate;
  return term;
}

// p(t)/q(t) for any t, with what does not depend on t worked out once.
class GammaRatio {
 public:
  BELFRY_HD GammaRatio(GammaParameters p, GammaParameters q)
      : p_(p),
        q_(q),
        constant_(p.conc * std::log(p.rate) - log_gamma(p.conc) - q.conc * std::log(q.rate) +
                  log_gamma(q.conc)),
        score_(std::log(p.rate) - digamma(p.conc)) {}

  // Equal distributions have ratio 1, at t = 0 too.
  BELFRY_HD GammaTerm at(double t) const {
    const double difference = p_.conc - q_.conc;
    const double log_t = std::log(t);
    const double power = difference == 0 ? 0 : difference * log_t;
    GammaTerm term;
    term.value = std::exp(constant_ + power - (p_.rate - q_.rate) * t);
    term.by_conc = term.value * (score_ + log_t);
    term.by_rate = term.value * (p_.conc / p_.rate - t);
    return term;
  }

 private:
  GammaParameters p_, q_;
  double constant_, score_;
};

}  // namespace belfry::math
