// G = L Lᵀ for a symmetric positive definite matrix, in place, and solutions with it.
#pragma once

#include "cpu/context.h"

namespace belfry::cpu {

class Cholesky {
 public:
  // The matrix[size, size] becomes L; what lies above the diagonal is left as it was.
  Cholesky(double* matrix, int64_t size) : matrix_(matrix), size_(size) {}

  // False when a pivot vanishes, or when the caller stops the call.
  bool factorise(CpuContext& context);
  int64_t bad_index() const { return bad_index_; }
  double bad_pivot() const { return bad_pivot_; }

  // b becomes G⁻¹ b.
  void solve(double* b) const;

 private:
  double* row(int64_t i) const { return matrix_ + i * size_; }
  void subtract_before(int64_t i, int64_t begin, int64_t end) const;
  void finish_row(int64_t i, int64_t begin, int64_t end) const;
  bool finish_diagonal(int64_t begin, int64_t end, const double* diagonal);

  double* matrix_;
  int64_t size_;
  int64_t bad_index_ = -1;
  double bad_pivot_ = 0;
};

}  // namespace belfry::cpu
