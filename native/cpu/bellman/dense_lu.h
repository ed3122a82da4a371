// LU factors with partial pivoting of a small dense matrix, for M x = b and Mᵀ x = b.
#pragma once

#include <cstdint>

namespace belfry::cpu {

class DenseLu {
 public:
  // `matrix` [n,n] row-major is overwritten by the factors; `pivots` [n] is filled. Both stay the
  // caller's and must outlive this object.
  DenseLu(double* matrix, int32_t* pivots, int64_t n);

  // No pivot vanished: relative to the matrix each is above n·ε.
  bool regular() const { return regular_; }
  // b is replaced by the solution.
  void solve(double* b) const;
  void solve_transposed(double* b) const;

 private:
  double* row(int64_t i) const { return matrix_ + i * n_; }

  double* matrix_;
  int32_t* pivots_;
  int64_t n_;
  bool regular_ = true;
};

}  // namespace belfry::cpu
