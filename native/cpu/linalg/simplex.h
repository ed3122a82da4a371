// Dense linear programmes of moderate size: maximise c·x subject to A x ≤ b, x ≥ 0.
//
// Two-phase primal simplex on a dictionary; largest coefficient first, Bland's rule while the
// objective stands still, so that it cannot cycle. The solution is computed afresh from the final
// basis, and so carries the rounding of one linear solve and not that of the pivots.
#pragma once

#include <cstdint>

#include "cpu/context.h"

namespace belfry::cpu {

struct LinearProgram {
  const double* a = nullptr;  // [rows, columns]
  const double* b = nullptr;  // [rows], of any sign
  const double* c = nullptr;  // [columns]
};

enum class LpOutcome { optimal, infeasible, unbounded, gave_up };

// Its workspace serves any number of programmes of one size.
class Simplex {
 public:
  // Not inside `parallel`: takes scratch memory.
  Simplex(int64_t num_rows, int64_t num_columns, CpuContext& context);

  // `gave_up`: data that are not finite, too many pivots, or stopped by the caller.
  LpOutcome solve(const LinearProgram& program);

  // Valid after `optimal`.
  double objective() const { return objective_; }
  const double* x() const { return x_; }          // [columns]
  const double* duals() const { return duals_; }  // [rows], ≥ 0

 private:
  double& at(int64_t row, int64_t column) const { return table_[row * stride_ + column]; }
  double& rhs(int64_t row) const { return at(row, width_); }

  bool load(const LinearProgram& program);
  bool make_feasible();
  bool remove_artificial();
  void set_costs(const double* c);
  LpOutcome improve();
  int64_t entering(bool bland) const;
  int64_t leaving(int64_t column, bool bland) const;
  void pivot(int64_t row, int64_t column);
  void read_solution(const LinearProgram& program);
  void refine(const LinearProgram& program);

  const int64_t rows_, columns_;
  const int64_t stride_;
  CpuContext& context_;
  int64_t width_ = 0;  // columns of the dictionary: one more in phase one
  int64_t pivots_ = 0;
  double largest_a_ = 0, largest_b_ = 0, largest_cost_ = 0, objective_ = 0;
  // Dictionary: basic variables are rows, others are columns; the last row holds −c, the last
  // column b. Variable k < columns_ is x_k, columns_ + i the slack of row i, then the artificial.
  double *table_ = nullptr, *x_ = nullptr, *duals_ = nullptr, *basis_ = nullptr;
  int32_t *of_row_ = nullptr, *of_column_ = nullptr, *order_ = nullptr;
};

}  // namespace belfry::cpu
