// Sweeps of bounds of a sum that ends, rounding taken in: what they prove holds for exact
// arithmetic.
//
// With Φ the backup of the model, v ≤ V stays a lower bound as max(v, Φ(v)), and an upper bound u
// stays one as min(u, Φ(u)). Φ(u) ≤ u alone says that u is above the least fixed point (Park
// induction), whatever u is.
//
// In place the argument holds too: what is backed up later in a sweep only falls, so that a backup
// made from it is no larger.
//
// Backups from below are rounded down and those from above up by more than the error of their sum
// and of probabilities that are rounded themselves.
#pragma once

#include <cmath>
#include <vector>

#include "cpu/bellman/csr_model.h"

namespace belfry::cpu {

struct BothBounds {
  double *lower, *upper;
};

// What a sweep did.
struct BoundMoves {
  double change = 0;                                   // the furthest that a lower bound rose
  bool rises = false, falls = false, crossed = false;  // of what lies above
};

class BoundSweeps {
 public:
  // Sweeps the states of `order`, near the ends first; the others keep their bounds. `terms` [S A]:
  // how many terms a row's backup is a sum of, its reward's own included. Probabilities and rewards
  // are not negative, no value is larger than `most`. `relative`: distances are measured by the
  // value where that is above one.
  BoundSweeps(const CsrModel& model, const std::vector<int32_t>& order, const int32_t* terms,
              double most, bool relative, CpuContext& context)
      : model_(model),
        order_(order),
        terms_(terms),
        most_(most),
        relative_(relative),
        context_(context) {}

  // One sweep of `lower` and, unless it is null, of `above`. False: stopped by the caller.
  bool sweep(double* lower, double* above, BoundMoves& moves) const;
  // Whether `values` is a bound by a backup that leaves none of them on the wrong side.
  bool proves_upper(const double* values) const;
  bool proves_lower(const double* values) const;

  double scale(double value) const { return relative_ ? std::fmax(1, value) : 1; }
  double width(const BothBounds& bounds) const;
  double most() const { return most_; }
  const std::vector<int32_t>& order() const { return order_; }
  // More than the rounding of a backup of this row that comes to `sum`.
  double rounding(int64_t row, double sum) const;

 private:
  double backup(int64_t state, const double* values, double direction) const;

  const CsrModel& model_;
  const std::vector<int32_t>& order_;
  const int32_t* terms_;
  const double most_;
  const bool relative_;
  CpuContext& context_;
};

}  // namespace belfry::cpu
