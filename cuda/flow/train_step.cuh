// What the training steps of flow and diffusion policies share: one step of both critics, whose
// targets follow, the parameters of a timed policy, and its way up one critic. Everything stays on
// the device.
#pragma once

#include "cuda/flow/diffusion.cuh"
#include "cuda/flow/keep_sums.cuh"
#include "cuda/flow/parameters.cuh"
#include "math/actor_critic.h"
#include "ops/flow/train_step.h"

namespace belfry::cuda {

template <class T>
NetworkParameters<T> lists_of(const TrainedNetwork<T>& net) {
  return {net.now.weight,      net.now.bias,      net.next.weight,          net.next.bias,
          net.follower.weight, net.follower.bias, net.next_follower.weight, net.next_follower.bias};
}

template <class T>
Network<T> current(const TrainedNetwork<T>& net, Activation activation) {
  return make_network<T>(net.now.weight, net.now.bias, activation);
}
template <class T>
Network<T> average(const TrainedNetwork<T>& net, Activation activation) {
  return make_network<T>(net.follower.weight, net.follower.bias, activation);
}

// [s, a] of every row.
template <class T, class Op>
const T* critic_inputs(const Op& op, const T* observations, const T* actions, int64_t rows,
                       const RowMap& map, Work& work) {
  const int64_t states = op.observations.dims[1], dims = op.actions.dims[1];
  return gather_rows<T>({{observations, 0, states, map}, {actions, states, dims}}, rows,
                        states + dims, work);
}

template <class Op>
Status check_critics(const Op& op) {
  if (op.critic1.now.weight.count == 0) return no_layers("critic1_weight_#");
  if (op.critic2.now.weight.count == 0) return no_layers("critic2_weight_#");
  return {};
}

// A sum times `share`; null: nobody asked for it.
template <class T>
struct StoreScaled {
  T* loss;
  double share;

  __device__ void operator()(const math::LossSums& total) const {
    if (loss) *loss = static_cast<T>(total.loss * share);
  }
};

template <class T, class Op>
class CriticStep {
 public:
  CriticStep(const Op& op, int64_t draws, CudaContext& context, Work& work)
      : op_(op), context_(context), work_(work), batch_(op.actions.dims[0]), draws_(draws) {
    size_t first = 0;
    for (int k = 0; k < 2; ++k) {
      const TrainedNetwork<T>& net = k == 0 ? op.critic1 : op.critic2;
      add_parameters<T>(lists_of(net), true, &set_, work);
      online_[k] = current(net, op.activation);
      next_[k] = with_next(online_[k], set_, first);
      first += 2 * online_[k].layers.size();
    }
    set_.grads = work.scratch<T>(set_.size);
    set_.moments = math::data_of(op.critic_moments);
    set_.next_moments = math::data_of(op.new_critic_moments);
  }

  // Critics before the step, and the new ones after `update`.
  const Network<T>& online(int64_t i) const { return online_[i]; }
  const Network<T>& network(int64_t i) const { return next_[i]; }

  // Where next actions go that the op may return.
  T* next_actions() {
    T* const given = math::data_of(op_.next_actions);
    return given ? given : work_.scratch<T>(batch_ * draws_ * op_.actions.dims[1]);
  }

  // Loss and gradients at the next actions. `share` of the sum over both critics is what counts.
  Status differentiate(const T* next_actions, math::NextChoice next, double share) {
    math::DqlCriticRows<T> rows = target_rows(next_actions);
    rows.next = next;
    rows.inverse *= share;
    const T* const inputs = critic_inputs<T>(op_, op_.observations.begin(), op_.actions.begin(),
                                             batch_, RowMap{}, work_);
    std::vector<LayerTrace<T>> traces[2];
    T* grads[2];
    for (int k = 0; k < 2; ++k) {
      Evaluation<T> call;
      call.x = inputs;
      call.rows = batch_;
      call.y = work_.scratch<T>(batch_);
      grads[k] = work_.scratch<T>(batch_);
      if (!work_.ok()) return work_.status();
      traces[k] = forward_keeping(online_[k], call, work_);
      (k == 0 ? rows.q1 : rows.q2) = call.y;
    }
    rows.grad_q1 = grads[0];
    rows.grad_q2 = grads[1];
    const StoreScaled<T> store{math::data_of(op_.critic_loss), rows.inverse};
    Status s = sum_rows(rows, batch_, RowsBy::thread, store, work_.name(), context_);
    if (!s.ok()) return s;
    size_t first = 0;
    for (int k = 0; k < 2 && work_.ok(); ++k) {
      const size_t layers = online_[k].layers.size();
      backward<T>(online_[k], traces[k], grads[k], batch_, gradients_of(set_, first, layers), 0,
                  nullptr, work_);
      first += 2 * layers;
    }
    return work_.status();
  }

  Status update() { return optimise(op_, set_, op_.tau, op_.critic_grad_norm, context_, work_); }

 private:
  math::DqlCriticRows<T> target_rows(const T* actions) {
    const int64_t rows = batch_ * draws_;
    const T* const inputs = critic_inputs<T>(op_, op_.next_observations.begin(), actions, rows,
                                             {draws_ > 0 ? draws_ : 1, kOneGroup}, work_);
    T* const q1 = work_.scratch<T>(rows);
    T* const q2 = work_.scratch<T>(rows);
    if (work_.ok()) {
      forward_both<T>(average(op_.critic1, op_.activation), average(op_.critic2, op_.activation),
                      inputs, inputs, rows, q1, q2, work_);
    }
    math::DqlCriticRows<T> target{};
    target.target_q1 = q1;
    target.target_q2 = q2;
    target.rewards = op_.rewards.begin();
    target.terminated = math::read_flags(op_.terminated, false);
    target.gamma = op_.gamma;
    target.inverse = math::inverse_count(batch_);
    target.draws = draws_;
    target.target = math::data_of(op_.target);
    return target;
  }

