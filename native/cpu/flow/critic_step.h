// The critics' half of a training step: next actions of a policy, the target, one step of both
// critics, whose targets follow; and the way of a policy up one of them.
#pragma once

#include "cpu/flow/parameters.h"
#include "cpu/flow/split_network.h"
#include "cpu/flow/workspaces.h"
#include "cpu/losses/loss_rows.h"
#include "math/actor_critic.h"
#include "ops/flow/train_step.h"

namespace belfry::cpu {

// [s, a] of every row.
template <class T>
T* critic_inputs(const In<T, 2>& observations, const T* actions, int64_t dims,
                 CpuContext& context) {
  const int64_t rows = observations.dims[0], states = observations.dims[1];
  T* inputs = context.scratch<T>(rows * (states + dims));
  for (int64_t row = 0; row < rows; ++row) {
    T* to = inputs + row * (states + dims);
    const T* s = observations.begin() + row * states;
    const T* a = actions + row * dims;
    for (int64_t i = 0; i < states; ++i) to[i] = s[i];
    for (int64_t i = 0; i < dims; ++i) to[states + i] = a[i];
  }
  return inputs;
}

// The factor of the gradients and the rule of this step; `norm` gets what it was before.
template <class T, class Op>
AdamStep<T> clipped_step(const Op& op, const ParameterSet<T>& set, double tau,
                         const Out<T, 0>& norm, CpuContext& context) {
  const double length = std::sqrt(gradient_squares(set, context));
  if (norm) norm[0] = static_cast<T>(length);
  AdamStep<T> step;
  step.rule = math::adam_rule<T>({op.lr, op.beta1, op.beta2, op.adam_eps, 0, 0}, op.step);
  step.tau = static_cast<T>(tau);
  if (op.grad_clip.present) {
    step.scale = static_cast<T>(math::clip_norm_scale(length, op.grad_clip.value));
  }
  return step;
}

template <class T>
NetworkParameters<T> lists_of(const TrainedNetwork<T>& net) {
  return {net.now.weight,      net.now.bias,      net.next.weight,          net.next.bias,
          net.follower.weight, net.follower.bias, net.next_follower.weight, net.next_follower.bias};
}

// What makes the next actions: rows [row, row + count), of which `draws` belong to each state, into
// `actions`.
template <class T>
class NextActions {
 public:
  virtual void operator()(int64_t row, int64_t count, T* actions, T* work) const = 0;
  virtual int64_t work_per_row() const = 0;
  virtual int64_t parameters() const = 0;  // times the passes
  virtual int64_t widest() const = 0;

 protected:
  ~NextActions() = default;
};

template <class T, class Op>
class CriticStep {
 public:
  CriticStep(const Op& op, int64_t draws, CpuContext& context)
      : op_(op),
        context_(context),
        batch_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        draws_(draws) {
    make_parameters();
  }

  // Critics before the step, and the new ones once `update` has succeeded.
  const Network<T>& online(int64_t i) const { return online_[i]; }
  const Network<T>& network(int64_t i) const { return next_[i]; }

  // Loss and gradients. `share` of the sum over both critics is what counts.
  Status differentiate(const NextActions<T>& policy, math::NextChoice next, double share) {
    const CpuContext::ScratchScope scope(context_);
    math::DqlCriticRows<T> rows = evaluate_targets(policy);
    if (context_.stopped()) return aborted();
    rows.next = next;
    rows.inverse *= share;
    return differentiate(rows);
  }

