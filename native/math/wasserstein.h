// inf Σ p v over distributions within Wasserstein-1 distance κ of p̂, by its dual
//
//   max_{λ ≥ 0}  −λ κ + Σ_s p̂(s) min_{s'} ( v(s') + λ D(s,s') ),
//
// a concave, piecewise linear function of λ. Two of its lines, one rising and one falling, bracket
// the maximum; where they cross the function is evaluated, and its line there replaces one of them,
// until the crossing lies on the function. Finitely many lines, so this ends with the exact value.
// Gao and Kleywegt, arXiv 1604.02199 (duality).
#pragma once

#include "math/bellman.h"

namespace belfry::math {

// How λ enters the choice of the nearest state: 0 and infinity are limits from inside.
enum class Multiplier : int { zero, infinite, inside };

// Where the mass of one state goes: the s' with the smallest cost. Unreachable: infinite distance.
struct Transport {
  double cost = kInfinity<double>, distance = kInfinity<double>, key = kInfinity<double>;
  bool nan = false;

  BELFRY_HD void offer(const Transport& other) {
    nan = nan || other.nan;
    const bool nearer = other.cost == cost && other.distance < distance;
    const bool lower = other.distance == distance && other.cost == cost && other.key < key;
    if (!(other.cost < cost || nearer || lower)) return;
    cost = other.cost;
    distance = other.distance;
    key = other.key;
  }
};

// −λκ + Σ … is `rise`·λ + `start` on one piece.
struct DualLine {
  double rise = 0, start = 0;
  bool nan = false;

  BELFRY_HD double at(double lambda) const { return rise * lambda + start; }
};

class WassersteinBall {
 public:
  explicit BELFRY_HD WassersteinBall(double kappa) : kappa_(kappa) {}

  BELFRY_HD bool done() const { return done_; }
  BELFRY_HD double value() const { return value_; }
  BELFRY_HD Multiplier multiplier() const { return multiplier_; }
  BELFRY_HD double lambda() const { return lambda_; }

  BELFRY_HD Transport candidate(double key, double distance) const {
    Transport t{cost(key, distance), distance, key, key != key || distance != distance};
    if (!(distance < kInfinity<double>))
      t = {kInfinity<double>, kInfinity<double>, kInfinity<double>, t.nan};
    return t;
  }
  BELFRY_HD DualLine begin_pass() const { return {-kappa_, 0, false}; }
  BELFRY_HD void add(DualLine& line, double mass, const Transport& best) const {
    line.nan = line.nan || best.nan || mass != mass;
    if (mass == 0) return;
    line.rise += mass * best.distance;
    line.start += mass * best.key;
  }
  BELFRY_HD void take(const DualLine& line) {
    if (line.nan) return finish(kNaN<double>);
    switch (multiplier_) {
      case Multiplier::infinite: return take_last(line);
      case Multiplier::zero: return take_first(line);
      case Multiplier::inside: return take_inside(line);
    }
  }

 private:
  static constexpr int kMostSteps = 500;

  BELFRY_HD double cost(double key, double distance) const {
    switch (multiplier_) {
      case Multiplier::zero: return key;
      case Multiplier::infinite: return distance;
      case Multiplier::inside: break;
    }
    return key + lambda_ * distance;
  }
  BELFRY_HD void finish(double value) {
    value_ = value;
    done_ = true;
  }
  // As λ grows everything stays where it is. If even that costs more than κ, no distribution is
  // within the distance.
  BELFRY_HD void take_last(const DualLine& line) {
    falling_ = line;
    multiplier_ = Multiplier::zero;
    if (line.rise > kSlack) return finish(kNaN<double>);
    if (line.rise >= 0) finish(line.start);
  }
  BELFRY_HD void take_first(const DualLine& line) {
    rising_ = line;
    multiplier_ = Multiplier::inside;
    if (!(line.rise > 0)) return finish(line.start);
    cross();
  }
  BELFRY_HD void take_inside(const DualLine& line) {
    const double found = line.at(lambda_), scale = size(found) + size(bound_) + size(line.start);
    const bool meets = found >= bound_ - 1e-15 * scale;
    if (meets || line.rise == 0 || ++steps_ >= kMostSteps) return finish(found);
    const DualLine& old = line.rise > 0 ? rising_ : falling_;
    if (old.rise == line.rise && old.start == line.start) return finish(found);
    (line.rise > 0 ? rising_ : falling_) = line;
    cross();
  }
  BELFRY_HD void cross() {
    lambda_ = (falling_.start - rising_.start) / (rising_.rise - falling_.rise);
    bound_ = rising_.at(lambda_);
    if (!(lambda_ >= 0 && lambda_ < kInfinity<double>)) finish(rising_.start);
  }
  BELFRY_HD static double size(double x) { return x < 0 ? -x : x; }

  static constexpr double kSlack = 1e-12;

  double kappa_, lambda_ = 0, bound_ = 0, value_ = 0;
  DualLine rising_, falling_;
  Multiplier multiplier_ = Multiplier::infinite;
  int steps_ = 0;
  bool done_ = false;
};

}  // namespace belfry::math
