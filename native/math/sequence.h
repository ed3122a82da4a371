// Losses of a policy that emits several actions from one state, and of generative flow networks.
#pragma once

#include "math/fqi.h"
#include "ops/bellman/losses.h"

namespace belfry::math {

// Whether the second of two critics is the smaller; ties go to the first, a NaN wins.
BELFRY_HD constexpr bool second_is_smaller(double q1, double q2) { return q1 == q1 && !(q1 <= q2); }

// One emitted action: α log π − min(Q1, Q2).
template <class T>
struct SequenceActor {
  const T *q1, *q2, *log_probs;
  double alpha, inverse_count;
  T *grad_log_probs, *grad_q1, *grad_q2;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    const double a = static_cast<double>(q1[i]), b = static_cast<double>(q2[i]);
    const bool second = second_is_smaller(a, b);
    if (grad_log_probs) grad_log_probs[i] = static_cast<T>(alpha * inverse_count);
    if (grad_q1) grad_q1[i] = static_cast<T>(second ? 0 : -inverse_count);
    if (grad_q2) grad_q2[i] = static_cast<T>(second ? -inverse_count : 0);
    return {policy_term(alpha, static_cast<double>(log_probs[i])) - (second ? b : a), 0};
  }
};

// One transition: y = r + not_done γ (min Q' − α log π'), (Q1 − y)² + (Q2 − y)².
template <class T>
struct SequenceCritic {
  const T *next_q1, *next_q2, *next_log_probs, *rewards, *not_done, *cur_q1, *cur_q2;
  double alpha, gamma, inverse_count;
  T *target, *grad_q1, *grad_q2;

  BELFRY_HD double next_value(int64_t i) const {
    const double a = static_cast<double>(next_q1[i]), b = static_cast<double>(next_q2[i]);
    return (second_is_smaller(a, b) ? b : a) -
           policy_term(alpha, static_cast<double>(next_log_probs[i]));
  }

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    const double discount = gamma * static_cast<double>(not_done[i]);
    const double y = fqi_bootstrap(static_cast<double>(rewards[i]), discount, next_value(i), false);
    const double e1 = static_cast<double>(cur_q1[i]) - y, e2 = static_cast<double>(cur_q2[i]) - y;
    if (target) target[i] = static_cast<T>(y);
    if (grad_q1) grad_q1[i] = static_cast<T>(2 * e1 * inverse_count);
    if (grad_q2) grad_q2[i] = static_cast<T>(2 * e2 * inverse_count);
    return {e1 * e1 + e2 * e2, 0};
  }
};

template <class T>
SequenceActor<T> sequence_actor(const SequenceRlLosses<T>& op) {
  SequenceActor<T> actor{};
  actor.q1 = op.q1.begin();
  actor.q2 = op.q2.begin();
  actor.log_probs = op.log_probs.begin();
  actor.alpha = op.alpha;
  actor.inverse_count = inverse_count(op.q1.dims[0]);
  actor.grad_log_probs = op.grad_log_probs ? op.grad_log_probs.begin() : nullptr;
  actor.grad_q1 = op.grad_q1 ? op.grad_q1.begin() : nullptr;
  actor.grad_q2 = op.grad_q2 ? op.grad_q2.begin() : nullptr;
  return actor;
}

template <class T>
SequenceCritic<T> sequence_critic(const SequenceRlLosses<T>& op) {
  SequenceCritic<T> critic{};
  critic.next_q1 = op.next_q1.begin();
  critic.next_q2 = op.next_q2.begin();
  critic.next_log_probs = op.next_log_probs.begin();
  critic.rewards = op.rewards.begin();
  critic.not_done = op.not_done.begin();
  critic.cur_q1 = op.cur_q1.begin();
  critic.cur_q2 = op.cur_q2.begin();
  critic.alpha = op.alpha;
  critic.gamma = op.gamma;
  critic.inverse_count = inverse_count(op.rewards.dims[0]);
  critic.target = op.critic_target ? op.critic_target.begin() : nullptr;
  critic.grad_q1 = op.grad_cur_q1 ? op.grad_cur_q1.begin() : nullptr;
  critic.grad_q2 = op.grad_cur_q2 ? op.grad_cur_q2.begin() : nullptr;
  return critic;
}

// One trajectory: res = log Z + Σ log P_F − log R − Σ log P_B. Sums res² and res.
template <class T>
struct BalanceRows {
  const T *forward, *backward, *log_reward;
  const int32_t* offsets;
  double log_z, inverse_count;
  T *residual, *grad_forward, *grad_backward;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    const int64_t begin = offsets[row], length = offsets[row + 1] - begin;
    const double flow = sum_over(lanes, length, [this, begin](int64_t k) {
      return static_cast<double>(forward[begin + k]) - static_cast<double>(backward[begin + k]);
    });
    const double res = log_z + flow - static_cast<double>(log_reward[row]);
    if (residual && lanes.first() == 0) residual[row] = static_cast<T>(res);
    const T grad = static_cast<T>(2 * res * inverse_count);
    for (int64_t k = lanes.first(); k < length; k += lanes.step()) {
      if (grad_forward) grad_forward[begin + k] = grad;
      if (grad_backward) grad_backward[begin + k] = -grad;
    }
    return {res * res, res};
  }
};

template <class T>
BalanceRows<T> balance_rows(const GflownetTrajectoryBalance<T>& op) {
  BalanceRows<T> rows{};
  rows.forward = op.forward_log_probs.begin();
  rows.backward = op.backward_log_probs.begin();
  rows.log_reward = op.log_reward.begin();
  rows.offsets = op.offsets.begin();
  rows.log_z = op.log_z;
  rows.inverse_count = inverse_count(op.log_reward.dims[0]);
  rows.residual = op.residual ? op.residual.begin() : nullptr;
  rows.grad_forward = op.grad_forward_log_probs ? op.grad_forward_log_probs.begin() : nullptr;
  rows.grad_backward = op.grad_backward_log_probs ? op.grad_backward_log_probs.begin() : nullptr;
  return rows;
}

}  // namespace belfry::math
