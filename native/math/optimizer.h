// Update rules of first-order optimisers, one parameter at a time. T is float or double; what
// depends on the step count only is made once a step, in float64. A NaN gradient makes its
// parameter NaN.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

// Adam (Kingma & Ba, arXiv 1412.6980, algorithm 1), ε outside the root. `l2` adds l2·w to the
// gradient; `keep` = 1 − lr·decay is the decoupled decay of AdamW (Loshchilov & Hutter, arXiv
// 1711.05101, algorithm 2).
template <class T>
struct AdamRule {
  T step_size;                   // lr / (1 − β1^t)
  T inverse_root;                // 1 / √(1 − β2^t)
  T beta1, beta2, rest1, rest2;  // rest = 1 − β, which float32 would round
  T eps, l2, keep;

  BELFRY_HD void operator()(T& w, T& m, T& v, T grad) const {
    using std::sqrt;
    const T g = grad + l2 * w;
    m = beta1 * m + rest1 * g;
    v = beta2 * v + rest2 * (g * g);
    w = w * keep - step_size * (m / (sqrt(v) * inverse_root + eps));
  }
};

struct AdamSettings {
  double lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double l2 = 0;     // Adam with an L2 penalty
  double decay = 0;  // AdamW
};

// The rule of step t = 1, 2, ...
template <class T>
BELFRY_HD AdamRule<T> adam_rule(const AdamSettings& settings, int64_t t) {
  using std::pow;
  using std::sqrt;
  const double power = static_cast<double>(t);
  const double first = 1 - pow(settings.beta1, power);
  const double second = 1 - pow(settings.beta2, power);
  return {static_cast<T>(settings.lr / first),
          static_cast<T>(1 / sqrt(second)),
          static_cast<T>(settings.beta1),
          static_cast<T>(settings.beta2),
          static_cast<T>(1 - settings.beta1),
          static_cast<T>(1 - settings.beta2),
          static_cast<T>(settings.eps),
          static_cast<T>(settings.l2),
          static_cast<T>(1 - settings.lr * settings.decay)};
}

// Stochastic gradient descent (Sutskever et al., ICML 2013, the learning rate outside the
// velocity): velocity ← momentum·velocity + g, from 0; Nesterov's form looks one step ahead. `l2`
// adds l2·w to the gradient. It needs no second number of state.
template <class T>
struct SgdRule {
  T lr, momentum, l2;
  bool nesterov;

  BELFRY_HD void operator()(T& w, T& velocity, T&, T grad) const {
    const T g = grad + l2 * w;
    velocity = momentum * velocity + g;
    w -= lr * (nesterov ? g + momentum * velocity : velocity);
  }
};

// Rprop (Riedmiller & Braun 1993; Riedmiller, Neural Fitted Q Iteration, ECML 2005): the step of a
// parameter grows while its gradient keeps its sign and shrinks when it changes; that gradient then
// counts as 0. `previous` starts at 0, `step` at the first step size.
template <class T>
struct RpropRule {
  T eta_minus, eta_plus, step_min, step_max;

  BELFRY_HD void operator()(T& w, T& previous, T& step, T grad) const {
    const int now = sign(grad), before = sign(previous);
    if (now * before > 0) step = step * eta_plus;
    if (now * before < 0) step = step * eta_minus;
    step = step < step_min ? step_min : step > step_max ? step_max : step;
    previous = now * before < 0 ? T(0) : grad;
    w -= grad != grad ? grad : static_cast<T>(sign(previous)) * step;
  }
  BELFRY_HD static int sign(T x) { return static_cast<int>(x > 0) - static_cast<int>(x < 0); }
};

// The factor that brings gradients of Euclidean norm `norm` below `max_norm`, at most 1; `eps`
// keeps it finite. A NaN norm gives NaN.
BELFRY_HD constexpr double clip_norm_scale(double norm, double max_norm, double eps = 1e-6) {
  const double scale = max_norm / (norm + eps);
  return scale >= 1 ? 1 : scale;
}

// Clipping by value; NaN stays NaN.
template <class T>
BELFRY_HD constexpr T clip_gradient(T grad, T limit) {
  return grad > limit ? limit : grad < -limit ? -limit : grad;
}

}  // namespace belfry::math
