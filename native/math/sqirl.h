// SQIRL at one transition and one depth.
#pragma once

#include "math/dqn.h"
#include "math/flags.h"
#include "ops/fitted_q.h"

namespace belfry::math {

template <class T>
struct SqirlRows {
  const T *q_values, *next_q_values, *rewards, *return_to_go, *loss_scale;
  const int32_t* actions;
  FlagReader terminated;
  int64_t depths, num_actions;
  double gamma, reward_scale, inverse_count;
  bool use_huber;
  T *target, *grad;

  // The target of head `depth` for a row.
  BELFRY_HD double target_of(int64_t row, int64_t depth) const {
    if (depth == 0) return reward_scale * static_cast<double>(return_to_go[row]);
    const double reward = reward_scale * static_cast<double>(rewards[row]);
    GreedyChoice<T> best;
    if (!terminated(row) && gamma != 0) {
      const T* const next = next_q_values + (row * depths + depth - 1) * num_actions;
      for (int64_t a = 0; a < num_actions; ++a) best.offer(static_cast<int32_t>(a), next[a]);
    }
    return fqi_bootstrap(reward, gamma, static_cast<double>(best.key), best.action < 0);
  }

  // Writes target and gradient; returns the loss.
  BELFRY_HD double operator()(int64_t row, int64_t depth) const {
    const int64_t at = row * depths + depth;
    const double y = target_of(row, depth);
    if (target) target[at] = static_cast<T>(y);
    const int64_t action = actions[row];
    const double e = static_cast<double>(q_values[at * num_actions + action]) - y;
    const double scale = loss_scale ? static_cast<double>(loss_scale[depth]) : 1;
    if (grad) {
      const double slope = use_huber ? huber_slope(e, 1) : 2 * e;
      for (int64_t a = 0; a < num_actions; ++a) grad[at * num_actions + a] = 0;
      grad[at * num_actions + action] = static_cast<T>(slope * inverse_count / scale);
    }
    return (use_huber ? huber(e, 1) : e * e) / scale;
  }
};

template <class T>
SqirlRows<T> sqirl_rows(const SqirlLoss<T>& op) {
  SqirlRows<T> rows{};
  rows.q_values = op.q_values.begin();
  rows.next_q_values = op.next_q_values.begin();
  rows.rewards = op.rewards.begin();
  rows.return_to_go = op.return_to_go.begin();
  rows.loss_scale = op.loss_scale.present ? op.loss_scale.begin() : nullptr;
  rows.actions = op.actions.begin();
  rows.terminated = read_flags(op.terminated, false);
  rows.depths = op.q_values.dims[1];
  rows.num_actions = op.q_values.dims[2];
  rows.gamma = op.gamma;
  rows.reward_scale = op.reward_scale;
  rows.inverse_count = inverse_count(op.q_values.dims[0]);
  rows.use_huber = op.huber;
  rows.target = op.target.present ? op.target.begin() : nullptr;
  rows.grad = op.grad_q_values.present ? op.grad_q_values.begin() : nullptr;
  return rows;
}

}  // namespace belfry::math
