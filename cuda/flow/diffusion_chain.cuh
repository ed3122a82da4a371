// A chain of denoising steps with everything kept, and the way back through all of them; and where
// the behaviour loss of a diffusion policy is evaluated.
#pragma once

#include <limits>

#include "cuda/flow/diffusion.cuh"
#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

template <class T>
struct NoisyCall {
  const T *actions, *noise;
  const int32_t* steps;
  const double* alpha_bar;
  int64_t count, dims;
  T* x;
};

template <class T>
__global__ void make_noisy(NoisyCall<T> call) {
#pragma unroll 1
  for (int64_t i : grid_stride(call.count)) {
    const double kept = call.alpha_bar[call.steps[i / call.dims]];
    call.x[i] = static_cast<T>(sqrt(kept) * static_cast<double>(call.actions[i]) +
                               sqrt(1 - kept) * static_cast<double>(call.noise[i]));
  }
}

// (ε_θ − ε)² of one element, and its gradient.
template <class T>
struct NoiseRows {
  const T *predicted, *noise;
  double share;
  T* grad;

  template <class Lanes>
  BELFRY_HD math::LossSums operator()(int64_t i, const Lanes&) const {
    const double error = static_cast<double>(predicted[i]) - static_cast<double>(noise[i]);
    grad[i] = static_cast<T>(2 * error * share);
    return {error * error, 0};
  }
};

template <class T>
struct ChainCall {
  math::DdpmStep rule;
  const T *x, *noise, *fresh;
  int64_t count;
};

template <class T>
__global__ void advance(ChainCall<T> call, T* next) {
#pragma unroll 1
  for (int64_t i : grid_stride(call.count)) {
    next[i] = static_cast<T>(call.rule.next(static_cast<double>(call.x[i]),
                                            static_cast<double>(call.noise[i]),
                                            static_cast<double>(call.fresh[i])));
  }
}

// g becomes what reaches x past the network.
template <class T>
__global__ void split_gradient(ChainCall<T> call, T* g, T* grad_noise) {
#pragma unroll 1
  for (int64_t i : grid_stride(call.count)) {
    const double arriving = static_cast<double>(g[i]);
    const double of_clean = arriving * call.rule.slope(static_cast<double>(call.x[i]),
                                                       static_cast<double>(call.noise[i]));
    grad_noise[i] = static_cast<T>(-call.rule.recipm1 * of_clean);
    g[i] = static_cast<T>(call.rule.mean_xt * arriving + call.rule.recip * of_clean);
  }
}

// The final clip; g is cut where it holds the action.
template <class T>
__global__ void clip_end(const T* x, int64_t count, double limit, T* action) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) {
    action[i] = static_cast<T>(math::within(static_cast<double>(x[i]), limit));
  }
}
template <class T>
__global__ void cut_gradient(const T* x, int64_t count, double limit, T* g) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) {
    const double y = static_cast<double>(x[i]);
    if (!(y >= -limit && y <= limit)) g[i] = T(0);
  }
}

template <class T>
__global__ void add_to(const T* from, int64_t count, T* to) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) to[i] += from[i];
}

template <class T>
class DiffusionChain {
 public:
  DiffusionChain(const TimedNetwork<T>& net, int64_t rows, Work& work)
      : net_(net), work_(work), rows_(rows), count_(rows * net.dims) {}

  // The end of the chain before its clip. `noise`: the start, then that of each step but the last;
  // row i reads the state that `states` says.
  template <class Op>
  const T* run(const Op& op, const T* noise, const T* observations, const RowMap& states) {
    const double limit = op.clip_denoised ? op.max_action : std::numeric_limits<double>::infinity();
    std::vector<math::DdpmStep> rules;
    double alpha_bar = 1;
    for (int64_t t = 1; t <= op.steps; ++t) {
      const auto step = math::diffusion_step(op.schedule, t, op.steps, alpha_bar);
      alpha_bar = step.alpha_bar;
      rules.push_back(math::ddpm_step(step, t == 1, limit));
    }
    max_action_ = op.max_action;
    end_ = noise;
    for (int64_t k = 0; k < op.steps && work_.ok(); ++k) {
      const bool last = k + 1 == op.steps;
      advance_by(rules[static_cast<size_t>(op.steps - 1 - k)], op.steps - 1 - k,
                 last ? noise : noise + (k + 1) * count_, observations, states);
    }
    return end_;
  }

  void write_actions(T* actions) {
    work_.for_each(count_, clip_end<T>, end_, count_, max_action_, actions);
  }

  // From the last step to the first; `g` is dL/d action, and is changed. After each step `add()` is
  // called, with the step's share in `wanted`.
  template <class Add>
  void backward(T* g, TimedGradients<T> wanted, const Add& add) {
    T* const grad_noise = work_.scratch<T>(count_);
    wanted.x = work_.scratch<T>(count_);
    work_.for_each(count_, cut_gradient<T>, end_, count_, max_action_, g);
    for (size_t k = passes_.size(); k-- > 0 && work_.ok();) {
      work_.for_each(count_, split_gradient<T>, calls_[k], g, grad_noise);
      backward_pass<T>(net_, passes_[k], grad_noise, wanted, work_);
      work_.for_each(count_, add_to<T>, wanted.x, count_, g);
      add();
    }
  }

 private:
  void advance_by(const math::DdpmStep& rule, int64_t time, const T* fresh, const T* observations,
                  const RowMap& states) {
    T* const t = work_.scratch<T>(rows_);
    T* const next = work_.scratch<T>(count_);
    work_.for_each(rows_, fill<T>, static_cast<T>(time), rows_, t);
    passes_.push_back(
        forward_pass<T>(net_, {rows_, end_, t, nullptr, observations, nullptr, states}, work_));
    calls_.push_back({rule, end_, passes_.back().y, fresh, count_});
    work_.for_each(count_, advance<T>, calls_.back(), next);
    end_ = next;
  }

  const TimedNetwork<T>& net_;
  Work& work_;
  const int64_t rows_, count_;
  double max_action_ = 1;
  const T* end_ = nullptr;
  std::vector<TimedPass<T>> passes_;
  std::vector<ChainCall<T>> calls_;
};

// What the behaviour loss of an op is evaluated at: noisy actions and the steps they are at.
template <class T, class Op>
TimedRows<T> noisy_rows(const Op& op, Work& work) {
  const int64_t rows = op.actions.dims[0], count = rows * op.actions.dims[1];
  T* const x = work.scratch<T>(count);
  T* const t = work.scratch<T>(rows);
  const double* const alpha_bar = alpha_bar_table(op.schedule, op.steps, work);
  const NoisyCall<T> call{op.actions.begin(),
                          op.noise_bc.begin(),
                          op.t_index.begin(),
                          alpha_bar,
                          count,
                          op.actions.dims[1],
                          x};
  work.for_each(count, make_noisy<T>, call);
  work.for_each(rows, index_times<T>, op.t_index.begin(), rows, t);
  return {rows, x, t, nullptr, op.observations.begin(), nullptr, {}};
}

}  // namespace belfry::cuda
