#include "cpu/linalg/simplex.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cpu/bellman/dense_lu.h"

namespace belfry::cpu {

namespace {

// Below these, relative to the largest entry, a number of the dictionary is rounding.
constexpr double kPivotTolerance = 1e-11;
constexpr double kCostTolerance = 1e-12;
constexpr double kFeasibilityTolerance = 1e-9;

double largest(const double* data, int64_t count) {
  double most = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double size = std::fabs(data[i]);
    if (!(size <= most) && most == most) most = size;  // NaN stays
  }
  return most;
}

}  // namespace

Simplex::Simplex(int64_t num_rows, int64_t num_columns, CpuContext& context)
    : rows_(num_rows),
      columns_(num_columns),
      stride_(num_columns + 2),
      context_(context),
      table_(context.scratch<double>((num_rows + 1) * stride_)),
      x_(context.scratch<double>(num_columns)),
      duals_(context.scratch<double>(num_rows)),
      basis_(context.scratch<double>(num_rows * num_rows)),
      of_row_(context.scratch<int32_t>(num_rows)),
      of_column_(context.scratch<int32_t>(num_columns + 1)),
      order_(context.scratch<int32_t>(num_rows)) {}

LpOutcome Simplex::solve(const LinearProgram& program) {
  if (!load(program)) return LpOutcome::gave_up;
  if (rows_ > 0 && *std::min_element(program.b, program.b + rows_) < 0) {
    const bool feasible = make_feasible();
    if (context_.stopped()) return LpOutcome::gave_up;
    if (!feasible) return LpOutcome::infeasible;
  }
  set_costs(program.c);
  const LpOutcome outcome = improve();
  if (outcome != LpOutcome::optimal) return outcome;
  read_solution(program);
  refine(program);
  return outcome;
}

bool Simplex::load(const LinearProgram& program) {
  largest_a_ = largest(program.a, rows_ * columns_);
  largest_b_ = largest(program.b, rows_);
  const double all = largest_a_ + largest_b_ + largest(program.c, columns_);
  if (!std::isfinite(all)) return false;
  width_ = columns_;
  pivots_ = 0;
  for (int64_t i = 0; i < rows_; ++i) {
    std::copy_n(program.a + i * columns_, columns_, &at(i, 0));
    rhs(i) = program.b[i];
    of_row_[i] = static_cast<int32_t>(columns_ + i);
  }
  for (int64_t j = 0; j < columns_; ++j) of_column_[j] = static_cast<int32_t>(j);
  return true;
}

// Phase one: an artificial variable z with A x − z ≤ b, made as small as it can be.
bool Simplex::make_feasible() {
  int64_t worst = 0;
  for (int64_t i = 0; i < rows_; ++i) {
    at(i, columns_ + 1) = rhs(i);
    at(i, columns_) = -1;
    if (at(i, columns_ + 1) < at(worst, columns_ + 1)) worst = i;
  }
  width_ = columns_ + 1;
  of_column_[columns_] = static_cast<int32_t>(columns_ + rows_);
  std::fill_n(&at(rows_, 0), stride_, 0.0);
  at(rows_, columns_) = 1;
  largest_cost_ = 1;
  pivot(worst, columns_);
  if (improve() == LpOutcome::gave_up) return false;
  const double scale = std::max(largest_b_, 1e-300);
  return rhs(rows_) >= -kFeasibilityTolerance * scale && remove_artificial();
}

bool Simplex::remove_artificial() {
  const auto artificial = static_cast<int32_t>(columns_ + rows_);
  const int64_t row = std::find(of_row_, of_row_ + rows_, artificial) - of_row_;
  if (row < rows_) {
    // It is basic at 0: any other variable may take its place.
    int64_t best = 0;
    for (int64_t j = 1; j < width_; ++j) {
      if (std::fabs(at(row, j)) > std::fabs(at(row, best))) best = j;
    }
    if (at(row, best) == 0) return false;
    pivot(row, best);
  }
  const int64_t column = std::find(of_column_, of_column_ + width_, artificial) - of_column_;
  const int64_t last = columns_;
  for (int64_t i = 0; i <= rows_; ++i) {
    at(i, column) = at(i, last);
    at(i, last) = at(i, last + 1);
    if (i < rows_) at(i, last) = std::max(at(i, last), 0.0);
  }
  of_column_[column] = of_column_[last];
  width_ = columns_;
  return true;
}

// The objective in terms of the variables that are not basic.
void Simplex::set_costs(const double* c) {
  std::fill_n(&at(rows_, 0), stride_, 0.0);
  for (int64_t j = 0; j < width_; ++j) {
    if (of_column_[j] < columns_) at(rows_, j) = -c[of_column_[j]];
  }
  for (int64_t i = 0; i < rows_; ++i) {
    if (of_row_[i] >= columns_) continue;
    const double cost = c[of_row_[i]];
    for (int64_t j = 0; j <= width_; ++j) at(rows_, j) += cost * at(i, j);
  }
  largest_cost_ = largest(c, columns_);
}

