// ddpm_policy: mean (ε_θ − ε)² with its gradients, and the chain of T steps with the gradient of
// the sum of its actions, carried back through every step.
//
// Networks are evaluated over the whole batch with everything kept (timed_pass). Per row 6 ·
// parameters flops for the loss and for every step of the chain; without gradients 2.
#include <cstring>
#include <limits>

#include "cpu/flow/timed_pass.h"
#include "cpu/run.h"
#include "math/diffusion.h"
#include "math/lanes.h"
#include "ops/flow/sampling.h"

namespace belfry::cpu {

namespace {

template <class T>
TimedNetwork<T> networks(const DdpmPolicy<T>& op, CpuContext& context) {
  TimedNetwork<T> net;
  const int64_t rows = op.actions.dims[0];
  net.nets.trunk = hidden_network(op.trunk_weight, op.trunk_bias, op.activation, rows, context);
  net.nets.of_t = hidden_network(op.tmlp_weight, op.tmlp_bias, op.activation, rows, context);
  net.dims = op.actions.dims[1];
  net.states = op.observations.dims[1];
  return net;
}

template <class T>
T* filled(int64_t count, T value, CpuContext& context) {
  T* array = context.scratch<T>(count);
  for (int64_t i = 0; i < count; ++i) array[i] = value;
  return array;
}

// Noisy actions and the steps they are at.
template <class T>
TimedRows<T> noisy_rows(const DdpmPolicy<T>& op, CpuContext& context) {
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

template <class T>
Status behaviour_loss(const DdpmPolicy<T>& op, const TimedNetwork<T>& net, CpuContext& context) {
  const TimedRows<T> batch = noisy_rows(op, context);
  TimedPass<T> pass = forward_pass(net, batch, context);
  if (context.stopped()) return aborted();
  const int64_t count = batch.rows * net.dims;
  const double share = math::inverse_count(count);
  T* grad = context.scratch<T>(count);
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double error = static_cast<double>(pass.y()[i]) - static_cast<double>(op.noise_bc[i]);
    squares += error * error;
    grad[i] = static_cast<T>(2 * error * share);
  }
  if (op.bc_loss) op.bc_loss[0] = static_cast<T>(squares * share);
  TimedGradients<T> wanted;
  if (op.grad_trunk_weight_0_of_bc) {
    wanted.trunk = no_gradients(net.nets.trunk, context);
    wanted.trunk[0].weight = op.grad_trunk_weight_0_of_bc.begin();
  }
  if (op.grad_tmlp_weight_0_of_bc) {
    wanted.of_t = no_gradients(net.nets.of_t, context);
    wanted.of_t[0].weight = op.grad_tmlp_weight_0_of_bc.begin();
  }
  if (!wanted.trunk && !wanted.of_t) return {};
  return backward_pass(net, pass, grad, wanted, context);
}

// One step of the chain: from x, by the network's noise, to what comes next.
template <class T>
struct ChainStep {
  math::DdpmStep rule;
  const T* x;
  TimedPass<T> pass;
};

template <class T>
class Sampler {
 public:
  Sampler(const DdpmPolicy<T>& op, const TimedNetwork<T>& net, CpuContext& context)
      : op_(op), net_(net), context_(context), count_(op.actions.dims[0] * net.dims) {}

  Status run() {
    const bool back = op_.grad_trunk_weight_0_of_action_sum.present;
    if (!back && !op_.sampled_action) return {};
    make_rules();
    T* x = context_.scratch<T>(count_);
    if (count_ > 0) {
      std::memcpy(x, op_.noise_chain.begin(), static_cast<size_t>(count_) * sizeof(T));
    }
    for (int64_t k = 0; k < op_.steps && !context_.stopped(); ++k) x = advance(k, x);
    if (context_.stopped()) return aborted();
    for (int64_t i = 0; op_.sampled_action && i < count_; ++i) {
      op_.sampled_action[i] =
          static_cast<T>(math::within(static_cast<double>(x[i]), op_.max_action));
    }
    return back ? backward(x) : Status{};
  }

