// Value and optimal strategies of one zero-sum matrix game, by a saddle point where there is one
// and by linear programming elsewhere.
#pragma once

#include "cpu/linalg/simplex.h"

namespace belfry::cpu {

class ZeroSumGame {
 public:
  // Its workspace serves any number of games of one size. Not inside `parallel`.
  ZeroSumGame(int64_t num_rows, int64_t num_columns, CpuContext& context);

  // payoff[rows, columns], to the row player. NaN where the payoff is not finite; 0 without
  // actions.
  double solve(const double* payoff);
  // max_a min_b, the row player moving first.
  double solve_pure(const double* payoff) const;

  const double* x() const { return x_; }
  const double* y() const { return y_; }

 private:
  bool saddle(const double* payoff);
  void solve_mixed(const double* payoff, double low, double high);
  double certified_value(const double* payoff) const;

  int64_t rows_, columns_;
  double value_ = 0;
  double *x_, *y_, *scaled_, *ones_;
  Simplex simplex_;
};

}  // namespace belfry::cpu
