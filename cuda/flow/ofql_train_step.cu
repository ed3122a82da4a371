// ofql_train_step: next actions and the target, one step of both critics, then the policy, whose
// two halves (average-velocity objective, climbing Q) are one batch of 2B rows. Everything stays on
// the device. 2 (9 P_policy + 11 P_critic) flops a row; the derivative runs over both halves.
#include "cuda/flow/average_velocity.cuh"
#include "cuda/flow/generation.cuh"
#include "cuda/flow/keep_sums.cuh"
#include "cuda/flow/parameters.cuh"
#include "math/actor_critic.h"
#include "ops/flow/ofql.h"

namespace belfry::cuda {

namespace {

constexpr const char* kStep = "ofql_train_step";

// t and r of both halves: those given, then 1 and 0.
template <class T>
__global__ void stack_times(const T* t, const T* r, int64_t given, int64_t total, T* all_t,
                            T* all_r) {
#pragma unroll 1
  for (int64_t i : grid_stride(total)) {
    all_t[i] = i < given ? t[i] : T(1);
    all_r[i] = i < given ? r[i] : T(0);
  }
}

template <class T>
__global__ void fill_ones(int64_t count, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) out[i] = T(1);
}

struct PolicySums {
  double bc, q, size_of_climbed, q_of_other, size;
};

// dL/du = η/Σ|Q_j| ∂Q_i/∂a, and 0 where the clip holds the action; element −1 writes the scalars.
template <class T>
struct DescendCall {
  const PolicySums* sums;
  const T *noise, *u, *grad_a;
  double eta, inverse_rows;
  bool clip;
  int64_t count;
  T *grad, *bc_loss, *q_loss, *actor_loss;
};

template <class T>
__global__ void descend(DescendCall<T> call) {
  const T factor = static_cast<T>(call.eta * math::normalised(1, call.sums->size));
#pragma unroll 1
  for (int64_t i : grid_stride(call.count + 1)) {
    if (i == call.count) {
      const double bc = call.sums->bc * call.inverse_rows;
      const double q = -math::normalised(call.sums->q, call.sums->size);
      if (call.bc_loss) *call.bc_loss = static_cast<T>(bc);
      if (call.q_loss) *call.q_loss = static_cast<T>(q);
      if (call.actor_loss) *call.actor_loss = static_cast<T>(bc + call.eta * q);
      continue;
    }
    const T raw = call.noise[i] - call.u[i];
    const bool held = call.clip && (raw < T(-1) || raw > T(1));
    call.grad[i] = held ? T(0) : factor * call.grad_a[i];
  }
}

template <class T>
class TrainStep {
 public:
  TrainStep(const OfqlTrainStep<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        work_(context, kStep),
        batch_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        states_(op.observations.dims[1]),
        count_(batch_ * dims_) {}

  Status run() {
    if (op_.rmlp_weight.count == 0) return no_layers("rmlp_weight_#");
    if (op_.critic1_weight.count == 0) return no_layers("critic1_weight_#");
    if (op_.critic2_weight.count == 0) return no_layers("critic2_weight_#");
    policy_.trunk = make_network<T>(op_.trunk_weight, op_.trunk_bias, op_.activation);
    policy_.of_t = make_network<T>(op_.tmlp_weight, op_.tmlp_bias, op_.activation);
    policy_.of_r = make_network<T>(op_.rmlp_weight, op_.rmlp_bias, op_.activation);
    if (Status s = finish_network(&policy_); !s.ok()) return s;
    make_parameters();
    if (!work_.ok()) return work_.status();
    if (Status s = step_critics(); !s.ok()) return s;
    return step_policy();
  }

 private:
  Status finish_network(TimedNetwork<T>* net) const {
    net->dims = dims_;
    net->states = states_;
    net->time_scale = op_.time_scale;
    return place_columns<T>({}, op_.emb_dim, net);
  }

  void make_parameters() {
    const auto& op = op_;
    add_parameters<T>({op.critic1_weight, op.critic1_bias, op.new_critic1_weight,
                       op.new_critic1_bias, op.target_critic1_weight, op.target_critic1_bias,
                       op.new_target_critic1_weight, op.new_target_critic1_bias},
                      true, &critics_, work_);
    add_parameters<T>({op.critic2_weight, op.critic2_bias, op.new_critic2_weight,
                       op.new_critic2_bias, op.target_critic2_weight, op.target_critic2_bias,
                       op.new_target_critic2_weight, op.new_target_critic2_bias},
                      true, &critics_, work_);
    add_parameters<T>(
        {op.trunk_weight, op.trunk_bias, op.new_trunk_weight, op.new_trunk_bias,
         op.ema_trunk_weight, op.ema_trunk_bias, op.new_ema_trunk_weight, op.new_ema_trunk_bias},
        false, &actor_, work_);
    add_parameters<T>(
        {op.tmlp_weight, op.tmlp_bias, op.new_tmlp_weight, op.new_tmlp_bias, op.ema_tmlp_weight,
         op.ema_tmlp_bias, op.new_ema_tmlp_weight, op.new_ema_tmlp_bias},
        false, &actor_, work_);
    add_parameters<T>(
        {op.rmlp_weight, op.rmlp_bias, op.new_rmlp_weight, op.new_rmlp_bias, op.ema_rmlp_weight,
         op.ema_rmlp_bias, op.new_ema_rmlp_weight, op.new_ema_rmlp_bias},
        false, &actor_, work_);
    critics_.grads = work_.scratch<T>(critics_.size);
    actor_.grads = work_.scratch<T>(actor_.size);
    critics_.moments = math::data_of(op.critic_moments);
    critics_.next_moments = math::data_of(op.new_critic_moments);
    actor_.moments = math::data_of(op.policy_moments);
    actor_.next_moments = math::data_of(op.new_policy_moments);
  }

  const T* critic_inputs(const T* observations, const T* actions, int64_t rows, RowMap map) {
    return gather_rows<T>({{observations, 0, states_, map}, {actions, states_, dims_}}, rows,
                          states_ + dims_, work_);
  }

  // a' of every draw, from the averaged policy at (ε', 0, 1, s').
  const T* next_actions(int64_t rows) {
    TimedNetwork<T> average;
    average.trunk = make_network<T>(op_.ema_trunk_weight, op_.ema_trunk_bias, op_.activation);
    average.of_t = make_network<T>(op_.ema_tmlp_weight, op_.ema_tmlp_bias, op_.activation);
    average.of_r = make_network<T>(op_.ema_rmlp_weight, op_.ema_rmlp_bias, op_.activation);
    static_cast<void>(finish_network(&average));
    T* const t = work_.scratch<T>(rows);
    T* const r = work_.scratch<T>(rows);
    work_.for_each(rows, stack_times<T>, t, r, int64_t{0}, rows, t, r);
    const int64_t draws = op_.next_noise.dims[1];
    const TimedRows<T> batch{rows,
                             op_.next_noise.begin(),
                             t,
                             r,
                             op_.next_observations.begin(),
                             nullptr,
                             {draws > 0 ? draws : 1, kOneGroup}};
    const TimedPass<T> pass = forward_pass(average, batch, work_);
    T* const actions =
        op_.next_actions.present ? op_.next_actions.begin() : work_.scratch<T>(rows * dims_);
    const ActionCall<T> call{batch.x, pass.y, rows * dims_, T(1), nullptr, actions};
    work_.for_each(call.count, make_actions<T>, call);
    return actions;
  }

  math::DqlCriticRows<T> target_rows() {
    const int64_t draws = op_.next_noise.dims[1], rows = batch_ * draws;
    const T* const inputs = critic_inputs(op_.next_observations.begin(), next_actions(rows), rows,
                                          {draws > 0 ? draws : 1, kOneGroup});
    T* const q1 = work_.scratch<T>(rows);
    T* const q2 = work_.scratch<T>(rows);
    const auto first =
        make_network<T>(op_.target_critic1_weight, op_.target_critic1_bias, op_.activation);
    const auto second =
        make_network<T>(op_.target_critic2_weight, op_.target_critic2_bias, op_.activation);
    if (work_.ok()) forward_both<T>(first, second, inputs, inputs, rows, q1, q2, work_);
    math::DqlCriticRows<T> target{};
    target.target_q1 = q1;
    target.target_q2 = q2;
    target.rewards = op_.rewards.begin();
    target.terminated = math::read_flags(op_.terminated, false);
    target.gamma = op_.gamma;
    target.inverse = math::inverse_count(batch_);
    target.draws = draws;
    target.target = math::data_of(op_.target);
    return target;
  }

  Evaluation<T> evaluation(const T* x) {
    Evaluation<T> call;
    call.x = x;
    call.rows = batch_;
    call.y = work_.scratch<T>(batch_);
    return call;
  }

  Status step_critics() {
    math::DqlCriticRows<T> rows = target_rows();
    const T* const inputs =
        critic_inputs(op_.observations.begin(), op_.actions.begin(), batch_, {});
    const Network<T> online[2] = {
        make_network<T>(op_.critic1_weight, op_.critic1_bias, op_.activation),
        make_network<T>(op_.critic2_weight, op_.critic2_bias, op_.activation)};
    std::vector<LayerTrace<T>> traces[2];
    T* grads[2];
    for (int k = 0; k < 2; ++k) {
      const Evaluation<T> call = evaluation(inputs);
      grads[k] = work_.scratch<T>(batch_);
      if (!work_.ok()) return work_.status();
      traces[k] = forward_keeping(online[k], call, work_);
      (k == 0 ? rows.q1 : rows.q2) = call.y;
    }
    rows.grad_q1 = grads[0];
    rows.grad_q2 = grads[1];
    if (Status s =
            sum_rows(rows, batch_, RowsBy::thread,
                     store_mean(op_.critic_loss, Out<int32_t, 0>{}, batch_), kStep, context_);
        !s.ok()) {
      return s;
    }
    size_t first = 0;
    for (int k = 0; k < 2 && work_.ok(); ++k) {
      const size_t layers = online[k].layers.size();
      backward<T>(online[k], traces[k], grads[k], batch_, gradients_of(critics_, first, layers), 0,
                  nullptr, work_);
      next_[k] = with_next(online[k], critics_, first);
      first += 2 * layers;
    }
    if (!work_.ok()) return work_.status();
    return optimise(op_, critics_, op_.tau, op_.critic_grad_norm, context_, work_);
  }

  Status step_policy() {
    const int64_t rows = 2 * batch_;
    const VelocityCall<T> path{op_.actions.begin(),
                               op_.noise_bc.begin(),
                               op_.t.begin(),
                               op_.noise_policy.begin(),
                               count_,
                               2 * count_,
                               dims_,
                               work_.scratch<T>(2 * count_),
                               work_.scratch<T>(2 * count_)};
    T* const t = work_.scratch<T>(rows);
    T* const r = work_.scratch<T>(rows);
    T* const grad_u = work_.scratch<T>(2 * count_);
    auto* const sums = work_.scratch<PolicySums>(1);
    work_.for_each(2 * count_, make_velocity<T>, path);
    work_.for_each(rows, stack_times<T>, op_.t.begin(), op_.r.begin(), batch_, rows, t, r);
    const TimedRows<T> batch{rows,
                             path.x_t,
                             t,
                             r,
                             op_.observations.begin(),
                             path.velocity,
                             {1, batch_ > 0 ? batch_ : 1}};
    const TimedPass<T> pass = forward_pass(policy_, batch, work_);
    if (!work_.ok()) return work_.status();
    if (Status s = sum_rows(velocity_loss(op_, path.velocity, pass, grad_u), batch_, rows_by(dims_),
                            KeepSums{&sums->bc, nullptr}, kStep, context_);
        !s.ok()) {
      return s;
    }
    if (Status s = climb(pass.y + count_, grad_u + count_, sums); !s.ok()) return s;
    TimedGradients<T> wanted;
    size_t first = 0;
    const auto next = [&](const Network<T>& network) {
      auto grads = gradients_of(actor_, first, network.layers.size());
      first += 2 * network.layers.size();
      return grads;
    };
    wanted.trunk = next(policy_.trunk);
    wanted.of_t = next(policy_.of_t);
    wanted.of_r = next(policy_.of_r);
    backward_pass<T>(policy_, pass, grad_u, wanted, work_);
    if (!work_.ok()) return work_.status();
    return optimise(op_, actor_, 1 - op_.ema_decay, op_.actor_grad_norm, context_, work_);
  }

  // ã from u, both new critics there, and the gradient with respect to u.
  Status climb(const T* u, T* grad, PolicySums* sums) {
    T* const actions =
        op_.policy_action.present ? op_.policy_action.begin() : work_.scratch<T>(count_);
    const ActionCall<T> call{op_.noise_policy.begin(),
                             u,
                             count_,
                             T(1),
                             op_.clip_in_training ? nullptr : actions,
                             op_.clip_in_training ? actions : nullptr};
    work_.for_each(count_, make_actions<T>, call);
    const T* const inputs = critic_inputs(op_.observations.begin(), actions, batch_, {});
    const Evaluation<T> climbed = evaluation(inputs), other = evaluation(inputs);
    T* const ones = work_.scratch<T>(batch_);
    T* const grad_x = work_.scratch<T>(batch_ * (states_ + dims_));
    T* const grad_a = work_.scratch<T>(count_);
    if (!work_.ok()) return work_.status();
    const Network<T>& network = next_[op_.q_loss_critic - 1];
    const auto traces = forward_keeping(network, climbed, work_);
    forward<T>(next_[2 - op_.q_loss_critic], inputs, batch_, other.y, work_);
    if (!work_.ok()) return work_.status();
    Status s = sum_rows(math::SizeRows<T>{climbed.y}, batch_, RowsBy::thread,
                        KeepSums{&sums->q, &sums->size_of_climbed}, kStep, context_);
    if (!s.ok()) return s;
    s = sum_rows(math::SizeRows<T>{other.y}, batch_, RowsBy::thread,
                 KeepSums{&sums->q_of_other, &sums->size}, kStep, context_);
    if (!s.ok()) return s;
    work_.for_each(batch_, fill_ones<T>, batch_, ones);
    const std::vector<LayerGrads<T>> none(network.layers.size());
    backward<T>(network, traces, ones, batch_, none, 0, grad_x, work_);
    take_columns<T>(grad_x, batch_, states_ + dims_, states_, dims_, grad_a, work_);
    const DescendCall<T> back{sums,
                              op_.noise_policy.begin(),
                              u,
                              grad_a,
                              op_.eta,
                              math::inverse_count(batch_),
                              op_.clip_in_training,
                              count_,
                              grad,
                              math::data_of(op_.bc_loss),
                              math::data_of(op_.q_loss),
                              math::data_of(op_.actor_loss)};
    work_.for_each(count_ + 1, descend<T>, back);
    return work_.status();
  }

  const OfqlTrainStep<T>& op_;
  CudaContext& context_;
  Work work_;
  const int64_t batch_, dims_, states_, count_;
  TimedNetwork<T> policy_;
  Network<T> next_[2];
  ParameterSet<T> critics_, actor_;
};

}  // namespace

template <>
Status run(const OfqlTrainStep<float>& op, CudaContext& context) {
  return TrainStep<float>(op, context).run();
}
template <>
Status run(const OfqlTrainStep<double>& op, CudaContext& context) {
  return TrainStep<double>(op, context).run();
}

}  // namespace belfry::cuda
