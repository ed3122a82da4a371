// The lowest outcomes of a row up to a given mass, found without sorting: every pass over the
// outcomes splits the keys that are still in question at their mean, and keeps the half in which
// the mass is reached. About log2 K passes over K outcomes, never more than there are keys. A pass
// may be made in parts that are merged, so a row may belong to one thread or to a group of lanes.
#pragma once

#include "math/bellman.h"
#include "math/host_device.h"

namespace belfry::math {

// One outcome of a row: a mass (mostly a probability) and the key it is ordered by.
struct Outcome {
  double mass;
  double key;
};

// What one pass finds: the outcomes with keys up to the pivot, and those above it.
struct TailPass {
  double pivot = kInfinity<double>;
  double count = 0, keys = 0, mass = 0, sum = 0;  // sum: of mass · key
  double low = kInfinity<double>, high = -kInfinity<double>;
  double count_above = 0, keys_above = 0, mass_above = 0, low_above = kInfinity<double>;
  bool nan = false;

  BELFRY_HD void add(const Outcome& o) {
    if (o.key <= pivot) {
      count += 1;
      keys += o.key;
      mass += o.mass;
      if (o.mass != 0) sum += o.mass * o.key;
      if (o.key < low) low = o.key;
      if (o.key > high) high = o.key;
    } else {
      count_above += 1;
      keys_above += o.key;
      mass_above += o.mass;
      if (o.key < low_above) low_above = o.key;
    }
  }
  BELFRY_HD void merge(const TailPass& other) {
    count += other.count;
    keys += other.keys;
    mass += other.mass;
    sum += other.sum;
    if (other.low < low) low = other.low;
    if (other.high > high) high = other.high;
    count_above += other.count_above;
    keys_above += other.keys_above;
    mass_above += other.mass_above;
    if (other.low_above < low_above) low_above = other.low_above;
    nan = nan || other.nan;
  }
};

class LowerTail {
 public:
  BELFRY_HD TailPass begin_pass() const {
    TailPass pass;
    pass.pivot = pivot_;
    return pass;
  }
  BELFRY_HD void add(TailPass& pass, const Outcome& o) const {
    if (o.mass != o.mass || o.key != o.key)
      pass.nan = true;
    else if (o.key >= low_ && o.key <= high_)
      pass.add(o);
  }

  // After the first pass, which saw all outcomes: how much mass to gather.
  BELFRY_HD void aim(const TailPass& all, double target) {
    target_ = target;
    if (target > 0)
      keep(all.low, all.high, all.count, all.keys, all.mass);
    else
      keep(-kInfinity<double>, -kInfinity<double>, 0, 0, 0);
  }
  BELFRY_HD void narrow(const TailPass& pass) {
    if (mass_below_ + pass.mass >= target_) {
      keep(low_, pass.high, pass.count, pass.keys, pass.mass);
      return;
    }
    mass_below_ += pass.mass;
    sum_below_ += pass.sum;
    keep(pass.low_above, high_, pass.count_above, pass.keys_above, pass.mass_above);
  }
  BELFRY_HD bool done() const { return !(low_ < high_); }
  BELFRY_HD double target() const { return target_; }

  // Keys below the threshold count in full, those above it not at all.
  BELFRY_HD double threshold() const { return low_; }
  // How much of the mass at the threshold counts.
  BELFRY_HD double mass_at_threshold() const {
    const double left = target_ - mass_below_;
    return left < mass_ ? (left > 0 ? left : 0) : mass_;
  }
  // Σ mass · key of the tail.
  BELFRY_HD double sum() const {
    const double last = mass_at_threshold();
    return last > 0 ? sum_below_ + last * low_ : sum_below_;
  }

 private:
  BELFRY_HD void keep(double low, double high, double count, double keys, double mass) {
    low_ = low;
    high_ = high;
    mass_ = mass;
    const double mean = keys / count;
    pivot_ = mean >= low && mean < high ? mean : low;
  }

  double low_ = -kInfinity<double>, high_ = kInfinity<double>, pivot_ = kInfinity<double>;
  double target_ = 0, mass_ = 0, mass_below_ = 0, sum_below_ = 0;
};

// What a row lacks to mass one is the probability that the episode ends: an outcome of its own.
// Less than `slack` is rounding.
BELFRY_HD inline double missing_mass(double mass, double slack) {
  const double missing = 1 - mass;
  return missing > slack ? missing : 0;
}

}  // namespace belfry::math
