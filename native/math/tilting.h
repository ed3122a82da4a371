// Measures that tilt a row by exp(−t·key): entropic risk, where t is given, and the worst case over
// a Kullback–Leibler ball, where the radius fixes t. Machines as in row_measures.h; the passes
// after the first sum the row tilted by tilt() relative to origin().
#pragma once

#include <cmath>

#include "math/lower_tail.h"

namespace belfry::math {

// One pass: the plain sums of the row, and those of its tilt relative to `origin`.
struct TiltPass {
  double mass = 0, sum = 0;
  double low = kInfinity<double>, high = -kInfinity<double>;
  double mass_low = 0;  // at the lowest key
  double shift = 0;     // Σ p (e^{−t d} − 1), d = key − origin
  double first = 0;     // Σ p d e^{−t d}
  double second = 0;    // Σ p d² e^{−t d}
  bool nan = false;

  BELFRY_HD void merge(const TiltPass& other) {
    mass += other.mass;
    sum += other.sum;
    if (other.low < low) {
      low = other.low;
      mass_low = other.mass_low;
    } else if (other.low == low) {
      mass_low += other.mass_low;
    }
    if (other.high > high) high = other.high;
    shift += other.shift;
    first += other.first;
    second += other.second;
    nan = nan || other.nan;
  }
};

BELFRY_HD inline void add_plainly(TiltPass& pass, const Outcome& o) {
  if (o.mass != o.mass || o.key != o.key) pass.nan = true;
  if (o.mass == 0) return;
  pass.mass += o.mass;
  pass.sum += o.mass * o.key;
  if (o.key < pass.low) {
    pass.low = o.key;
    pass.mass_low = 0;
  }
  if (o.key == pass.low) pass.mass_low += o.mass;
  if (o.key > pass.high) pass.high = o.key;
}

BELFRY_HD inline void add_tilted(TiltPass& pass, const Outcome& o, double t, double origin) {
  using std::expm1;
  if (o.mass == 0) return;
  const double d = o.key - origin;
  const double change = expm1(-t * d);
  pass.shift += o.mass * change;
  if (change == -1) return;  // d may be infinite
  const double tilted = o.mass * (1 + change) * d;
  pass.first += tilted;
  pass.second += tilted * d;
}

BELFRY_HD inline bool is_finite(double x) { return x - x == 0; }

// How far a sum of probabilities may be from one and still mean one.
constexpr double mass_rounding(double epsilon) { return 64 * epsilon; }

// −(1/β) log Σ p e^{−β z}, from the extreme that dominates: no overflow, and exact for small β.
// Howard and Matheson (1972).
class EntropicRisk {
 public:
  BELFRY_HD EntropicRisk(double beta, double slack, double rounding)
      : beta_(beta), slack_(slack), rounding_(rounding) {}

  BELFRY_HD bool done() const { return done_; }
  BELFRY_HD double value() const { return value_; }
  BELFRY_HD double tilt() const { return beta_; }
  BELFRY_HD double origin() const { return origin_; }
  BELFRY_HD TiltPass begin_pass() const { return {}; }
  BELFRY_HD void add(TiltPass& pass, const Outcome& o) const {
    if (fresh_)
      add_plainly(pass, o);
    else
      add_tilted(pass, o, beta_, origin_);
  }
  BELFRY_HD void take(TiltPass pass) {
    using std::log1p;
    if (fresh_) missing_ = missing_mass(pass.mass, slack_);
    if (missing_ > 0) add(pass, {missing_, 0.0});
    if (!fresh_) return finish(origin_ - log1p(excess_ + pass.shift) / beta_);
    fresh_ = false;
    const bool tiny = beta_ < kSmallest && beta_ > -kSmallest;
    if (pass.nan) return finish(kNaN<double>);
    if (tiny) return finish(pass.sum);
    origin_ = beta_ > 0 ? pass.low : pass.high;
    if (!is_finite(origin_)) return finish(origin_);
    const double excess = pass.mass - 1;
    excess_ = excess < rounding_ && excess > -rounding_ ? 0 : excess;
  }

 private:
  static constexpr double kSmallest = 1e-7;  // nearer to 0 it is the mean

  BELFRY_HD void finish(double value) {
    value_ = value;
    done_ = true;
  }

