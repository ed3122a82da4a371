// Logit quantal response equilibrium of one zero-sum matrix game.
#pragma once

#include "cpu/bellman/zero_sum_game.h"

namespace belfry::cpu {

class QuantalResponse {
 public:
  // Its workspace serves any number of games of one size and temperature. Not inside `parallel`.
  QuantalResponse(int64_t num_rows, int64_t num_columns, double alpha, double beta,
                  double tolerance, int64_t max_steps, CpuContext& context);

  // payoff[rows, columns], to the maximiser. False when the fixed point was not met.
  // `log_x`, `log_y`: null, or where the log-policies of a similar game are; replaced by those of
  // this one.
  bool solve(const double* payoff, double* log_x = nullptr, double* log_y = nullptr);

  const double* x() const { return x_; }
  const double* y() const { return y_; }
  double expected_payoff() const { return expected_; }
  double regularized_value() const { return regularized_; }

 private:
  struct Temperatures {
    double alpha, beta;
  };

  bool solve_limit(const double* payoff);
  void start_uniform();
  bool follow(Temperatures target);
  bool newton(Temperatures at, double tolerance);
  bool step(Temperatures at, double* residual);
  double residual_at(const double* point, Temperatures at, double* residual) const;
  void fill_jacobian(Temperatures at);
  void normalise(const double* logs, int64_t count, double* policy) const;
  void measure(const double* payoff);
  double* logs_y(double* point) const { return point + rows_; }

  int64_t rows_, columns_, size_;
  double alpha_, beta_, tolerance_;
  int64_t max_steps_, steps_ = 0;
  double scale_ = 1, expected_ = 0, regularized_ = 0;
  CpuContext& context_;
  // A point is (log x, log y, v, w), v and w the multipliers of the two simplices.
  double *point_, *trial_, *residual_, *trial_residual_, *jacobian_, *game_, *x_, *y_;
  int32_t* pivots_;
  ZeroSumGame limit_;
};

}  // namespace belfry::cpu
