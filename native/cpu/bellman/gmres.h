// GMRES(m) for (I − γ P) x = b (Saad and Schultz 1986): Arnoldi by modified Gram–Schmidt, the small
// least-squares problem by Givens rotations. Per step one product with P and k dots and updates.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "cpu/bellman/discounted_solve.h"

namespace belfry::cpu {

class Gmres {
 public:
  Gmres(const DiscountedSystem& system, const double* b, double* x, int64_t restart,
        CpuContext& context)
      : system_(system),
        pieces_(system.rows.row_ptr, system.num_states, 1),
        b_(b),
        x_(x),
        context_(context),
        n_(system.num_states),
        restart_(restart),
        partials_(context.scratch<double>(dot_partials(n_))),
        hessenberg_(static_cast<size_t>((restart + 1) * restart)),
        cosines_(static_cast<size_t>(restart)),
        sines_(static_cast<size_t>(restart)),
        rhs_(static_cast<size_t>(restart + 1)) {
    for (int64_t k = 0; k <= restart; ++k) basis_.push_back(context.scratch<double>(n_));
  }

  // Until the residual is at most `target`; returns the products with P.
  int64_t run(double target, int64_t max_iterations) {
    int64_t products = 0;
    double before = -1;
    while (products < max_iterations && !context_.stopped()) {
      residual(system_, pieces_, b_, x_, basis_[0], context_);
      const double size = std::sqrt(product(basis_[0], basis_[0]));
      // A cycle that gains nothing would be repeated for ever.
      if (!(size > target) || (before >= 0 && !(size < before))) break;
      before = size;
      products += cycle(size, target, max_iterations - products);
    }
    return products;
  }

 private:
  int64_t cycle(double size, double target, int64_t most) {
    scale(basis_[0], 1 / size);
    rhs_.assign(rhs_.size(), 0.0);
    rhs_[0] = size;
    int64_t k = 0;
    while (k < restart_ && k < most && std::fabs(rhs_[static_cast<size_t>(k)]) > target &&
           !context_.stopped()) {
      if (!extend(k++)) break;
    }
    add_combination(k);
    return k;
  }
  // Column k of the basis and of the Hessenberg matrix; false: the space is exhausted.
  bool extend(int64_t k) {
    double* w = basis_[static_cast<size_t>(k + 1)];
    apply(system_, pieces_, basis_[static_cast<size_t>(k)], w, context_);
    for (int64_t i = 0; i <= k; ++i) {
      const double* v = basis_[static_cast<size_t>(i)];
      const double h = product(w, v);
      entry(i, k) = h;
      for_each_element(n_, context_, [&](int64_t j) { w[j] -= h * v[j]; });
    }
    const double norm = std::sqrt(product(w, w));
    rotate(k, norm);
    if (!(norm > 0)) return false;
    scale(w, 1 / norm);
    return true;
  }
  void rotate(int64_t k, double below) {
    for (int64_t i = 0; i < k; ++i) {
      const double c = cosines_[static_cast<size_t>(i)], s = sines_[static_cast<size_t>(i)];
      const double upper = entry(i, k), lower = entry(i + 1, k);
      entry(i, k) = c * upper + s * lower;
      entry(i + 1, k) = c * lower - s * upper;
    }
    const double diagonal = entry(k, k), length = std::sqrt(diagonal * diagonal + below * below);
    const auto at = static_cast<size_t>(k);
    cosines_[at] = length > 0 ? diagonal / length : 1;
    sines_[at] = length > 0 ? below / length : 0;
    entry(k, k) = length;
    rhs_[at + 1] = -sines_[at] * rhs_[at];
    rhs_[at] *= cosines_[at];
  }
  // x += basis · y of the triangular system; a vanished pivot (breakdown) drops its vector.
  void add_combination(int64_t count) {
    std::vector<double> y(static_cast<size_t>(count));
    for (int64_t i = count - 1; i >= 0; --i) {
      double rest = rhs_[static_cast<size_t>(i)];
      for (int64_t j = i + 1; j < count; ++j) rest -= entry(i, j) * y[static_cast<size_t>(j)];
      y[static_cast<size_t>(i)] = entry(i, i) != 0 ? rest / entry(i, i) : 0;
    }
    for (int64_t i = 0; i < count; ++i) {
      const double* v = basis_[static_cast<size_t>(i)];
      const double weight = y[static_cast<size_t>(i)];
      for_each_element(n_, context_, [&](int64_t j) { x_[j] += weight * v[j]; });
    }
  }

  double& entry(int64_t row, int64_t column) {
    return hessenberg_[static_cast<size_t>(row * restart_ + column)];
  }
  double product(const double* a, const double* b) const {
    return dot(a, b, n_, partials_, context_);
  }
  void scale(double* v, double factor) {
    for_each_element(n_, context_, [&](int64_t j) { v[j] *= factor; });
  }

  const DiscountedSystem& system_;
  const StatePieces pieces_;
  const double* b_;
  double* x_;
  CpuContext& context_;
  const int64_t n_, restart_;
  double* partials_;
  std::vector<double*> basis_;
  std::vector<double> hessenberg_, cosines_, sines_, rhs_;
};

}  // namespace belfry::cpu
