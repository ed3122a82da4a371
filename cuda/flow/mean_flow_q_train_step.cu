// mean_flow_q_train_step: the critics' gradients at the best of some actions, the policy's with the
// critics as they were, then both steps. The flow objective at (z, t) and the policy's action at
// (ε, 1) are two halves of one batch of 2B rows. Everything stays on the device.
#include "cuda/flow/average_velocity.cuh"
#include "cuda/flow/train_step.cuh"
#include "math/one_step.h"
#include "ops/flow/diffusion_ql.h"

namespace belfry::cuda {

namespace {

constexpr const char* kStep = "mean_flow_q_train_step";

template <class T>
__global__ void clip_all(const T* x, int64_t count, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) out[i] = math::clip_action(x[i], T(1));
}

// The given times, then 1.
template <class T>
__global__ void times_of_halves(const T* t, int64_t given, int64_t total, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(total)) out[i] = i < given ? t[i] : T(1);
}

template <class T>
struct BoundRows {
  const T* g;

  template <class Lanes>
  BELFRY_HD math::LossSums operator()(int64_t i, const Lanes&) const {
    return {math::outside_bounds(static_cast<double>(g[i])), 0};
  }
};

struct ResidualSums {
  double flow, unused, bound, q, size;
};

// The gradient with respect to g of both halves; one element more writes the scalars.
template <class T>
struct ResidualCall {
  const ResidualSums* sums;
  const T *g, *grad_1, *grad_2;  // ∂Q_i/∂a of both critics
  double alpha, bound_weight, inverse_rows, share;
  bool normalise;
  int64_t count, rows;
  T *grad, *flow_loss, *bound_loss, *q_loss, *actor_loss;

  __device__ double size() const { return normalise ? sums->size : static_cast<double>(rows); }
  __device__ void write_scalars() const {
    const double flow = sums->flow * inverse_rows, bound = sums->bound * share;
    const double q = -math::normalised(sums->q, size());
    if (flow_loss) *flow_loss = static_cast<T>(flow);
    if (bound_loss) *bound_loss = static_cast<T>(bound);
    if (q_loss) *q_loss = static_cast<T>(q);
    if (actor_loss) *actor_loss = static_cast<T>(q + bound_weight * bound + alpha * flow);
  }
};

template <class T>
__global__ void finish_gradient(ResidualCall<T> call) {
  const T factor = static_cast<T>(-0.5 * math::normalised(1, call.size()));
  const T alpha = static_cast<T>(call.alpha);
  const math::BoundStep<T> bound{static_cast<T>(call.bound_weight * call.share)};
#pragma unroll 1
  for (int64_t i : grid_stride(2 * call.count + 1)) {
    if (i == 2 * call.count) {
      call.write_scalars();
    } else if (i < call.count) {
      call.grad[i] *= alpha;
    } else {
      const int64_t j = i - call.count;
      call.grad[i] = bound.gradient(call.g[i], factor * (call.grad_1[j] + call.grad_2[j]));
    }
  }
}

