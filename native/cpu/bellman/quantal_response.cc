// Newton's method on the conditions of the equilibrium in log-policies p = log x, q = log y,
//   α p − M e^q + v = 0,   β q + Mᵀ e^p − w = 0,   Σ e^p = 1,   Σ e^q = 1,
// with M scaled to max |M| = 1. The Jacobian is regular for α, β > 0 (M enters it skew), so the
// squared residual falls along every step; small temperatures are reached by halving from large
// ones, each start being the solution before. (A + B)³ per step.
#include "cpu/bellman/quantal_response.h"

#include <algorithm>
#include <cmath>

#include "cpu/bellman/dense_lu.h"
#include "math/bellman.h"

namespace belfry::cpu {

namespace {

// Relative to the largest payoff: temperatures below are taken to be this.
constexpr double kColdest = 1e-9;

// −Σ p log p.
double entropy(const double* policy, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (policy[i] > 0) sum -= policy[i] * std::log(policy[i]);
  }
  return sum;
}

}  // namespace

QuantalResponse::QuantalResponse(int64_t num_rows, int64_t num_columns, double alpha, double beta,
                                 double tolerance, int64_t max_steps, CpuContext& context)
    : rows_(num_rows),
      columns_(num_columns),
      size_(num_rows + num_columns + 2),
      alpha_(alpha),
      beta_(beta),
      tolerance_(tolerance),
      max_steps_(max_steps),
      context_(context),
      point_(context.scratch<double>(size_)),
      trial_(context.scratch<double>(size_)),
      residual_(context.scratch<double>(size_)),
      trial_residual_(context.scratch<double>(size_)),
      jacobian_(context.scratch<double>(size_ * size_)),
      game_(context.scratch<double>(num_rows * num_columns)),
      x_(context.scratch<double>(num_rows)),
      y_(context.scratch<double>(num_columns)),
      pivots_(context.scratch<int32_t>(size_)),
      limit_(num_rows, num_columns, context) {}

bool QuantalResponse::solve(const double* payoff, double* log_x, double* log_y) {
  expected_ = regularized_ = 0;
  if (rows_ == 0 || columns_ == 0) {
    std::fill_n(x_, rows_, 1 / static_cast<double>(rows_));
    std::fill_n(y_, columns_, 1 / static_cast<double>(columns_));
    return true;
  }
  scale_ = 0;
  for (int64_t k = 0; k < rows_ * columns_; ++k) {
    const double size = std::fabs(payoff[k]);
    if (!(size <= scale_) && scale_ == scale_) scale_ = size;  // NaN stays
  }
  if (alpha_ == 0 && beta_ == 0) return solve_limit(payoff);
  if (!std::isfinite(scale_)) {
    std::fill_n(x_, rows_, math::kNaN<double>);
    std::fill_n(y_, columns_, math::kNaN<double>);
    expected_ = regularized_ = math::kNaN<double>;
    return false;
  }
  if (scale_ == 0) scale_ = 1;
  for (int64_t k = 0; k < rows_ * columns_; ++k) game_[k] = payoff[k] / scale_;
  const Temperatures target{std::max(alpha_ / scale_, kColdest),
                            std::max(beta_ / scale_, kColdest)};
  bool solved = false;
  steps_ = 0;
  if (log_x) {
    std::copy_n(log_x, rows_, point_);
    std::copy_n(log_y, columns_, logs_y(point_));
    point_[size_ - 2] = point_[size_ - 1] = 0;
    solved = newton(target, tolerance_);
  }
  if (!solved) {
    start_uniform();
    solved = follow(target);
  }
  if (log_x) {
    std::copy_n(point_, rows_, log_x);
    std::copy_n(logs_y(point_), columns_, log_y);
  }
  normalise(point_, rows_, x_);
  normalise(logs_y(point_), columns_, y_);
  measure(payoff);
  return solved;
}

// Both temperatures 0.
bool QuantalResponse::solve_limit(const double* payoff) {
  expected_ = regularized_ = limit_.solve(payoff);
  std::copy_n(limit_.x(), rows_, x_);
  std::copy_n(limit_.y(), columns_, y_);
  return expected_ == expected_;
}

void QuantalResponse::start_uniform() {
  std::fill_n(point_, rows_, -std::log(static_cast<double>(rows_)));
  std::fill_n(logs_y(point_), columns_, -std::log(static_cast<double>(columns_)));
  point_[size_ - 2] = point_[size_ - 1] = 0;
}