  const Op& op_;
  CudaContext& context_;
  Work& work_;
  const int64_t batch_, draws_;
  Network<T> online_[2], next_[2];
  ParameterSet<T> set_;
};

template <class T>
struct PolicyParameters {
  ParameterSet<T> set;
  TimedGradients<T> wanted;  // where their gradients go
};

// Gradients of a policy's parameters in an array like `set.grads`.
template <class T>
TimedGradients<T> policy_gradients(ParameterSet<T> set, const TimedNetwork<T>& net, T* grads) {
  set.grads = grads;
  TimedGradients<T> wanted;
  size_t first = 0;
  const auto next = [&](const Network<T>& network) {
    auto part = gradients_of(set, first, network.layers.size());
    first += 2 * network.layers.size();
    return part;
  };
  wanted.trunk = next(net.trunk);
  wanted.of_t = next(net.of_t);
  if (net.two_times()) wanted.of_r = next(net.of_r);
  return wanted;
}

// `of_r` null: the policy has one time.
template <class T, class Op>
PolicyParameters<T> policy_parameters(const Op& op, const TrainedNetwork<T>* of_r,
                                      const TimedNetwork<T>& net, Work& work) {
  PolicyParameters<T> policy;
  add_parameters<T>(lists_of(op.trunk), false, &policy.set, work);
  add_parameters<T>(lists_of(op.tmlp), false, &policy.set, work);
  if (of_r) add_parameters<T>(lists_of(*of_r), false, &policy.set, work);
  policy.set.grads = work.scratch<T>(policy.set.size);
  policy.set.moments = math::data_of(op.policy_moments);
  policy.set.next_moments = math::data_of(op.new_policy_moments);
  policy.wanted = policy_gradients(policy.set, net, policy.set.grads);
  return policy;
}

// Sums over the batch that the policy's losses are made of.
struct PolicySums {
  double bc, q, size_of_climbed, q_of_other, size;
};

// Σ Q_i and Σ |Q_j| at the actions with the new critics, and ∂Q_i/∂a.
template <class T, class Op>
Status climb(const Op& op, const CriticStep<T, Op>& critics, const T* actions, PolicySums* sums,
             T* grad_a, CudaContext& context, Work& work) {
  const int64_t batch = op.actions.dims[0], states = op.observations.dims[1];
  const int64_t dims = op.actions.dims[1];
  const T* const inputs =
      critic_inputs<T>(op, op.observations.begin(), actions, batch, RowMap{}, work);
  Evaluation<T> climbed;
  climbed.x = inputs;
  climbed.rows = batch;
  climbed.y = work.scratch<T>(batch);
  T* const other = work.scratch<T>(batch);
  T* const ones = work.scratch<T>(batch);
  T* const grad_x = work.scratch<T>(batch * (states + dims));
  if (!work.ok()) return work.status();
  const Network<T>& network = critics.network(op.q_loss_critic - 1);
  const auto traces = forward_keeping(network, climbed, work);
  forward<T>(critics.network(2 - op.q_loss_critic), inputs, batch, other, work);
  if (!work.ok()) return work.status();
  Status s = sum_rows(math::SizeRows<T>{climbed.y}, batch, RowsBy::thread,
                      KeepSums{&sums->q, &sums->size_of_climbed}, work.name(), context);
  if (!s.ok()) return s;
  s = sum_rows(math::SizeRows<T>{other}, batch, RowsBy::thread,
               KeepSums{&sums->q_of_other, &sums->size}, work.name(), context);
  if (!s.ok()) return s;
  work.for_each(batch, fill<T>, T(1), batch, ones);
  const std::vector<LayerGrads<T>> none(network.layers.size());
  backward<T>(network, traces, ones, batch, none, 0, grad_x, work);
  take_columns<T>(grad_x, batch, states + dims, states, dims, grad_a, work);
  return work.status();
}

// factor η/Σ|Q_j| ∂Q_i/∂a, and 0 where the limit holds the action; one element more writes the
// scalars.
template <class T>
struct DescendCall {
  const PolicySums* sums;
  const T *raw, *grad_a;  // raw: the action before its clip
  double factor, eta, bc_share, limit;
  int64_t count;
  T *grad, *bc_loss, *q_loss, *actor_loss;
};

template <class T>
__global__ void descend(DescendCall<T> call) {
  const T factor = static_cast<T>(call.factor * call.eta * math::normalised(1, call.sums->size));
#pragma unroll 1
  for (int64_t i : grid_stride(call.count + 1)) {
    if (i == call.count) {
      const double bc = call.sums->bc * call.bc_share;
      const double q = -math::normalised(call.sums->q, call.sums->size);
      if (call.bc_loss) *call.bc_loss = static_cast<T>(bc);
      if (call.q_loss) *call.q_loss = static_cast<T>(q);
      if (call.actor_loss) *call.actor_loss = static_cast<T>(bc + call.eta * q);
      continue;
    }
    const double raw = static_cast<double>(call.raw[i]);
    const bool held = raw < -call.limit || raw > call.limit;
    call.grad[i] = held ? T(0) : factor * call.grad_a[i];
  }
}

}  // namespace belfry::cuda
