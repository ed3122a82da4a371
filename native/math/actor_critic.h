// Losses of critics and of actors that climb them: Diffusion-QL and flow Q-learning. Sums over the
// batch are made first, in memory of their own; what depends on them comes after.
#pragma once

#include <cmath>

#include "math/flags.h"
#include "math/flow_losses.h"
#include "math/fqi.h"
#include "ops/flow/training.h"

namespace belfry::math {

// A NaN stays.
BELFRY_HD constexpr double larger_value(double a, double b) { return b > a || b != b ? b : a; }
BELFRY_HD constexpr double smaller_value(double a, double b) { return b < a || b != b ? b : a; }

// −Σ q/(count · size): a Q loss divided by the size of a critic; 0 where that size is 0.
BELFRY_HD constexpr double normalised(double x, double size) { return size == 0 ? 0 : x / size; }

// Sums that the outputs of a step are made of.
struct DqlSums {
  double critic, q1, q2, size1, size2;
};

template <class T>
struct DqlCriticRows {
  const T *target_q1, *target_q2, *rewards, *q1, *q2;
  FlagReader terminated;
  double gamma, inverse;
  int64_t draws;
  T *target, *grad_q1, *grad_q2;

  BELFRY_HD double largest(const T* q, int64_t row) const {
    double best = static_cast<double>(q[row * draws]);
    for (int64_t k = 1; k < draws; ++k) {
      best = larger_value(best, static_cast<double>(q[row * draws + k]));
    }
    return best;
  }
  BELFRY_HD double target_of(int64_t row) const {
    const double reward = static_cast<double>(rewards[row]);
    if (draws == 0 || gamma == 0 || terminated(row)) return reward;
    return reward + gamma * smaller_value(largest(target_q1, row), largest(target_q2, row));
  }
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes&) const {
    const double y = target_of(row);
    const double e1 = static_cast<double>(q1[row]) - y, e2 = static_cast<double>(q2[row]) - y;
    if (target) target[row] = static_cast<T>(y);
    if (grad_q1) grad_q1[row] = static_cast<T>(2 * e1 * inverse);
    if (grad_q2) grad_q2[row] = static_cast<T>(2 * e2 * inverse);
    return {e1 * e1 + e2 * e2, 0};
  }
};

template <class T>
DqlCriticRows<T> dql_critic_rows(const DiffusionQlLosses<T>& op) {
  DqlCriticRows<T> rows{};
  rows.target_q1 = op.target_q1.begin();
  rows.target_q2 = op.target_q2.begin();
  rows.rewards = op.rewards.begin();
  rows.q1 = op.q1.begin();
  rows.q2 = op.q2.begin();
  rows.terminated = read_flags(op.terminated, false);
  rows.gamma = op.gamma;
  rows.inverse = inverse_count(op.rewards.dims[0]);
  rows.draws = op.target_q1.dims[1];
  rows.target = data_of(op.target);
  rows.grad_q1 = data_of(op.grad_q1);
  rows.grad_q2 = data_of(op.grad_q2);
  return rows;
}

// Σ Q and Σ |Q|.
template <class T>
struct SizeRows {
  const T* q;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes&) const {
    const double value = static_cast<double>(q[row]);
    return {value, value < 0 ? -value : value};
  }
};

// Scalars of one step, and the gradients with respect to the new Q of every row.
template <class T>
struct DqlActorRows {
  const DqlSums* sums;
  double eta, bc_loss, inverse;
  T *critic_loss, *q_loss_a, *q_loss_b, *actor_loss_a, *actor_loss_b, *grad_q1_new, *grad_q2_new;

  BELFRY_HD void write_scalars() const {
    const double a = -normalised(sums->q1, sums->size2), b = -normalised(sums->q2, sums->size1);
    if (critic_loss) *critic_loss = static_cast<T>(sums->critic * inverse);
    if (q_loss_a) *q_loss_a = static_cast<T>(a);
    if (q_loss_b) *q_loss_b = static_cast<T>(b);
    if (actor_loss_a) *actor_loss_a = static_cast<T>(bc_loss + eta * a);
    if (actor_loss_b) *actor_loss_b = static_cast<T>(bc_loss + eta * b);
  }
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes&) const {
    if (row == 0) {
      write_scalars();
    } else {
      if (grad_q1_new) grad_q1_new[row - 1] = static_cast<T>(-eta * normalised(1, sums->size2));
      if (grad_q2_new) grad_q2_new[row - 1] = static_cast<T>(-eta * normalised(1, sums->size1));
    }
    return {};
  }
};

// To be run over one row more than the batch has.
template <class T>
DqlActorRows<T> dql_actor_rows(const DiffusionQlLosses<T>& op, const DqlSums* sums) {
  DqlActorRows<T> rows{};
  rows.sums = sums;
  rows.eta = op.eta;
  rows.bc_loss = op.bc_loss;
  rows.inverse = inverse_count(op.rewards.dims[0]);
  rows.critic_loss = data_of(op.critic_loss);
  rows.q_loss_a = data_of(op.q_loss_a);
  rows.q_loss_b = data_of(op.q_loss_b);
  rows.actor_loss_a = data_of(op.actor_loss_a);
  rows.actor_loss_b = data_of(op.actor_loss_b);
  rows.grad_q1_new = data_of(op.grad_q1_new);
  rows.grad_q2_new = data_of(op.grad_q2_new);
  return rows;
}

}  // namespace belfry::math