bool QuantalResponse::follow(Temperatures target) {
  const double coldest = std::min(target.alpha, target.beta);
  for (double t = 2; t > coldest; t /= 2) {
    if (t < target.alpha && t < target.beta) break;
    const Temperatures now{std::max(target.alpha, t), std::max(target.beta, t)};
    newton(now, 1e-6 * std::min(now.alpha, now.beta));
    if (context_.stopped()) return false;
  }
  return newton(target, tolerance_);
}

bool QuantalResponse::newton(Temperatures at, double tolerance) {
  double norm = residual_at(point_, at, residual_);
  const int64_t most = steps_ + 60;
  while (!(norm <= tolerance) && steps_ < std::min(most, max_steps_) && !context_.stopped()) {
    ++steps_;
    if (!step(at, &norm)) break;
  }
  // Rounding of the sums may keep the residual above a very small tolerance.
  const double rounding = 4e-16 * static_cast<double>(size_);
  return norm <= std::max(tolerance, rounding);
}

// One damped Newton step; false where none makes the residual smaller.
bool QuantalResponse::step(Temperatures at, double* norm) {
  fill_jacobian(at);
  const DenseLu factors(jacobian_, pivots_, size_);
  if (!factors.regular()) return false;
  factors.solve(residual_);
  for (double length = 1; length > 1e-9; length /= 2) {
    for (int64_t k = 0; k < size_; ++k) trial_[k] = point_[k] - length * residual_[k];
    const double trial = residual_at(trial_, at, trial_residual_);
    if (!(trial < *norm * (1 - 1e-4 * length))) continue;
    std::swap(point_, trial_);
    std::swap(residual_, trial_residual_);
    *norm = trial;
    return true;
  }
  return false;
}

// The conditions at a point, and their 2-norm.
double QuantalResponse::residual_at(const double* point, Temperatures at, double* residual) const {
  const double *p = point, *q = point + rows_;
  const double v = point[size_ - 2], w = point[size_ - 1];
  double *of_x = residual, *of_y = residual + rows_;
  double mass_x = 0, mass_y = 0;
  for (int64_t j = 0; j < columns_; ++j) {
    y_[j] = std::exp(q[j]);
    mass_y += y_[j];
    of_y[j] = at.beta * q[j] - w;
  }
  for (int64_t i = 0; i < rows_; ++i) {
    x_[i] = std::exp(p[i]);
    mass_x += x_[i];
    double sum = 0;
    for (int64_t j = 0; j < columns_; ++j) {
      const double entry = game_[i * columns_ + j];
      sum += entry * y_[j];
      of_y[j] += entry * x_[i];
    }
    of_x[i] = at.alpha * p[i] - sum + v;
  }
  residual[size_ - 2] = mass_x - 1;
  residual[size_ - 1] = mass_y - 1;
  double squares = 0;
  for (int64_t k = 0; k < size_; ++k) squares += residual[k] * residual[k];
  return std::sqrt(squares);
}

void QuantalResponse::fill_jacobian(Temperatures at) {
  std::fill_n(jacobian_, size_ * size_, 0.0);
  for (int64_t i = 0; i < rows_; ++i) x_[i] = std::exp(point_[i]);
  for (int64_t j = 0; j < columns_; ++j) y_[j] = std::exp(logs_y(point_)[j]);
  const auto entry = [&](int64_t row, int64_t column) -> double& {
    return jacobian_[row * size_ + column];
  };
  for (int64_t i = 0; i < rows_; ++i) {
    entry(i, i) = at.alpha;
    entry(i, size_ - 2) = 1;
    entry(size_ - 2, i) = x_[i];
    for (int64_t j = 0; j < columns_; ++j) {
      entry(i, rows_ + j) = -game_[i * columns_ + j] * y_[j];
      entry(rows_ + j, i) = game_[i * columns_ + j] * x_[i];
    }
  }
  for (int64_t j = 0; j < columns_; ++j) {
    entry(rows_ + j, rows_ + j) = at.beta;
    entry(rows_ + j, size_ - 1) = -1;
    entry(size_ - 1, rows_ + j) = y_[j];
  }
}

void QuantalResponse::normalise(const double* logs, int64_t count, double* policy) const {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += policy[i] = std::exp(logs[i]);
  for (int64_t i = 0; i < count; ++i) policy[i] /= sum;
}

void QuantalResponse::measure(const double* payoff) {
  for (int64_t i = 0; i < rows_; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < columns_; ++j) sum += payoff[i * columns_ + j] * y_[j];
    expected_ += x_[i] * sum;
  }
  regularized_ = expected_ + alpha_ * entropy(x_, rows_) - beta_ * entropy(y_, columns_);
}

}  // namespace belfry::cpu