 private:
  void make_rules() {
    const double limit =
        op_.clip_denoised ? op_.max_action : std::numeric_limits<double>::infinity();
    steps_ = context_.scratch<ChainStep<T>>(op_.steps);
    double alpha_bar = 1;
    for (int64_t t = 1; t <= op_.steps; ++t) {
      const auto step = math::diffusion_step(op_.schedule, t, op_.steps, alpha_bar);
      alpha_bar = step.alpha_bar;
      new (&steps_[op_.steps - t]) ChainStep<T>{math::ddpm_step(step, t == 1, limit), nullptr, {}};
    }
  }

  T* advance(int64_t k, const T* x) {
    ChainStep<T>& step = steps_[k];
    const int64_t rows = op_.actions.dims[0];
    const T* times = filled(rows, static_cast<T>(op_.steps - 1 - k), context_);
    step.x = x;
    step.pass =
        forward_pass<T>(net_, {rows, x, times, nullptr, op_.observations.begin()}, context_);
    const T* fresh = op_.noise_chain.begin() + (k + 1) * count_;
    T* next = context_.scratch<T>(count_);
    for (int64_t i = 0; i < count_; ++i) {
      next[i] = static_cast<T>(step.rule.next(static_cast<double>(x[i]),
                                              static_cast<double>(step.pass.y()[i]),
                                              static_cast<double>(fresh[i])));
    }
    return next;
  }

  // From the last step to the first; g is dL/dx of what the step made.
  Status backward(const T* x) {
    const Out<T, 2>& out = op_.grad_trunk_weight_0_of_action_sum;
    T* g = context_.scratch<T>(count_);
    T* grad_noise = context_.scratch<T>(count_);
    T* through = context_.scratch<T>(count_);
    T* weight = context_.scratch<T>(out.size());
    for (int64_t i = 0; i < count_; ++i) {
      g[i] = x[i] >= -op_.max_action && x[i] <= op_.max_action ? T(1) : T(0);
    }
    for (int64_t i = 0; i < out.size(); ++i) out[i] = T(0);
    TimedGradients<T> wanted;
    wanted.trunk = no_gradients(net_.nets.trunk, context_);
    wanted.trunk[0].weight = weight;
    wanted.x = through;
    for (int64_t k = op_.steps - 1; k >= 0; --k) {
      const CpuContext::ScratchScope scope(context_);
      ChainStep<T>& step = steps_[k];
      split_gradient(step, g, grad_noise);
      if (Status s = backward_pass(net_, step.pass, grad_noise, wanted, context_); !s.ok()) {
        return s;
      }
      for (int64_t i = 0; i < count_; ++i) g[i] += through[i];
      for (int64_t i = 0; i < out.size(); ++i) out[i] += weight[i];
    }
    return {};
  }

  // g becomes what reaches x past the network.
  void split_gradient(const ChainStep<T>& step, T* g, T* grad_noise) const {
    for (int64_t i = 0; i < count_; ++i) {
      const double arriving = static_cast<double>(g[i]);
      const double of_clean = arriving * step.rule.slope(static_cast<double>(step.x[i]),
                                                         static_cast<double>(step.pass.y()[i]));
      grad_noise[i] = static_cast<T>(-step.rule.recipm1 * of_clean);
      g[i] = static_cast<T>(step.rule.mean_xt * arriving + step.rule.recip * of_clean);
    }
  }

  const DdpmPolicy<T>& op_;
  const TimedNetwork<T>& net_;
  CpuContext& context_;
  const int64_t count_;
  ChainStep<T>* steps_ = nullptr;
};

template <class T>
Status ddpm_policy(const DdpmPolicy<T>& op, CpuContext& context) {
  if (Status s = check_timed(op.trunk_weight.count, op.tmlp_weight.count, 1, op.emb_dim); !s.ok()) {
    return s;
  }
  TimedNetwork<T> net = networks(op, context);
  if (Status s = place_columns(op.input_order, &net); !s.ok()) return s;
  if (op.bc_loss || op.grad_trunk_weight_0_of_bc || op.grad_tmlp_weight_0_of_bc) {
    const CpuContext::ScratchScope scope(context);
    if (Status s = behaviour_loss(op, net, context); !s.ok()) return s;
  }
  return Sampler<T>(op, net, context).run();
}

}  // namespace

template <>
Status run(const DdpmPolicy<float>& op, CpuContext& context) {
  return ddpm_policy(op, context);
}
template <>
Status run(const DdpmPolicy<double>& op, CpuContext& context) {
  return ddpm_policy(op, context);
}

}  // namespace belfry::cpu
