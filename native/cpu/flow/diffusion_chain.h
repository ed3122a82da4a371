// A chain of denoising steps with everything kept, and the way back through all of them; and where
// the behaviour loss of a diffusion policy is evaluated.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>

#include "cpu/flow/timed_pass.h"
#include "math/diffusion.h"
#include "math/lanes.h"

namespace belfry::cpu {

// What a chain needs of its op; rules are in the order in which steps are taken.
struct ChainRules {
  const math::DdpmStep* steps = nullptr;
  int64_t count = 0;
  double max_action = 1;
};

template <class Op>
ChainRules chain_rules(const Op& op, CpuContext& context) {
  const double limit = op.clip_denoised ? op.max_action : std::numeric_limits<double>::infinity();
  auto* steps = context.scratch<math::DdpmStep>(op.steps);
  double alpha_bar = 1;
  for (int64_t t = 1; t <= op.steps; ++t) {
    const auto step = math::diffusion_step(op.schedule, t, op.steps, alpha_bar);
    alpha_bar = step.alpha_bar;
    steps[op.steps - t] = math::ddpm_step(step, t == 1, limit);
  }
  return {steps, op.steps, op.max_action};
}

template <class T>
T* filled(int64_t count, T value, CpuContext& context) {
  T* array = context.scratch<T>(count);
  for (int64_t i = 0; i < count; ++i) array[i] = value;
  return array;
}

template <class T>
class DiffusionChain {
 public:
  DiffusionChain(const TimedNetwork<T>& net, const ChainRules& rules, int64_t rows,
                 CpuContext& context)
      : net_(net), rules_(rules), context_(context), rows_(rows), count_(rows * net.dims) {
    links_ = context.scratch<Link>(rules.count);
    for (int64_t k = 0; k < rules.count; ++k) new (&links_[k]) Link{};
  }

  // The end of the chain before its clip. `noise`: the start, then that of each step but the last.
  const T* run(const T* noise, const T* observations) {
    T* x = context_.scratch<T>(count_);
    if (count_ > 0) std::memcpy(x, noise, static_cast<size_t>(count_) * sizeof(T));
    for (int64_t k = 0; k < rules_.count && !context_.stopped(); ++k) {
      const bool last = k + 1 == rules_.count;
      x = advance(k, x, last ? noise : noise + (k + 1) * count_, observations);
    }
    return end_ = x;
  }

  void clip_end(T* actions) const {
    for (int64_t i = 0; i < count_; ++i) {
      actions[i] = static_cast<T>(math::within(static_cast<double>(end_[i]), rules_.max_action));
    }
  }

  // From the last step to the first; `g` is dL/d action, and is changed. After each step `add()` is
  // called, with the step's share in `wanted`.
  template <class Add>
  Status backward(T* g, TimedGradients<T> wanted, const Add& add) {
    T* grad_noise = context_.scratch<T>(count_);
    T* through = context_.scratch<T>(count_);
    wanted.x = through;
    for (int64_t i = 0; i < count_; ++i) {
      const double x = static_cast<double>(end_[i]);
      if (!(x >= -rules_.max_action && x <= rules_.max_action)) g[i] = T(0);
    }
    for (int64_t k = rules_.count - 1; k >= 0; --k) {
      const CpuContext::ScratchScope scope(context_);
      split_gradient(k, g, grad_noise);
      if (Status s = backward_pass(net_, links_[k].pass, grad_noise, wanted, context_); !s.ok()) {
        return s;
      }
      for (int64_t i = 0; i < count_; ++i) g[i] += through[i];
      add();
    }
    return {};
  }

 private:
  struct Link {
    const T* x = nullptr;
    TimedPass<T> pass;
  };

  T* advance(int64_t k, const T* x, const T* fresh, const T* observations) {
    Link& link = links_[k];
    const T* time = filled(1, static_cast<T>(rules_.count - 1 - k), context_);
    link.x = x;
    link.pass = forward_pass<T>(net_, {rows_, x, time, nullptr, observations, 1}, context_);
    T* next = context_.scratch<T>(count_);
    for (int64_t i = 0; i < count_; ++i) {
      next[i] = static_cast<T>(rules_.steps[k].next(static_cast<double>(x[i]),
                                                    static_cast<double>(link.pass.y()[i]),
                                                    static_cast<double>(fresh[i])));
    }
    return next;
  }

  // g becomes what reaches x past the network.
  void split_gradient(int64_t k, T* g, T* grad_noise) const {
    const math::DdpmStep& rule = rules_.steps[k];
    const Link& link = links_[k];
    for (int64_t i = 0; i < count_; ++i) {
      const double arriving = static_cast<double>(g[i]);
      const double of_clean = arriving * rule.slope(static_cast<double>(link.x[i]),
                                                    static_cast<double>(link.pass.y()[i]));
      grad_noise[i] = static_cast<T>(-rule.recipm1 * of_clean);
      g[i] = static_cast<T>(rule.mean_xt * arriving + rule.recip * of_clean);
    }
  }

  const TimedNetwork<T>& net_;
  const ChainRules rules_;
  CpuContext& context_;
  const int64_t rows_, count_;
  Link* links_ = nullptr;
  const T* end_ = nullptr;
};

// Noisy actions and the steps they are at.
template <class T, class Op>
TimedRows<T> noisy_rows(const Op& op, CpuContext& context) {
  const int64_t rows = op.actions.dims[0], dims = op.actions.dims[1];
  double* alpha_bar = context.scratch<double>(op.steps);
  math::alpha_bars(op.schedule, op.steps, alpha_bar);
  T* x = context.scratch<T>(rows * dims);
  T* t = context.scratch<T>(rows);
  for (int64_t row = 0; row < rows; ++row) {
    const double kept = alpha_bar[op.t_index[row]];
    t[row] = static_cast<T>(op.t_index[row]);
    for (int64_t i = row * dims; i < (row + 1) * dims; ++i) {
      x[i] = static_cast<T>(std::sqrt(kept) * static_cast<double>(op.actions[i]) +
                            std::sqrt(1 - kept) * static_cast<double>(op.noise_bc[i]));
    }
  }
  return {rows, x, t, nullptr, op.observations.begin()};
}

// mean (ε_θ − ε)² of predicted noise, and its gradient.
template <class T>
double noise_loss(const T* predicted, const T* noise, int64_t count, T* grad) {
  const double share = math::inverse_count(count);
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double error = static_cast<double>(predicted[i]) - static_cast<double>(noise[i]);
    squares += error * error;
    grad[i] = static_cast<T>(2 * error * share);
  }
  return squares * share;
}

}  // namespace belfry::cpu
