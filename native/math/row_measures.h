// Measures of the outcomes of a row other than their mean: CVaR, entropic risk, expectile, and the
// worst case over an L1 ball, over a box and over a KL ball of distributions.
//
// Each is a small machine. The caller makes passes over the outcomes until it is done:
//
//   while (!m.done()) {
//     auto pass = m.begin_pass();
//     for (each outcome) m.add(pass, outcome);   // parts of a pass may be merged
//     m.take(pass);
//   }
//   m.value();
//
// A short row may be done at once: after the first pass, `take_tail` with Σ mass · key over the
// lowest target() of the mass, which has missing() in an outcome of key 0 besides the row's own.
//
// The worst case is the smallest expectation of the key; callers negate keys and value for the
// best. A NaN in the row gives NaN.
#pragma once

#include <cmath>

#include "math/lower_tail.h"

namespace belfry::math {

// Lower-tail conditional value at risk, (1/α) ∫_0^α VaR_u du: the mean of the worst α of the mass.
// Rockafellar and Uryasev (2000).
class Cvar {
 public:
  BELFRY_HD Cvar(double alpha, double slack) : alpha_(alpha), slack_(slack) {}

  BELFRY_HD bool done() const { return done_; }
  BELFRY_HD double value() const { return value_; }
  BELFRY_HD TailPass begin_pass() const { return tail_.begin_pass(); }
  BELFRY_HD void add(TailPass& pass, const Outcome& o) const {
    if (o.mass != 0 || o.key != o.key) tail_.add(pass, o);
  }
  BELFRY_HD void take(TailPass pass) {
    if (fresh_) missing_ = missing_mass(pass.mass, slack_);
    if (missing_ > 0) tail_.add(pass, {missing_, 0.0});
    if (pass.nan) return finish(kNaN<double>);
    if (!fresh_) {
      tail_.narrow(pass);
    } else {
      fresh_ = false;
      if (alpha_ >= 1) return finish(pass.sum);
      if (alpha_ <= 0) return finish(pass.low);
      tail_.aim(pass, alpha_);
    }
    if (tail_.done()) take_tail(tail_.sum());
  }
  BELFRY_HD double missing() const { return missing_; }
  BELFRY_HD double target() const { return tail_.target(); }
  BELFRY_HD void take_tail(double sum) { finish(sum / alpha_); }

 private:
  BELFRY_HD void finish(double value) {
    value_ = value;
    done_ = true;
  }

  LowerTail tail_;
  double alpha_, slack_, missing_ = 0, value_ = 0;
  bool fresh_ = true, done_ = false;
};

// inf Σ p v over ‖p − p̂‖₁ ≤ κ: half of κ moves from the largest keys to the smallest one. Without
// `cheapest` the smallest of the row takes it, otherwise that key, of any state, if it is smaller.
// Strehl and Littman (2008).
class L1Ball {
 public:
  BELFRY_HD L1Ball(double kappa, double cheapest, double slack)
      : kappa_(kappa), cheapest_(cheapest), slack_(slack) {}

  BELFRY_HD bool done() const { return done_; }
  BELFRY_HD double value() const { return value_; }
  BELFRY_HD TailPass begin_pass() const { return tail_.begin_pass(); }
  BELFRY_HD void add(TailPass& pass, const Outcome& o) const { tail_.add(pass, o); }
  BELFRY_HD void take(TailPass pass) {
    if (fresh_) missing_ = missing_mass(pass.mass, slack_);
    if (missing_ > 0) tail_.add(pass, {missing_, 0.0});
    if (pass.nan || cheapest_ != cheapest_) return finish(kNaN<double>);
    if (!fresh_) {
      tail_.narrow(pass);
    } else {
      fresh_ = false;
      if (!(kappa_ > 0)) return finish(pass.sum);
      if (pass.low < cheapest_) cheapest_ = pass.low;
      moved_ = kappa_ / 2 < pass.mass ? kappa_ / 2 : pass.mass;
      tail_.aim(pass, pass.mass - moved_);
    }
    if (tail_.done()) take_tail(tail_.sum());
  }
  BELFRY_HD double missing() const { return missing_; }
  BELFRY_HD double target() const { return tail_.target(); }
  BELFRY_HD void take_tail(double sum) { finish(sum + moved_ * cheapest_); }

 private:
  BELFRY_HD void finish(double value) {
    value_ = value;
    done_ = true;
  }

  LowerTail tail_;
  double kappa_, cheapest_, slack_, missing_ = 0, moved_ = 0, value_ = 0;
  bool fresh_ = true, done_ = false;
};

// inf Σ p v over lo ≤ p ≤ hi, Σ p = 1: all at lo, then the rest is poured in ascending order of v.
// Givan, Leach and Dean (2000).
class IntervalBox {
 public:
  struct Entry {
    double low, high, key;
  };
  struct Pass {
    TailPass room;  // hi − lo
    double low = 0, high = 0, sum = 0;
    bool crossed = false;  // some lo above its hi
    BELFRY_HD void merge(const Pass& other) {
      room.merge(other.room);
      low += other.low;
      high += other.high;
      sum += other.sum;
      crossed = crossed || other.crossed;
    }
  };
  static constexpr double kTolerance = 1e-9;

