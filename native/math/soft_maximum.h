// A maximum with a gradient: V = Σ_k p_k v_k with p = softmax(v/T), and ∂V/∂v_k = p_k (1 + (v_k −
// V)/T). Every value is offered first, then added. Sums are relative to the largest value, so that
// the tiny temperatures in use leave no residue.
#pragma once

#include <cmath>

#include "math/preference.h"

namespace belfry::math {

class SoftMaximum {
 public:
  BELFRY_HD explicit SoftMaximum(double temperature) : temperature_(temperature) {}

  // A NaN is not taken for the largest; it then spoils the sums.
  BELFRY_HD void offer(double v) {
    if (v > top_) top_ = v;
  }
  BELFRY_HD void add(double v) {
    const double e = share(v);
    sum_ += e;
    below_ += weighted(e, apart(v));
  }
  // 0 of no values.
  BELFRY_HD double value() const { return sum_ == 0 ? 0 : top_ + below_ / sum_; }
  BELFRY_HD double slope(double v) const {
    const double p = share(v) / sum_;
    return weighted(p, 1 + (apart(v) - below_ / sum_) / temperature_);
  }

 private:
  // Of an infinite largest value too.
  BELFRY_HD double apart(double v) const { return v == top_ ? 0 : v - top_; }
  BELFRY_HD double share(double v) const {
    using std::exp;
    return exp(apart(v) / temperature_);
  }

  double temperature_, top_ = -kInfinity<double>, sum_ = 0, below_ = 0;
};

}  // namespace belfry::math
