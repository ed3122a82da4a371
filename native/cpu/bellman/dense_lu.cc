#include "cpu/bellman/dense_lu.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#define BELFRY_TARGET_FILE "cpu/bellman/dense_lu-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

double largest_entry(const double* matrix, int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n * n; ++i) largest = std::fmax(largest, std::fabs(matrix[i]));
  return largest;
}

}  // namespace

DenseLu::DenseLu(double* matrix, int32_t* pivots, int64_t n)
    : matrix_(matrix), pivots_(pivots), n_(n) {
  const double vanishing =
      largest_entry(matrix, n) * static_cast<double>(n) * std::numeric_limits<double>::epsilon();
  const auto eliminate = BELFRY_DISPATCH(eliminate_column);
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i) {
      if (std::fabs(row(i)[k]) > std::fabs(row(pivot)[k])) pivot = i;
    }
    pivots_[k] = static_cast<int32_t>(pivot);
    if (pivot != k) std::swap_ranges(row(k), row(k) + n, row(pivot));
    if (!(std::fabs(row(k)[k]) > vanishing)) {
      regular_ = false;
      return;
    }
    eliminate(matrix_, n, k);
  }
}

void DenseLu::solve(double* b) const {
  for (int64_t k = 0; k < n_; ++k) std::swap(b[k], b[pivots_[k]]);
  for (int64_t i = 0; i < n_; ++i) {
    for (int64_t j = 0; j < i; ++j) b[i] -= row(i)[j] * b[j];
  }
  for (int64_t i = n_ - 1; i >= 0; --i) {
    for (int64_t j = i + 1; j < n_; ++j) b[i] -= row(i)[j] * b[j];
    b[i] /= row(i)[i];
  }
}

// Mᵀ = Uᵀ Lᵀ P; the factors are walked by rows.
void DenseLu::solve_transposed(double* b) const {
  for (int64_t i = 0; i < n_; ++i) {
    b[i] /= row(i)[i];
    for (int64_t j = i + 1; j < n_; ++j) b[j] -= row(i)[j] * b[i];
  }
  for (int64_t i = n_ - 1; i >= 0; --i) {
    for (int64_t j = 0; j < i; ++j) b[j] -= row(i)[j] * b[i];
  }
  for (int64_t k = n_ - 1; k >= 0; --k) std::swap(b[k], b[pivots_[k]]);
}

}  // namespace belfry::cpu
