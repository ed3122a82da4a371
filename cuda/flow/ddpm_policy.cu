// ddpm_policy: the loss and the chain of T steps, networks layer by layer over the whole batch with
// everything kept, and back through every step of the chain.
#include <limits>

#include "cuda/flow/diffusion.cuh"
#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

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

// The final clip, and where a gradient passes it.
template <class T>
__global__ void finish(const T* x, int64_t count, double limit, T* action, T* g) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) {
    const double y = static_cast<double>(x[i]);
    if (action) action[i] = static_cast<T>(math::within(y, limit));
    if (g) g[i] = y >= -limit && y <= limit ? T(1) : T(0);
  }
}

template <class T>
__global__ void add_to(const T* from, int64_t count, T* to) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) to[i] += from[i];
}

template <class T>
class Policy {
 public:
  Policy(const DdpmPolicy<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        work_(context, "ddpm_policy"),
        rows_(op.actions.dims[0]),
        count_(rows_ * op.actions.dims[1]) {}

  Status run() {
    net_.trunk = make_network<T>(op_.trunk_weight, op_.trunk_bias, op_.activation);
    net_.of_t = make_network<T>(op_.tmlp_weight, op_.tmlp_bias, op_.activation);
    net_.dims = op_.actions.dims[1];
    net_.states = op_.observations.dims[1];
    if (Status s = place_columns(op_.input_order, op_.emb_dim, &net_); !s.ok()) return s;
    if (op_.bc_loss.present || op_.grad_trunk_weight_0_of_bc.present ||
        op_.grad_tmlp_weight_0_of_bc.present) {
      if (Status s = behaviour_loss(); !s.ok()) return s;
    }
    if (op_.sampled_action.present || op_.grad_trunk_weight_0_of_action_sum.present) sample();
    return work_.status();
  }

 private:
  Status behaviour_loss() {
    T* const x = work_.scratch<T>(count_);
    T* const t = work_.scratch<T>(rows_);
    T* const grad = work_.scratch<T>(count_);
    const double* const alpha_bar = alpha_bar_table(op_.schedule, op_.steps, work_);
    const NoisyCall<T> call{op_.actions.begin(),
                            op_.noise_bc.begin(),
                            op_.t_index.begin(),
                            alpha_bar,
                            count_,
                            net_.dims,
                            x};
    work_.for_each(count_, make_noisy<T>, call);
    work_.for_each(rows_, index_times<T>, op_.t_index.begin(), rows_, t);
    TimedRows<T> batch{rows_, x, t, nullptr, op_.observations.begin(), nullptr, {}};
    const TimedPass<T> pass = forward_pass(net_, batch, work_);
    if (!work_.ok()) return work_.status();
    const NoiseRows<T> loss{pass.y, op_.noise_bc.begin(), math::inverse_count(count_), grad};
    const Status status =
        sum_rows(loss, count_, RowsBy::thread, store_mean(op_.bc_loss, Out<int32_t, 0>{}, count_),
                 "ddpm_policy", context_);
    if (!status.ok()) return status;
    TimedGradients<T> wanted;
    wanted.trunk = first_weight(net_.trunk, wanted_of(op_.grad_trunk_weight_0_of_bc));
    wanted.of_t = first_weight(net_.of_t, wanted_of(op_.grad_tmlp_weight_0_of_bc));
    if (!wanted.trunk.empty() || !wanted.of_t.empty()) {
      backward_pass<T>(net_, pass, grad, wanted, work_);
    }
    return work_.status();
  }

  static T* wanted_of(const Out<T, 2>& out) { return out.present ? out.begin() : nullptr; }
  static std::vector<LayerGrads<T>> first_weight(const Network<T>& network, T* weight) {
    if (!weight) return {};
    std::vector<LayerGrads<T>> grads(network.layers.size());
    grads.front().weight = weight;
    return grads;
  }

  void sample() {
    const double limit =
        op_.clip_denoised ? op_.max_action : std::numeric_limits<double>::infinity();
    std::vector<math::DdpmStep> rules;
    double alpha_bar = 1;
    for (int64_t t = 1; t <= op_.steps; ++t) {
      const auto step = math::diffusion_step(op_.schedule, t, op_.steps, alpha_bar);
      alpha_bar = step.alpha_bar;
      rules.push_back(math::ddpm_step(step, t == 1, limit));
    }
    const T* x = op_.noise_chain.begin();
    for (int64_t k = 0; k < op_.steps && work_.ok(); ++k) {
      x = advance_chain(rules[static_cast<size_t>(op_.steps - 1 - k)], k, x);
    }
    const bool back = op_.grad_trunk_weight_0_of_action_sum.present;
    T* const g = back ? work_.scratch<T>(count_) : nullptr;
    work_.for_each(count_, finish<T>, x, count_, op_.max_action, wanted_of(op_.sampled_action), g);
    if (back) backward_chain(g);
  }

  const T* advance_chain(const math::DdpmStep& rule, int64_t k, const T* x) {
    T* const t = work_.scratch<T>(rows_);
    T* const next = work_.scratch<T>(count_);
    work_.for_each(rows_, fill<T>, static_cast<T>(op_.steps - 1 - k), rows_, t);
    passes_.push_back(forward_pass<T>(
        net_, {rows_, x, t, nullptr, op_.observations.begin(), nullptr, {}}, work_));
    calls_.push_back(
        {rule, x, passes_.back().y, op_.noise_chain.begin() + (k + 1) * count_, count_});
    work_.for_each(count_, advance<T>, calls_.back(), next);
    return next;
  }

  void backward_chain(T* g) {
    const Out<T, 2>& out = op_.grad_trunk_weight_0_of_action_sum;
    const int64_t size = out.size();
    T* const grad_noise = work_.scratch<T>(count_);
    T* const weight = work_.scratch<T>(size);
    TimedGradients<T> wanted;
    wanted.x = work_.scratch<T>(count_);
    wanted.trunk = first_weight(net_.trunk, weight);
    work_.for_each(size, fill<T>, T(0), size, out.begin());
    for (size_t k = passes_.size(); k-- > 0 && work_.ok();) {
      work_.for_each(count_, split_gradient<T>, calls_[k], g, grad_noise);
      backward_pass<T>(net_, passes_[k], grad_noise, wanted, work_);
      work_.for_each(count_, add_to<T>, wanted.x, count_, g);
      work_.for_each(size, add_to<T>, weight, size, out.begin());
    }
  }

  const DdpmPolicy<T>& op_;
  CudaContext& context_;
  Work work_;
  const int64_t rows_, count_;
  TimedNetwork<T> net_;
  std::vector<TimedPass<T>> passes_;
  std::vector<ChainCall<T>> calls_;
};

}  // namespace

template <>
Status run(const DdpmPolicy<float>& op, CudaContext& context) {
  return Policy<float>(op, context).run();
}
template <>
Status run(const DdpmPolicy<double>& op, CudaContext& context) {
  return Policy<double>(op, context).run();
}

}  // namespace belfry::cuda