  Status update() {
    const CpuContext::ScratchScope scope(context_);
    const AdamStep<T> step =
        clipped_step(op_, parameters_, op_.tau, op_.critic_grad_norm, context_);
    if (context_.stopped()) return aborted();
    adam_step(parameters_, step, context_);
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  void make_parameters() {
    const TrainedNetwork<T>* const nets[2] = {&op_.critic1, &op_.critic2};
    for (int k = 0; k < 2; ++k) {
      online_[k] =
          hidden_network(nets[k]->now.weight, nets[k]->now.bias, op_.activation, batch_, context_);
      grads_[k] = no_gradients(online_[k], context_);
    }
    parameters_.items = context_.scratch<Parameter<T>>(2 * (online_[0].count + online_[1].count));
    for (int k = 0; k < 2; ++k) {
      add_parameters(lists_of(*nets[k]), grads_[k], true, &parameters_, context_);
    }
    parameters_.moments = math::data_of(op_.critic_moments);
    parameters_.next_moments = math::data_of(op_.new_critic_moments);
    next_[0] = with_next(online_[0], parameters_, 0, context_);
    next_[1] = with_next(online_[1], parameters_, 2 * online_[0].count, context_);
  }

  SplitNetwork<T> target_of(const TrainedNetwork<T>& net) {
    const int64_t states = op_.next_observations.dims[1];
    const Network<T> target = hidden_network(net.follower.weight, net.follower.bias, op_.activation,
                                             batch_ * draws_, context_);
    return split_network(target, 0, states, states, dims_);
  }

  // a' and both target critics there, into the rows of the target.
  math::DqlCriticRows<T> evaluate_targets(const NextActions<T>& policy) {
    const auto& op = op_;
    const int64_t rows = batch_ * draws_;
    const SplitNetwork<T> critics[2] = {target_of(op.critic1), target_of(op.critic2)};
    T* const q[2] = {context_.scratch<T>(rows), context_.scratch<T>(rows)};
    T* actions = op.next_actions ? op.next_actions.begin() : context_.scratch<T>(rows * dims_);
    evaluate_blocks(policy, critics, actions, q);
    math::DqlCriticRows<T> target{};
    target.target_q1 = q[0];
    target.target_q2 = q[1];
    target.rewards = op.rewards.begin();
    target.terminated = math::read_flags(op.terminated, false);
    target.gamma = op.gamma;
    target.inverse = math::inverse_count(batch_);
    target.draws = draws_;
    target.target = math::data_of(op.target);
    return target;
  }

  void evaluate_blocks(const NextActions<T>& policy, const SplitNetwork<T>* critics, T* actions,
                       T* const* q) {
    const int64_t rows = batch_ * draws_;
    int64_t per_row = policy.work_per_row(), parameters = policy.parameters();
    for (int k = 0; k < 2; ++k) {
      per_row = std::max(per_row, critics[k].work_per_row());
      parameters += critics[k].network.parameters();
    }
    const RowBlocks blocks = row_blocks(rows, policy.widest(), 2 * parameters);
    const Workspaces<T> workspaces(context_, blocks.pieces(), blocks.block * per_row);
    const T* states = op_.next_observations.begin();
    for_each_block(blocks, context_, [&](int64_t row, int64_t count, int64_t) {
      const auto work = workspaces.borrow();
      T* a = actions + row * dims_;
      policy(row, count, a, work.data());
      for (int k = 0; k < 2; ++k) {
        evaluate(critics[k], states, a, row, count, draws_, q[k] + row, work.data());
      }
    });
  }

  // Both critics at (s, a), the loss, and its gradients.
  Status differentiate(math::DqlCriticRows<T> rows) {
    BackwardRows<T> task;
    task.x = critic_inputs(op_.observations, op_.actions.begin(), dims_, context_);
    task.rows = batch_;
    KeptPass<T> passes[2] = {make_pass(online_[0], task, context_),
                             make_pass(online_[1], task, context_)};
    for (const KeptPass<T>& pass : passes) forward_pass(pass, context_);
    rows.q1 = passes[0].task.y;
    rows.q2 = passes[1].task.y;
    rows.grad_q1 = context_.scratch<T>(batch_);
    rows.grad_q2 = context_.scratch<T>(batch_);
    const auto sums = sum_rows(rows, batch_, 4 * draws_ + 30, context_);
    if (op_.critic_loss) op_.critic_loss[0] = static_cast<T>(sums.loss * rows.inverse);
    for (int k = 0; k < 2; ++k) {
      passes[k].task.grad_y = k == 0 ? rows.grad_q1 : rows.grad_q2;
      passes[k].task.layers = grads_[k];
      if (Status s = backward_pass(passes[k], context_); !s.ok()) return s;
    }
    return {};
  }

  const Op& op_;
  CpuContext& context_;
  const int64_t batch_, dims_, draws_;
  Network<T> online_[2], next_[2];
  LayerGrads<T>* grads_[2] = {};
  ParameterSet<T> parameters_;
};

// Both critics at (s, ã), kept for the way back.
template <class T>
struct CriticPasses {
  KeptPass<T> of[2];

  const T* q(int64_t i) const { return of[i].task.y; }
};

template <class T, class Op>
CriticPasses<T> evaluate_critics(const Op& op, const Network<T>& first, const Network<T>& second,
                                 const T* actions, CpuContext& context) {
  BackwardRows<T> task;
  task.x = critic_inputs(op.observations, actions, op.actions.dims[1], context);
  task.rows = op.actions.dims[0];
  const CriticPasses<T> passes{{make_pass(first, task, context), make_pass(second, task, context)}};
  for (const KeptPass<T>& pass : passes.of) forward_pass(pass, context);
  return passes;
}

// scale · ∂Q_i/∂a of critic i.
template <class T, class Op>
Status action_gradient(const Op& op, CriticPasses<T>* passes, int64_t i, T scale, T* grad,
                       CpuContext& context) {
  const int64_t rows = op.actions.dims[0];
  T* scales = context.scratch<T>(rows);
  for (int64_t row = 0; row < rows; ++row) scales[row] = scale;
  KeptPass<T>& pass = passes->of[i];
  pass.task.grad_y = scales;
  pass.task.grad_x = grad;
  pass.task.window = {op.observations.dims[1], op.actions.dims[1]};
  return backward_pass(pass, context);
}

// −mean Q_i/mean|Q_j| at ã with the critics of `critics`, and η times its gradient.
template <class T, class Op>
Status climb(const Op& op, const CriticStep<T, Op>& critics, const T* actions, double* q_loss,
             T* grad, CpuContext& context) {
  const int64_t i = op.q_loss_critic - 1, rows = op.actions.dims[0];
  CriticPasses<T> passes =
      evaluate_critics(op, critics.network(0), critics.network(1), actions, context);
  if (context.stopped()) return aborted();
  const auto q = sum_rows(math::SizeRows<T>{passes.q(i)}, rows, 4, context);
  const auto size = sum_rows(math::SizeRows<T>{passes.q(1 - i)}, rows, 4, context);
  *q_loss = -math::normalised(q.loss, size.other);
  return action_gradient(op, &passes, i, static_cast<T>(-op.eta * math::normalised(1, size.other)),
                         grad, context);
}

// Refuses critics without layers.
template <class Op>
Status check_critics(const Op& op) {
  if (op.critic1.now.weight.count > 0 && op.critic2.now.weight.count > 0) return {};
  return Status::error(Code::invalid_argument,
                       op.critic1.now.weight.count == 0 ? "critic1_weight_#" : "critic2_weight_#",
                       "is missing; a network has layers");
}

}  // namespace belfry::cpu
