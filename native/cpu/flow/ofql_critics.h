// The critics' half of ofql_train_step: next actions of the averaged policy, the target, one step
// of both critics, whose targets follow.
#pragma once

#include "cpu/flow/folded_trunk.h"
#include "cpu/flow/parameters.h"
#include "cpu/flow/workspaces.h"
#include "cpu/losses/loss_rows.h"
#include "math/actor_critic.h"
#include "math/one_step.h"
#include "ops/flow/ofql.h"

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
class CriticStep {
 public:
  CriticStep(const OfqlTrainStep<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        batch_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        draws_(op.next_noise.dims[1]) {}

  // The new critics, once `run` has succeeded.
  const Network<T>& network(int64_t i) const { return next_[i]; }

  Status run() {
    make_parameters();
    const CpuContext::ScratchScope scope(context_);
    const math::DqlCriticRows<T> rows = evaluate_targets();
    if (context_.stopped()) return aborted();
    if (Status s = differentiate(rows); !s.ok()) return s;
    const AdamStep<T> step =
        clipped_step(op_, parameters_, op_.tau, op_.critic_grad_norm, context_);
    if (context_.stopped()) return aborted();
    adam_step(parameters_, step, context_);
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  void make_parameters() {
    const auto& op = op_;
    online_[0] =
        hidden_network(op.critic1_weight, op.critic1_bias, op.activation, batch_, context_);
    online_[1] =
        hidden_network(op.critic2_weight, op.critic2_bias, op.activation, batch_, context_);
    parameters_.items = context_.scratch<Parameter<T>>(2 * (online_[0].count + online_[1].count));
    for (int k = 0; k < 2; ++k) grads_[k] = no_gradients(online_[k], context_);
    add_parameters({op.critic1_weight, op.critic1_bias, op.new_critic1_weight, op.new_critic1_bias,
                    op.target_critic1_weight, op.target_critic1_bias, op.new_target_critic1_weight,
                    op.new_target_critic1_bias},
                   grads_[0], true, &parameters_, context_);
    add_parameters({op.critic2_weight, op.critic2_bias, op.new_critic2_weight, op.new_critic2_bias,
                    op.target_critic2_weight, op.target_critic2_bias, op.new_target_critic2_weight,
                    op.new_target_critic2_bias},
                   grads_[1], true, &parameters_, context_);
    parameters_.moments = math::data_of(op.critic_moments);
    parameters_.next_moments = math::data_of(op.new_critic_moments);
    next_[0] = with_next(online_[0], parameters_, 0, context_);
    next_[1] = with_next(online_[1], parameters_, 2 * online_[0].count, context_);
  }

  // a' and both target critics there, into the rows of the target.
  math::DqlCriticRows<T> evaluate_targets() {
    const auto& op = op_;
    const int64_t rows = batch_ * draws_, states = op.next_observations.dims[1];
    const VelocityNetworks<T> average{
        hidden_network(op.ema_trunk_weight, op.ema_trunk_bias, op.activation, rows, context_),
        hidden_network(op.ema_tmlp_weight, op.ema_tmlp_bias, op.activation, 1, context_),
        hidden_network(op.ema_rmlp_weight, op.ema_rmlp_bias, op.activation, 1, context_),
        op.time_scale};
    const FoldedTrunk<T> policy = fold_trunk(average, dims_, states, context_);
    const SplitNetwork<T> critics[2] = {
        split_network(hidden_network(op.target_critic1_weight, op.target_critic1_bias,
                                     op.activation, rows, context_),
                      0, states, states, dims_),
        split_network(hidden_network(op.target_critic2_weight, op.target_critic2_bias,
                                     op.activation, rows, context_),
                      0, states, states, dims_)};
    T* const q[2] = {context_.scratch<T>(rows), context_.scratch<T>(rows)};
    T* actions = op.next_actions ? op.next_actions.begin() : context_.scratch<T>(rows * dims_);
    evaluate_blocks(policy.split, critics, actions, q);
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

  void evaluate_blocks(const SplitNetwork<T>& policy, const SplitNetwork<T>* critics, T* actions,
                       T* const* q) {
    const int64_t rows = batch_ * draws_;
    int64_t per_row = policy.work_per_row(), parameters = policy.network.parameters();
    for (int k = 0; k < 2; ++k) {
      per_row = std::max(per_row, critics[k].work_per_row());
      parameters += critics[k].network.parameters();
    }
    const RowBlocks blocks = row_blocks(rows, policy.network.widest(), 2 * parameters);
    const Workspaces<T> workspaces(context_, blocks.pieces(), blocks.block * per_row);
    const T* states = op_.next_observations.begin();
    for_each_block(blocks, context_, [&](int64_t row, int64_t count, int64_t) {
      const auto work = workspaces.borrow();
      const T* noise = op_.next_noise.begin() + row * dims_;
      T* a = actions + row * dims_;
      evaluate(policy, states, noise, row, count, draws_, a, work.data());
      for (int64_t i = 0; i < count * dims_; ++i) a[i] = math::clip_action(noise[i] - a[i], T(1));
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

  const OfqlTrainStep<T>& op_;
  CpuContext& context_;
  const int64_t batch_, dims_, draws_;
  Network<T> online_[2], next_[2];
  LayerGrads<T>* grads_[2] = {};
  ParameterSet<T> parameters_;
};

}  // namespace belfry::cpu
