// anderson_value_iteration: value iteration with Anderson acceleration of type II (Walker and Ni
// 2011). With f = T V − V, the next V is T V − (ΔV + Δf) y, y the least-squares solution of
// Δf y ≈ f over the last `memory` differences, by the normal equations. Constants are left out of
// the fit where the bounds do not mind them. A combination must bring the bounds together by γ, as
// a plain sweep does; one that does not is dropped with the memory, and the sweep before it counts.
// Cost of a sweep: one pass over the model and about 4·memory passes over V.
#include <algorithm>
#include <cmath>

#include "cpu/bellman/certified_solve.h"
#include "cpu/bellman/discounted_solve.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "ops/bellman/sweeps.h"

namespace belfry::cpu {

namespace {

// Solves the symmetric positive definite system a y = b of `size` unknowns in place by Cholesky;
// false where it is singular to rounding.
bool solve_normal_equations(double* a, double* b, int size, int stride) {
  double scale = 0;
  for (int i = 0; i < size; ++i) scale = std::fmax(scale, a[i * stride + i]);
  const double least = 1e-14 * scale;
  for (int j = 0; j < size; ++j) {
    double pivot = a[j * stride + j];
    for (int k = 0; k < j; ++k) pivot -= a[j * stride + k] * a[j * stride + k];
    if (!(pivot > least)) return false;
    a[j * stride + j] = std::sqrt(pivot);
    for (int i = j + 1; i < size; ++i) {
      double sum = a[i * stride + j];
      for (int k = 0; k < j; ++k) sum -= a[i * stride + k] * a[j * stride + k];
      a[i * stride + j] = sum / a[j * stride + j];
    }
  }
  for (int i = 0; i < size; ++i) {
    for (int k = 0; k < i; ++k) b[i] -= a[i * stride + k] * b[k];
    b[i] /= a[i * stride + i];
  }
  for (int i = size - 1; i >= 0; --i) {
    for (int k = i + 1; k < size; ++k) b[i] -= a[k * stride + i] * b[k];
    b[i] /= a[i * stride + i];
  }
  return true;
}

// The last steps of an iteration x → g(x), and the combination of them with the least residual.
class AndersonMemory {
 public:
  // `centred`: constants do not count in the residual.
  AndersonMemory(int64_t n, int size, bool centred, CpuContext& context)
      : context_(context),
        n_(n),
        size_(size),
        centred_(centred),
        partials_(context.scratch<double>(dot_partials(n))),
        residual_(context.scratch<double>(n)),
        last_x_(context.scratch<double>(n)),
        last_g_(context.scratch<double>(n)) {
    for (int i = 0; i < size; ++i) {
      image_steps_[i] = context.scratch<double>(n);
      residual_steps_[i] = context.scratch<double>(n);
    }
  }

  void clear() {
    held_ = next_ = 0;
    has_last_ = false;
  }
  // g(x) of the last x that was advanced from.
  const double* last_image() const { return has_last_ ? last_g_ : nullptr; }
  // x becomes the next iterate; g is g(x).
  void advance(double* x, const double* g) {
    if (has_last_) add_difference(x, g);
    for_each_element(n_, context_, [&](int64_t i) {
      residual_[i] = g[i] - x[i];
      last_x_[i] = x[i];
      last_g_[i] = g[i];
    });
    has_last_ = true;
    centre(residual_);
    double y[kMost];
    if (held_ > 0 && !least_squares(y)) held_ = next_ = 0;
    for_each_element(n_, context_, [&](int64_t i) {
      x[i] = g[i];
      for (int k = 0; k < held_; ++k) x[i] -= y[k] * image_steps_[k][i];
    });
  }

 private:
  static constexpr int kMost = 20;

  void add_difference(const double* x, const double* g) {
    double *image_step = image_steps_[next_], *residual_step = residual_steps_[next_];
    next_ = (next_ + 1) % size_;
    held_ = std::min(held_ + 1, size_);
    for_each_element(n_, context_, [&](int64_t i) {
      image_step[i] = g[i] - last_g_[i];
      residual_step[i] = image_step[i] - (x[i] - last_x_[i]);
    });
    centre(residual_step);
  }
  void centre(double* x) {
    if (!centred_ || n_ == 0) return;
    double sum = 0;
    for (int64_t i = 0; i < n_; ++i) sum += x[i];
    const double mean = sum / static_cast<double>(n_);
    for_each_element(n_, context_, [&](int64_t i) { x[i] -= mean; });
  }
  bool least_squares(double* y) {
    double a[kMost * kMost];
    for (int i = 0; i < held_; ++i) {
      for (int j = 0; j <= i; ++j)
        a[i * kMost + j] = product(residual_steps_[i], residual_steps_[j]);
      y[i] = product(residual_steps_[i], residual_);
    }
    if (!solve_normal_equations(a, y, held_, kMost)) return false;
    return std::all_of(y, y + held_, [](double weight) { return std::isfinite(weight); });
  }
  double product(const double* a, const double* b) { return dot(a, b, n_, partials_, context_); }

  CpuContext& context_;
  const int64_t n_;
  const int size_;
  const bool centred_;
  double *partials_, *residual_, *last_x_, *last_g_;
  double *image_steps_[kMost] = {}, *residual_steps_[kMost] = {};
  int held_ = 0, next_ = 0;
  bool has_last_ = false;
};

template <class T>
Status run_anderson(const AndersonValueIteration<T>& op, CpuContext& context) {
  CertifiedSolve<AndersonValueIteration<T>> solve(op, Sided::two, context);
  if (Status s = require_probabilities(solve.model(), context); !s.ok()) return s;
  const int64_t n = solve.num_states();
  double* values = solve.start(0);
  double* image = context.scratch<double>(n);
  AndersonMemory memory(n, static_cast<int>(op.memory), !solve.one_sided(), context);
  Sweeper sweeper(solve.model(), op.gamma, context);
  double needed = math::kInfinity<double>;
  for (;;) {
    const auto change = sweeper(values, image);
    if (context.stopped()) return aborted();
    const bool more = solve.goes_on(change);
    const double distance = solve.distance(change);
    const bool worse = memory.last_image() && !(distance <= needed);
    if (!more) return solve.finish(image, nullptr, worse ? memory.last_image() : image);
    needed = op.gamma * distance;
    if (worse || solve.iterations() % op.restart == 0) {
      std::copy_n(worse ? memory.last_image() : image, n, values);
      memory.clear();
    } else {
      memory.advance(values, image);
    }
  }
}

}  // namespace

template <>
Status run(const AndersonValueIteration<float>& op, CpuContext& context) {
  return run_anderson(op, context);
}
template <>
Status run(const AndersonValueIteration<double>& op, CpuContext& context) {
  return run_anderson(op, context);
}

}  // namespace belfry::cpu
