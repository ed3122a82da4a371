// optimizer_step, one parameter at a time: consecutive steps of Adam, Polyak averaging, clipping by
// a common norm, the cosine of a learning rate.
#pragma once

#include "belfry/status.h"
#include "math/lanes.h"
#include "math/optimizer.h"
#include "math/outputs.h"
#include "ops/flow/training.h"

namespace belfry::math {

// Powers of the decays, so that no step calls pow.
struct AdamClock {
  double power1 = 1, power2 = 1;

  BELFRY_HD AdamRule<double> next(const AdamSettings& s) {
    using std::sqrt;
    power1 *= s.beta1;
    power2 *= s.beta2;
    return {s.lr / (1 - power1), 1 / sqrt(1 - power2), s.beta1, s.beta2,
            1 - s.beta1,         1 - s.beta2,          s.eps,   s.l2,
            1 - s.lr * s.decay};
  }
};

// All steps of one parameter, from zero moments.
template <class T>
struct AdamRows {
  const T *w, *grad;
  AdamSettings settings;  // of AdamW; Adam leaves the decay out
  int64_t steps, count;
  T *adam, *adam_m, *adam_v, *adamw;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    double plain = static_cast<double>(w[i]), decayed = plain;
    double m = 0, v = 0;
    AdamClock clock;
    for (int64_t k = 0; k < steps; ++k) {
      AdamRule<double> rule = clock.next(settings);
      const double g = static_cast<double>(grad[k * count + i]);
      double m_of_both = m, v_of_both = v;
      rule(decayed, m_of_both, v_of_both, g);
      rule.keep = 1;
      rule(plain, m, v, g);
      if (adam) adam[k * count + i] = static_cast<T>(plain);
      if (adamw) adamw[k * count + i] = static_cast<T>(decayed);
    }
    if (adam_m) adam_m[i] = static_cast<T>(m);
    if (adam_v) adam_v[i] = static_cast<T>(v);
    return {};
  }
};

template <class T>
Status check_state(const OptimizerStepUpdate<T>& op) {
  if (op.second.present || op.optimizer == StepOptimizer::sgd) return {};
  return Status::error(Code::invalid_argument, "second",
                       "is missing; adam and rprop keep two arrays");
}

// What ranks of different declarations let pass: gradients of another shape than the parameters.
template <class T>
Status check_gradients(const OptimizerStepAdam<T>& op) {
  bool fits = op.grad.rank == op.w.rank + 1;
  for (int i = 0; i < op.w.rank; ++i) fits = fits && op.grad.dims[i + 1] == op.w.dims[i];
  if (fits) return {};
  return Status::error(Code::bad_shape, "grad", "is not a list of arrays of the shape of w");
}

template <class T>
AdamRows<T> adam_rows(const OptimizerStepAdam<T>& op) {
  AdamRows<T> rows{};
  rows.w = op.w.begin();
  rows.grad = op.grad.begin();
  rows.settings = {op.lr, op.beta1, op.beta2, op.eps, 0, op.weight_decay};
  rows.steps = op.grad.dims[0];
  rows.count = op.w.size();
  rows.adam = data_of(op.adam);
  rows.adam_m = data_of(op.adam_m);
  rows.adam_v = data_of(op.adam_v);
  rows.adamw = data_of(op.adamw);
  return rows;
}

template <class T>
BELFRY_HD constexpr T polyak(T target, T source, T tau) {
  return tau * source + (1 - tau) * target;
}

template <class T>
struct PolyakRows {
  const T *target, *source;
  T tau;
  T* out;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    if (out) out[i] = polyak(target[i], source[i], tau);
    return {};
  }
};

template <class T>
PolyakRows<T> polyak_rows(const OptimizerStepPolyak<T>& op) {
  return {op.target.begin(), op.source.begin(), static_cast<T>(op.tau), data_of(op.new_target)};
}

// Σ g² over both arrays, one behind the other.
template <class T>
struct SquareRows {
  const T *g1, *g2;
  int64_t first;  // elements of g1

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    const double g = static_cast<double>(i < first ? g1[i] : g2[i - first]);
    return {g * g, 0};
  }
};

template <class T>
struct ClipRows {
  SquareRows<T> grads;
  const double* squares;
  double max_norm, eps;
  T *g1, *g2;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    using std::sqrt;
    const double scale = clip_norm_scale(sqrt(*squares), max_norm, eps);
    const int64_t j = i - grads.first;
    if (j < 0 && g1) g1[i] = static_cast<T>(static_cast<double>(grads.g1[i]) * scale);
    if (j >= 0 && g2) g2[j] = static_cast<T>(static_cast<double>(grads.g2[j]) * scale);
    return {};
  }
};

template <class T>
SquareRows<T> square_rows(const OptimizerStepClip<T>& op) {
  return {op.g1.begin(), data_of(op.g2), op.g1.size()};
}

template <class T>
ClipRows<T> clip_rows(const OptimizerStepClip<T>& op, const double* squares) {
  return {square_rows(op),       squares, op.max_norm, op.eps, data_of(op.g1_clipped),
          data_of(op.g2_clipped)};
}

BELFRY_HD inline double cosine_rate(double step, double base, double last, double period) {
  using std::cos;
  return last + 0.5 * (base - last) * (1 + cos(3.14159265358979323846 * step / period));
}

}  // namespace belfry::math