  BELFRY_HD bool done() const { return done_; }
  BELFRY_HD double value() const { return value_; }
  BELFRY_HD bool feasible() const { return feasible_; }
  BELFRY_HD Pass begin_pass() const { return {tail_.begin_pass()}; }
  // The room above lo, as an outcome of its own.
  BELFRY_HD static Outcome to_pour(const Entry& e) {
    const double room = e.high - e.low;
    return {room > 0 || room != room ? room : 0, e.key};
  }
  BELFRY_HD void add(Pass& pass, const Entry& e) const {
    const double room = e.high - e.low;
    tail_.add(pass.room, to_pour(e));
    pass.low += e.low;
    pass.high += e.high;
    if (e.low != 0) pass.sum += e.low * e.key;
    if (room < -kTolerance) pass.crossed = true;
  }
  BELFRY_HD void take(const Pass& pass) {
    if (!fresh_) {
      tail_.narrow(pass.room);
    } else {
      fresh_ = false;
      const bool empty = pass.room.count == 0 && !pass.room.nan;
      const bool possible = pass.low <= 1 + kTolerance && pass.high >= 1 - kTolerance;
      feasible_ = empty || pass.room.nan || (possible && !pass.crossed);
      if (empty) return finish(0);
      if (pass.room.nan || !feasible_) return finish(kNaN<double>);
      sum_ = pass.sum;
      tail_.aim(pass.room, 1 - pass.low);
    }
    if (tail_.done()) take_tail(tail_.sum());
  }
  BELFRY_HD double target() const { return tail_.target(); }
  BELFRY_HD void take_tail(double sum) { finish(sum_ + sum); }

  // The probability found for an entry. `left` is what the threshold has left for it: it starts at
  // mass_at_threshold() and falls from entry to entry.
  BELFRY_HD double mass_at_threshold() const { return tail_.mass_at_threshold(); }
  BELFRY_HD bool at_threshold(const Entry& e) const { return e.key == tail_.threshold(); }
  BELFRY_HD double probability(const Entry& e, double left) const {
    if (value_ != value_) return kNaN<double>;
    if (e.key < tail_.threshold()) return e.high;
    if (!at_threshold(e)) return e.low;
    const double room = e.high - e.low;
    return e.low + (left < room ? (left > 0 ? left : 0) : room);
  }

 private:
  BELFRY_HD void finish(double value) {
    value_ = value;
    done_ = true;
  }

  LowerTail tail_;
  double sum_ = 0, value_ = 0;
  bool fresh_ = true, done_ = false, feasible_ = true;
};

// Σ w |τ − 1[x < m]| (x − m) = 0. Every pass is a Newton step on that piecewise linear function:
// the mean with the weights that the split at m gives; it ends when the split stays. Newey and
// Powell (1987).
class Expectile {
 public:
  // `complete`: what the weights lack to one belongs to an outcome of key 0.
  BELFRY_HD Expectile(double tau, bool complete, double slack)
      : tau_(tau), slack_(slack), complete_(complete) {}

  struct Pass {
    double weight = 0, sum = 0, below = 0;
    BELFRY_HD void merge(const Pass& other) {
      weight += other.weight;
      sum += other.sum;
      below += other.below;
    }
  };

  BELFRY_HD bool done() const { return done_; }
  // 0 where no outcome has weight.
  BELFRY_HD double value() const { return value_; }
  BELFRY_HD Pass begin_pass() const { return {}; }
  BELFRY_HD void add(Pass& pass, const Outcome& o) const {
    if (o.mass == 0 && o.key == o.key) return;
    // At m either weight will do; so m reaches the extremes of τ = 0 and 1.
    const bool low = tau_ < 0.5 ? o.key < value_ : o.key <= value_;
    const double share = fresh_ ? 1.0 : low ? 1 - tau_ : tau_;
    pass.below += low ? 1 : 0;
    if (share == 0 && o.key == o.key) return;
    pass.weight += share * o.mass;
    pass.sum += share * o.mass * o.key;
  }
  BELFRY_HD void take(Pass pass) {
    if (fresh_ && complete_) missing_ = missing_mass(pass.weight, slack_);
    if (missing_ > 0) add(pass, {missing_, 0.0});
    const bool same = !fresh_ && pass.below == below_;
    below_ = fresh_ ? -1 : pass.below;
    fresh_ = false;
    ++steps_;
    if (pass.weight != 0) value_ = pass.sum / pass.weight;
    done_ = same || pass.weight == 0 || steps_ >= kMostSteps || value_ != value_;
  }

 private:
  static constexpr int kMostSteps = 200;

  double tau_, slack_, missing_ = 0, value_ = 0, below_ = -1;
  int steps_ = 0;
  bool complete_, fresh_ = true, done_ = false;
};

}  // namespace belfry::math