  double beta_, slack_, rounding_, missing_ = 0, origin_ = 0, excess_ = 0, value_ = 0;
  bool fresh_ = true, done_ = false;
};

// inf Σ p v over KL(p ‖ p̂) ≤ κ. The minimiser is p ∝ p̂ e^{−t v} with KL = κ; t by Newton's method
// on log KL against log t inside a bracket. The value is read off the dual at 1/t, where it is
// flat, so that t need not be exact. Nilim and El Ghaoui (2005).
class KlBall {
 public:
  BELFRY_HD KlBall(double kappa, double slack) : kappa_(kappa), slack_(slack) {}

  BELFRY_HD bool done() const { return done_; }
  BELFRY_HD double value() const { return value_; }
  BELFRY_HD double tilt() const { return t_; }
  BELFRY_HD double origin() const { return low_; }
  BELFRY_HD TiltPass begin_pass() const { return {}; }
  BELFRY_HD void add(TiltPass& pass, const Outcome& o) const {
    if (fresh_)
      add_plainly(pass, o);
    else
      add_tilted(pass, o, t_, low_);
  }
  BELFRY_HD void take(TiltPass pass) {
    if (fresh_) missing_ = missing_mass(pass.mass, slack_);
    if (missing_ > 0) add(pass, {missing_, 0.0});
    if (fresh_)
      begin(pass);
    else
      step(pass);
  }

 private:
  static constexpr int kMostSteps = 200;
  static constexpr double kGrowth = 8;    // largest factor of a step without an upper bracket
  static constexpr double kClose = 1e-7;  // relative, in κ and in t: squared in the value

  BELFRY_HD void finish(double value) {
    value_ = value;
    done_ = true;
  }
  BELFRY_HD void begin(const TiltPass& pass) {
    using std::log;
    using std::sqrt;
    fresh_ = false;
    mass_ = pass.mass;
    low_ = pass.low;
    if (pass.nan) return finish(kNaN<double>);
    if (!(kappa_ > 0)) return finish(pass.sum);
    if (!(mass_ > 0)) return finish(pass.sum);
    const double spread = pass.high - pass.low;
    const bool all_at_lowest = kappa_ >= -log(pass.mass_low / mass_);
    if (!(spread > 0) || !is_finite(low_) || all_at_lowest) return finish(mass_ * low_);
    // KL is about t² Var / 2, and Var at most a quarter of the spread squared.
    endless_ = !is_finite(spread);
    t_ = sqrt(8 * kappa_) / (endless_ ? 1.0 : spread);
    if (!is_finite(t_) || t_ == 0) t_ = 1;
  }
  BELFRY_HD void step(const TiltPass& pass) {
    using std::log1p;
    using std::sqrt;
    const double log_z = log1p(pass.shift / mass_);
    const double z = mass_ + pass.shift;
    const double mean = pass.first / z;
    const double variance = pass.second / z - mean * mean;
    const double divergence = -t_ * mean - log_z;
    if (divergence < kappa_)
      from_ = t_;
    else
      to_ = t_;
    const double miss = divergence - kappa_;
    const bool close = (miss < 0 ? -miss : miss) <= kClose * kappa_;
    const bool narrow = to_ - from_ <= kClose * from_;
    ++steps_;
    // However little the tilt, it has left out an infinite key, and that is farther than κ.
    if (endless_ && steps_ >= kMostSteps && from_ == 0) return finish(kInfinity<double>);
    if (close || narrow || steps_ >= kMostSteps || !is_finite(divergence)) {
      return finish(mass_ * (low_ - (log_z + kappa_) / t_));
    }
    next(divergence, t_ * t_ * variance);
  }
  // `slope`: d KL / d log t.
  BELFRY_HD void next(double divergence, double slope) {
    using std::exp;
    using std::log;
    using std::sqrt;
    const double newton = divergence > 0 ? t_ * exp(log(kappa_ / divergence) * divergence / slope)
                                         : kInfinity<double>;
    const double most = t_ * kGrowth;
    const bool bracketed = is_finite(to_);
    if (newton > from_ && newton < (bracketed ? to_ : most) && steps_ < kMostSteps / 4)
      t_ = newton;
    else if (!bracketed)
      t_ = most;
    else
      t_ = from_ > 0 ? sqrt(from_) * sqrt(to_) : to_ / kGrowth;
  }

  double kappa_, slack_, missing_ = 0, mass_ = 0, low_ = 0, value_ = 0;
  double t_ = 0, from_ = 0, to_ = kInfinity<double>;
  int steps_ = 0;
  bool endless_ = false, fresh_ = true, done_ = false;
};

}  // namespace belfry::math
