// With M scaled to [1, 2] the value v' is positive, and maximising Σ u over M u ≤ 1, u ≥ 0 gives
// Σ u = 1/v', y = u v' and, from the duals w, x = w v'. (A + B) pivots of A·B, more or less.
#include "cpu/bellman/zero_sum_game.h"

#include <algorithm>
#include <cmath>

#include "math/bellman.h"

namespace belfry::cpu {

ZeroSumGame::ZeroSumGame(int64_t num_rows, int64_t num_columns, CpuContext& context)
    : rows_(num_rows),
      columns_(num_columns),
      x_(context.scratch<double>(num_rows)),
      y_(context.scratch<double>(num_columns)),
      scaled_(context.scratch<double>(num_rows * num_columns)),
      ones_(context.scratch<double>(std::max(num_rows, num_columns))),
      simplex_(num_rows, num_columns, context) {
  std::fill_n(ones_, std::max(num_rows, num_columns), 1.0);
}

double ZeroSumGame::solve(const double* payoff) {
  std::fill_n(x_, rows_, 0.0);
  std::fill_n(y_, columns_, 0.0);
  if (rows_ == 0 || columns_ == 0) return 0;
  double low = payoff[0], high = payoff[0];
  for (int64_t i = 0; i < rows_ * columns_; ++i) {
    if (!std::isfinite(payoff[i])) {
      std::fill_n(x_, rows_, math::kNaN<double>);
      std::fill_n(y_, columns_, math::kNaN<double>);
      return math::kNaN<double>;
    }
    low = std::min(low, payoff[i]);
    high = std::max(high, payoff[i]);
  }
  if (!saddle(payoff)) solve_mixed(payoff, low, high);
  return value_;
}

double ZeroSumGame::solve_pure(const double* payoff) const {
  if (rows_ == 0 || columns_ == 0) return 0;
  double best = -math::kInfinity<double>;
  for (int64_t i = 0; i < rows_; ++i) {
    double worst = math::kInfinity<double>;
    for (int64_t j = 0; j < columns_; ++j) {
      const double entry = payoff[i * columns_ + j];
      if (!(entry >= worst)) worst = entry;
      if (std::isnan(worst)) return worst;
    }
    best = std::max(best, worst);
  }
  return best;
}

// A pure solution: the row with the best worst case meets the column with the best worst case.
bool ZeroSumGame::saddle(const double* payoff) {
  int64_t row = 0, column = 0;
  double lower = -math::kInfinity<double>, upper = math::kInfinity<double>;
  for (int64_t i = 0; i < rows_; ++i) {
    const double worst = *std::min_element(payoff + i * columns_, payoff + (i + 1) * columns_);
    if (worst > lower) lower = worst, row = i;
  }
  for (int64_t j = 0; j < columns_; ++j) {
    double worst = payoff[j];
    for (int64_t i = 1; i < rows_; ++i) worst = std::max(worst, payoff[i * columns_ + j]);
    if (worst < upper) upper = worst, column = j;
  }
  if (lower != upper) return false;
  x_[row] = 1;
  y_[column] = 1;
  value_ = lower;
  return true;
}

void ZeroSumGame::solve_mixed(const double* payoff, double low, double high) {
  const double half_range = high / 2 - low / 2;  // never overflows
  for (int64_t i = 0; i < rows_ * columns_; ++i) {
    scaled_[i] = 1 + (payoff[i] / 2 - low / 2) / half_range;
  }
  const LinearProgram program{scaled_, ones_, ones_};
  if (simplex_.solve(program) != LpOutcome::optimal || !(simplex_.objective() > 0)) {
    value_ = math::kNaN<double>;
    return;
  }
  double sum_x = 0, sum_y = 0;
  for (int64_t i = 0; i < rows_; ++i) sum_x += simplex_.duals()[i];
  for (int64_t j = 0; j < columns_; ++j) sum_y += simplex_.x()[j];
  for (int64_t i = 0; i < rows_; ++i) x_[i] = simplex_.duals()[i] / sum_x;
  for (int64_t j = 0; j < columns_; ++j) y_[j] = simplex_.x()[j] / sum_y;
  value_ = certified_value(payoff);
}

// The middle of what x guarantees and what y concedes.
double ZeroSumGame::certified_value(const double* payoff) const {
  double lower = math::kInfinity<double>, upper = -math::kInfinity<double>;
  for (int64_t j = 0; j < columns_; ++j) {
    double sum = 0;
    for (int64_t i = 0; i < rows_; ++i) sum += x_[i] * payoff[i * columns_ + j];
    lower = std::min(lower, sum);
  }
  for (int64_t i = 0; i < rows_; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < columns_; ++j) sum += payoff[i * columns_ + j] * y_[j];
    upper = std::max(upper, sum);
  }
  return lower / 2 + upper / 2;
}

}  // namespace belfry::cpu