LpOutcome Simplex::improve() {
  const int64_t most = 10000 + 200 * (rows_ + columns_);
  const int64_t patience = rows_ + columns_;
  int64_t standing_still = 0;
  for (; pivots_ < most; ++pivots_) {
    if (context_.stopped()) return LpOutcome::gave_up;
    const bool bland = standing_still > patience;
    const int64_t column = entering(bland);
    if (column < 0) return LpOutcome::optimal;
    const int64_t row = leaving(column, bland);
    if (row < 0) return LpOutcome::unbounded;
    const double before = rhs(rows_);
    pivot(row, column);
    standing_still = rhs(rows_) > before ? 0 : standing_still + 1;
  }
  return LpOutcome::gave_up;
}

int64_t Simplex::entering(bool bland) const {
  int64_t best = -1;
  double best_cost = -kCostTolerance * largest_cost_;
  for (int64_t j = 0; j < width_; ++j) {
    const double cost = at(rows_, j);
    if (!(cost < -kCostTolerance * largest_cost_)) continue;
    const bool better = best < 0 || (bland ? of_column_[j] < of_column_[best] : cost < best_cost);
    if (!better) continue;
    best = j;
    best_cost = cost;
  }
  return best;
}

int64_t Simplex::leaving(int64_t column, bool bland) const {
  const double smallest = kPivotTolerance * std::max(largest_a_, 1e-300);
  int64_t best = -1;
  double best_ratio = 0;
  for (int64_t i = 0; i < rows_; ++i) {
    const double entry = at(i, column);
    if (!(entry > smallest)) continue;
    const double ratio = rhs(i) / entry;
    bool better = best < 0 || ratio < best_ratio;
    // Among equals: the lowest number, which ends cycles; else the largest pivot, which is safest.
    if (best >= 0 && ratio == best_ratio) {
      better = bland ? of_row_[i] < of_row_[best] : entry > at(best, column);
    }
    if (!better) continue;
    best = i;
    best_ratio = ratio;
  }
  return best;
}

void Simplex::pivot(int64_t row, int64_t column) {
  const double inverse = 1 / at(row, column);
  double* pivot_row = &at(row, 0);
  for (int64_t j = 0; j <= width_; ++j) pivot_row[j] *= inverse;
  pivot_row[column] = inverse;
  for (int64_t i = 0; i <= rows_; ++i) {
    const double factor = at(i, column);
    if (i == row || factor == 0) continue;
    double* other = &at(i, 0);
    for (int64_t j = 0; j <= width_; ++j) other[j] -= factor * pivot_row[j];
    other[column] = -factor * inverse;
    // Rounding must not make a feasible dictionary infeasible.
    if (i < rows_ && other[width_] < 0 && other[width_] > -1e-13 * largest_b_) other[width_] = 0;
  }
  std::swap(of_row_[row], of_column_[column]);
}

void Simplex::read_solution(const LinearProgram& program) {
  std::fill_n(x_, columns_, 0.0);
  std::fill_n(duals_, rows_, 0.0);
  for (int64_t i = 0; i < rows_; ++i) {
    if (of_row_[i] < columns_) x_[of_row_[i]] = rhs(i);
  }
  for (int64_t j = 0; j < width_; ++j) {
    if (of_column_[j] >= columns_) duals_[of_column_[j] - columns_] = at(rows_, j);
  }
  objective_ = 0;
  for (int64_t j = 0; j < columns_; ++j) objective_ += program.c[j] * x_[j];
}

// x_B = B⁻¹ b and duals = B⁻ᵀ c_B from the original data.
void Simplex::refine(const LinearProgram& program) {
  for (int64_t i = 0; i < rows_; ++i) {
    for (int64_t k = 0; k < rows_; ++k) {
      const int32_t variable = of_row_[k];
      basis_[i * rows_ + k] = variable < columns_ ? program.a[i * columns_ + variable]
                                                  : (variable - columns_ == i ? 1.0 : 0.0);
    }
  }
  const DenseLu factors(basis_, order_, rows_);
  if (!factors.regular()) return;
  double* solution = table_;  // the dictionary has served
  std::copy_n(program.b, rows_, solution);
  factors.solve(solution);
  std::fill_n(x_, columns_, 0.0);
  for (int64_t k = 0; k < rows_; ++k) {
    if (of_row_[k] < columns_) x_[of_row_[k]] = std::max(solution[k], 0.0);
    duals_[k] = of_row_[k] < columns_ ? program.c[of_row_[k]] : 0;
  }
  factors.solve_transposed(duals_);
  objective_ = 0;
  for (int64_t i = 0; i < rows_; ++i) duals_[i] = std::max(duals_[i], 0.0);
  for (int64_t j = 0; j < columns_; ++j) objective_ += program.c[j] * x_[j];
}

}  // namespace belfry::cpu
