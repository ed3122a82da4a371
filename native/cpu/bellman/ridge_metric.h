// Λ = λI + Σ φφᵀ as its upper Cholesky factor U, Λ = UᵀU: norms φᵀΛ⁻¹φ, and samples added one by
// one. Unlike an updated inverse, an updated factor loses no accuracy and stays positive definite.
#pragma once

#include <cmath>

#include "cpu/fitted-q/cholesky.h"

namespace belfry::cpu {

class RidgeMetric {
 public:
  // Starts as λI.
  RidgeMetric(int64_t size, double lambda, CpuContext& context)
      : size_(size), factor_(context.scratch<double>(size * size)) {
    std::fill_n(factor_, size * size, 0.0);
    for (int64_t k = 0; k < size; ++k) factor_[k * size + k] = std::sqrt(lambda);
  }

  // Λ from its own matrix[size, size]. False where that is not positive definite; then the metric
  // is as it was.
  bool assign(const double* matrix, CpuContext& context) {
    double* lower = context.scratch<double>(size_ * size_);
    std::copy_n(matrix, size_ * size_, lower);
    if (!Cholesky(lower, size_).factorise(context)) return false;
    for (int64_t i = 0; i < size_; ++i) {
      for (int64_t j = 0; j <= i; ++j) factor_[j * size_ + i] = lower[i * size_ + j];
    }
    return true;
  }

  // φᵀΛ⁻¹φ; `phi` is overwritten with U⁻ᵀφ.
  double squared_norm(double* phi) const {
    double sum = 0;
    for (int64_t k = 0; k < size_; ++k) {
      const double* row = factor_ + k * size_;
      const double z = phi[k] /= row[k];
      for (int64_t i = k + 1; i < size_; ++i) phi[i] -= z * row[i];
      sum += z * z;
    }
    return sum;
  }
  // φ becomes Λ⁻¹φ.
  void solve(double* phi) const {
    squared_norm(phi);
    for (int64_t k = size_ - 1; k >= 0; --k) {
      const double* row = factor_ + k * size_;
      for (int64_t i = k + 1; i < size_; ++i) phi[k] -= row[i] * phi[i];
      phi[k] /= row[k];
    }
  }
  // Λ += φφᵀ by plane rotations; `phi` is overwritten.
  void add(double* phi) {
    for (int64_t k = 0; k < size_; ++k) {
      double* row = factor_ + k * size_;
      const double diagonal = std::sqrt(row[k] * row[k] + phi[k] * phi[k]);
      const double c = row[k] / diagonal, s = phi[k] / diagonal;
      for (int64_t i = k; i < size_; ++i) {
        const double r = row[i], x = phi[i];
        row[i] = c * r + s * x;
        phi[i] = c * x - s * r;
      }
    }
  }

 private:
  int64_t size_;
  double* factor_;
};

}  // namespace belfry::cpu