template <class T>
class ResidualStep {
 public:
  ResidualStep(const MeanFlowQTrainStep<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        work_(context, kStep),
        rows_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        states_(op.observations.dims[1]),
        count_(rows_ * dims_) {}

  Status run() {
    if (Status s = check_critics(op_); !s.ok()) return s;
    policy_.trunk = current(op_.trunk, op_.activation);
    policy_.of_t = current(op_.tmlp, op_.activation);
    policy_.dims = dims_;
    policy_.states = states_;
    policy_.time_scale = op_.time_scale;
    if (Status s = place_columns<T>({}, op_.emb_dim, &policy_); !s.ok()) return s;
    Critics critics(op_, op_.next_noise.dims[1], context_, work_);
    parameters_ = policy_parameters<T>(op_, nullptr, policy_, work_);
    if (!work_.ok()) return work_.status();
    const auto next = math::next_choice_of(op_.q_agg);
    if (Status s = critics.differentiate(next_actions(&critics), next, 0.5); !s.ok()) return s;
    if (Status s = differentiate_policy(critics); !s.ok()) return s;
    if (Status s = critics.update(); !s.ok()) return s;
    return optimise(op_, parameters_.set, 0, op_.actor_grad_norm, context_, work_);
  }

 private:
  using Critics = CriticStep<T, MeanFlowQTrainStep<T>>;

  const T* next_actions(Critics* critics) {
    const int64_t draws = op_.next_noise.dims[1], rows = rows_ * draws;
    T* const t = work_.scratch<T>(rows);
    work_.for_each(rows, fill<T>, T(1), rows, t);
    const TimedRows<T> batch{rows,
                             op_.next_noise.begin(),
                             t,
                             nullptr,
                             op_.next_observations.begin(),
                             nullptr,
                             {draws > 0 ? draws : 1, kOneGroup}};
    const TimedPass<T> pass = forward_pass(policy_, batch, work_);
    T* const actions = critics->next_actions();
    work_.for_each(rows * dims_, clip_all<T>, pass.y, rows * dims_, actions);
    return actions;
  }

  Status differentiate_policy(const Critics& critics) {
    const VelocityCall<T> path{op_.actions.begin(),
                               op_.noise_bc.begin(),
                               op_.t.begin(),
                               op_.noise_policy.begin(),
                               count_,
                               2 * count_,
                               dims_,
                               work_.scratch<T>(2 * count_),
                               work_.scratch<T>(2 * count_)};
    T* const t = work_.scratch<T>(2 * rows_);
    T* const grad = work_.scratch<T>(2 * count_);
    auto* const sums = work_.scratch<ResidualSums>(1);
    work_.for_each(2 * count_, make_velocity<T>, path);
    work_.for_each(2 * rows_, times_of_halves<T>, op_.t.begin(), rows_, 2 * rows_, t);
    const TimedRows<T> batch{2 * rows_,
                             path.x_t,
                             t,
                             nullptr,
                             op_.observations.begin(),
                             path.velocity,
                             {1, rows_ > 0 ? rows_ : 1}};
    const TimedPass<T> pass = forward_pass(policy_, batch, work_);
    if (!work_.ok()) return work_.status();
    if (Status s = sum_rows(flow_rows(pass, grad), rows_, rows_by(dims_),
                            KeepSums{&sums->flow, &sums->unused}, kStep, context_);
        !s.ok()) {
      return s;
    }
    if (Status s = climb_both(critics, pass.y, grad, sums); !s.ok()) return s;
    backward_pass<T>(policy_, pass, grad, parameters_.wanted, work_);
    return work_.status();
  }

  math::ResidualRows<T> flow_rows(const TimedPass<T>& pass, T* grad) const {
    math::ResidualRows<T> rows{};
    rows.actions = op_.actions.begin();
    rows.noise = op_.noise_bc.begin();
    rows.t = op_.t.begin();
    rows.g = pass.y;
    rows.dgdt = pass.tangent_y;
    rows.p = 1 - op_.adaptive_gamma;
    rows.c = op_.adaptive_c;
    rows.limit = op_.target_clip;
    rows.dims = dims_;
    rows.inverse_rows = math::inverse_count(rows_);
    rows.g_target = math::data_of(op_.g_target);
    rows.grad = grad;
    return rows;
  }

  // The clipped actions of the second half, both critics there, and the gradient of all of g.
  Status climb_both(const Critics& critics, const T* g, T* grad, ResidualSums* sums) {
    T* const actions =
        op_.policy_action.present ? op_.policy_action.begin() : work_.scratch<T>(count_);
    work_.for_each(count_, clip_all<T>, g + count_, count_, actions);
    const T* const inputs =
        critic_inputs<T>(op_, op_.observations.begin(), actions, rows_, RowMap{}, work_);
    T* const ones = work_.scratch<T>(rows_);
    work_.for_each(rows_, fill<T>, T(1), rows_, ones);
    const T* q[2];
    const T* grad_a[2];
    for (int k = 0; k < 2; ++k) {
      if (Status s = climb_one(critics.online(k), inputs, ones, &q[k], &grad_a[k]); !s.ok()) {
        return s;
      }
    }
    Status s = sum_rows(math::MeanSizeRows<T>{q[0], q[1]}, rows_, RowsBy::thread,
                        KeepSums{&sums->q, &sums->size}, kStep, context_);
    if (!s.ok()) return s;
    s = sum_rows(BoundRows<T>{g + count_}, count_, RowsBy::thread, KeepSums{&sums->bound, nullptr},
                 kStep, context_);
    if (!s.ok()) return s;
    const ResidualCall<T> call{sums,
                               g,
                               grad_a[0],
                               grad_a[1],
                               op_.alpha,
                               op_.bound_weight,
                               math::inverse_count(rows_),
                               math::inverse_elements(rows_, dims_),
                               op_.normalize_q_loss,
                               count_,
                               rows_,
                               grad,
                               math::data_of(op_.flow_loss),
                               math::data_of(op_.bound_loss),
                               math::data_of(op_.q_loss),
                               math::data_of(op_.actor_loss)};
    work_.for_each(2 * count_ + 1, finish_gradient<T>, call);
    return work_.status();
  }

  // Q and ∂Q/∂a of one critic.
  Status climb_one(const Network<T>& network, const T* inputs, const T* ones, const T** q,
                   const T** grad_a) {
    Evaluation<T> call;
    call.x = inputs;
    call.rows = rows_;
    call.y = work_.scratch<T>(rows_);
    T* const grad_x = work_.scratch<T>(rows_ * (states_ + dims_));
    T* const grad = work_.scratch<T>(count_);
    if (!work_.ok()) return work_.status();
    const auto traces = forward_keeping(network, call, work_);
    const std::vector<LayerGrads<T>> none(network.layers.size());
    backward<T>(network, traces, ones, rows_, none, 0, grad_x, work_);
    take_columns<T>(grad_x, rows_, states_ + dims_, states_, dims_, grad, work_);
    *q = call.y;
    *grad_a = grad;
    return work_.status();
  }

  const MeanFlowQTrainStep<T>& op_;
  CudaContext& context_;
  Work work_;
  const int64_t rows_, dims_, states_, count_;
  TimedNetwork<T> policy_;
  PolicyParameters<T> parameters_;
};

}  // namespace

template <>
Status run(const MeanFlowQTrainStep<float>& op, CudaContext& context) {
  return ResidualStep<float>(op, context).run();
}
template <>
Status run(const MeanFlowQTrainStep<double>& op, CudaContext& context) {
  return ResidualStep<double>(op, context).run();
}

}  // namespace belfry::cuda
