#include "cpu/bellman/policy_evaluators.h"

#include <cmath>

#include "cpu/bellman/bicgstab.h"
#include "cpu/bellman/gmres.h"

namespace belfry::cpu {

namespace {

// x <- b + γ P x.
int64_t richardson(const DiscountedSystem& system, const double* b, double* x, int64_t steps,
                   CpuContext& context) {
  const StatePieces pieces(system.rows.row_ptr, system.num_states, 1);
  double* r = context.scratch<double>(system.num_states);
  int64_t done = 0;
  for (; done < steps && !context.stopped(); ++done) {
    residual(system, pieces, b, x, r, context);
    for_each_element(system.num_states, context, [&](int64_t i) { x[i] += r[i]; });
  }
  return done;
}

int64_t bicgstab(const DiscountedSystem& system, const double* b, double* x,
                 const EvaluationLimits& limits, CpuContext& context) {
  const int64_t n = system.num_states;
  const StatePieces pieces(system.rows.row_ptr, n, 1);
  double* start = context.scratch<double>(n);
  std::copy_n(x, n, start);
  BiCgStab krylov(system, pieces, b, x, context);
  double size = krylov.restart();
  const double before = size;
  int64_t products = 0;
  bool intact = true;
  while (intact && size > limits.target && products < limits.max_iterations && !context.stopped()) {
    intact = krylov.step(size);
    products += 2;
  }
  if (!(krylov.restart() < before)) std::copy_n(start, n, x);
  return products;
}

// Freund (1993), without preconditioner: quasi-minimal residuals over the vectors of CGS.
class Tfqmr {
 public:
  Tfqmr(const DiscountedSystem& system, const double* b, double* x, CpuContext& context)
      : system_(system),
        pieces_(system.rows.row_ptr, system.num_states, 1),
        x_(x),
        context_(context),
        n_(system.num_states),
        partials_(context.scratch<double>(dot_partials(n_))) {
    for (double** vector : {&shadow_, &w_, &u_, &au_, &v_, &d_})
      *vector = context.scratch<double>(n_);
    residual(system_, pieces_, b, x, w_, context);
    for (double* copy : {shadow_, u_}) std::copy_n(w_, n_, copy);
    apply(system_, pieces_, u_, au_, context);
    std::copy_n(au_, n_, v_);
    std::fill_n(d_, n_, 0.0);
    tau_ = std::sqrt(product(w_, w_));
    rho_ = tau_ * tau_;
  }

  int64_t run(double target, int64_t max_iterations) {
    int64_t m = 0;
    double bound = tau_;
    while (bound > target && m < max_iterations && !context_.stopped()) {
      if (m % 2 == 0) alpha_ = rho_ / product(shadow_, v_);
      if (!std::isfinite(alpha_) || alpha_ == 0) break;
      half_step();
      ++m;
      if (!std::isfinite(tau_)) break;
      bound = tau_ * std::sqrt(static_cast<double>(m + 1));
      if (m % 2 == 1)
        next_of_pair();
      else if (!next_pair())
        break;
    }
    return m;
  }

 private:
  void half_step() {
    const double carry = theta_ * theta_ * eta_ / alpha_;
    for_each_element(n_, context_, [&](int64_t i) {
      w_[i] -= alpha_ * au_[i];
      d_[i] = u_[i] + carry * d_[i];
    });
    theta_ = std::sqrt(product(w_, w_)) / tau_;
    const double c2 = 1 / (1 + theta_ * theta_);
    tau_ *= theta_ * std::sqrt(c2);
    eta_ = c2 * alpha_;
    if (std::isfinite(eta_))
      for_each_element(n_, context_, [&](int64_t i) { x_[i] += eta_ * d_[i]; });
  }
  void next_of_pair() {
    for_each_element(n_, context_, [&](int64_t i) { u_[i] -= alpha_ * v_[i]; });
    apply(system_, pieces_, u_, au_, context_);
  }
  bool next_pair() {
    const double rho = product(shadow_, w_);
    const double beta = rho / rho_;
    if (!std::isfinite(beta) || rho == 0) return false;
    rho_ = rho;
    for_each_element(n_, context_, [&](int64_t i) {
      u_[i] = w_[i] + beta * u_[i];
      v_[i] = beta * (au_[i] + beta * v_[i]);
    });
    apply(system_, pieces_, u_, au_, context_);
    for_each_element(n_, context_, [&](int64_t i) { v_[i] += au_[i]; });
    return true;
  }
  double product(const double* a, const double* b) const {
    return dot(a, b, n_, partials_, context_);
  }

  const DiscountedSystem& system_;
  const StatePieces pieces_;
  double* x_;
  CpuContext& context_;
  const int64_t n_;
  double* partials_;
  double *shadow_ = nullptr, *w_ = nullptr, *u_ = nullptr, *au_ = nullptr, *v_ = nullptr,
         *d_ = nullptr;
  double tau_ = 0, rho_ = 0, alpha_ = 0, theta_ = 0, eta_ = 0;
};

}  // namespace

int64_t evaluate_inexactly(Evaluator evaluator, const DiscountedSystem& system, const double* b,
                           double* x, const EvaluationLimits& limits, CpuContext& context) {
  switch (evaluator) {
    case Evaluator::vi: return richardson(system, b, x, 1, context);
    case Evaluator::mpi: return richardson(system, b, x, limits.max_iterations, context);
    case Evaluator::gmres:
      return Gmres(system, b, x, limits.restart, context).run(limits.target, limits.max_iterations);
    case Evaluator::bicgstab: return bicgstab(system, b, x, limits, context);
    case Evaluator::tfqmr:
      return Tfqmr(system, b, x, context).run(limits.target, limits.max_iterations);
  }
  return 0;
}

}  // namespace belfry::cpu
