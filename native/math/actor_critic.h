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

// What the next state is worth by two target critics at several draws: the smaller of their
// largest, or mean or smaller of both at the draw that their mean likes best.
enum class NextChoice { least_of_largest, mean_of_best, least_of_best };

template <class T>
struct DqlCriticRows {
  const T *target_q1, *target_q2, *rewards, *q1, *q2;
  FlagReader terminated;
  double gamma, inverse;
  int64_t draws;
  T *target, *grad_q1, *grad_q2;
  NextChoice next;

  BELFRY_HD double mean_at(int64_t i) const {
    return (static_cast<double>(target_q1[i]) + static_cast<double>(target_q2[i])) / 2;
  }
  // Ties go to the first draw; a NaN never wins over a number.
  BELFRY_HD double value_of_best(int64_t row) const {
    int64_t best = row * draws;
    double most = mean_at(best);
    for (int64_t i = best + 1; i < (row + 1) * draws; ++i) {
      const double mean = mean_at(i);
      if (!(mean > most) && !(most != most && mean == mean)) continue;
      most = mean;
      best = i;
    }
    if (next == NextChoice::mean_of_best) return most;
    return smaller_value(static_cast<double>(target_q1[best]),
                         static_cast<double>(target_q2[best]));
  }
  BELFRY_HD double next_value(int64_t row) const {
    if (next != NextChoice::least_of_largest) return value_of_best(row);
    return smaller_value(largest(target_q1, row), largest(target_q2, row));
  }
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
    return reward + gamma * next_value(row);
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

// The same of the mean of two critics.
template <class T>
struct MeanSizeRows {
  const T *q1, *q2;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes&) const {
    const double value = (static_cast<double>(q1[row]) + static_cast<double>(q2[row])) / 2;
    return {value, value < 0 ? -value : value};
  }
};

constexpr NextChoice next_choice_of(QAggregate aggregate) {
  return aggregate == QAggregate::min ? NextChoice::least_of_best : NextChoice::mean_of_best;
}

// The gradient of a residual policy's action: past the clip to [−1, 1] where it lies inside, and of
// `share` times how far it leaves.
template <class T>
struct BoundStep {
  T share;

  BELFRY_HD T gradient(T g, T of_clipped) const {
    return g > T(1) ? share : g < T(-1) ? -share : of_clipped;
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

struct FqlSums {
  double critic, flow, distill, q, size;
};

// One state: its target, and its critics' errors. q_values are [critics, rows].
template <class T>
struct FqlCriticRows {
  const T *next_q, *rewards, *mask, *q_values;
  double gamma, inverse;
  bool smallest;
  int64_t critics, count;
  T *target, *grad;

  BELFRY_HD double next_value(int64_t row) const {
    double mean = 0, least = static_cast<double>(next_q[row]);
    for (int64_t e = 0; e < critics; ++e) {
      const double q = static_cast<double>(next_q[e * count + row]);
      mean += q;
      least = smaller_value(least, q);
    }
    return smallest ? least : mean / static_cast<double>(critics);
  }
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes&) const {
    const double discount = gamma * static_cast<double>(mask[row]);
    double y = static_cast<double>(rewards[row]), squares = 0;
    if (discount != 0 && critics > 0) y += discount * next_value(row);
    if (target) target[row] = static_cast<T>(y);
    for (int64_t e = 0; e < critics; ++e) {
      const double error = static_cast<double>(q_values[e * count + row]) - y;
      if (grad) grad[e * count + row] = static_cast<T>(2 * error * inverse);
      squares += error * error;
    }
    return {squares, 0};
  }
};

template <class T>
FqlCriticRows<T> fql_critic_rows(const FqlLosses<T>& op) {
  FqlCriticRows<T> rows{};
  rows.next_q = op.next_q_values.begin();
  rows.rewards = op.rewards.begin();
  rows.mask = op.mask.begin();
  rows.q_values = op.q_values.begin();
  rows.gamma = op.gamma;
  rows.critics = op.q_values.dims[0];
  rows.count = op.q_values.dims[1];
  rows.inverse = inverse_elements(rows.count, rows.critics);
  rows.smallest = op.q_agg == QAggregate::min;
  rows.target = data_of(op.target);
  rows.grad = data_of(op.grad_q_values);
  return rows;
}

// One action entry: squares of the flow and of the distillation.
template <class T>
struct FqlActorRows {
  const T *actions, *noise, *t, *pred_velocity, *onestep_action, *flow_action;
  double alpha, inverse;
  int64_t dims;
  T *x_t, *grad_velocity, *grad_distill;
  uint8_t* passes;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    const double a = static_cast<double>(actions[i]), e = static_cast<double>(noise[i]);
    const double student = static_cast<double>(onestep_action[i]);
    const double teacher = static_cast<double>(flow_action[i]);
    const double flow = static_cast<double>(pred_velocity[i]) - (a - e);
    const double apart = student - (teacher < -1 ? -1 : teacher > 1 ? 1 : teacher);
    if (x_t) x_t[i] = static_cast<T>(on_path(static_cast<double>(t[i / dims]), e, a));
    if (grad_velocity) grad_velocity[i] = static_cast<T>(2 * flow * inverse);
    if (grad_distill) grad_distill[i] = static_cast<T>(2 * alpha * apart * inverse);
    if (passes) passes[i] = student >= -1 && student <= 1;
    return {flow * flow, apart * apart};
  }
};

template <class T>
FqlActorRows<T> fql_actor_rows(const FqlLosses<T>& op) {
  FqlActorRows<T> rows{};
  rows.actions = op.actions.begin();
  rows.noise = op.noise.begin();
  rows.t = op.t.begin();
  rows.pred_velocity = op.pred_velocity.begin();
  rows.onestep_action = op.onestep_action.begin();
  rows.flow_action = op.flow_action_unclipped.begin();
  rows.alpha = op.alpha;
  rows.dims = op.actions.dims[1];
  rows.inverse = inverse_elements(op.actions.dims[0], rows.dims);
  rows.x_t = data_of(op.x_t);
  rows.grad_velocity = data_of(op.grad_pred_velocity);
  rows.grad_distill = data_of(op.grad_onestep_distill);
  rows.passes = data_of(op.q_grad_passes);
  return rows;
}

// Σ over the critics of Q, and the absolute value of their mean.
template <class T>
struct FqlSizeRows {
  const T* q_policy;
  int64_t critics, count;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes&) const {
    double sum = 0;
    for (int64_t e = 0; e < critics; ++e) sum += static_cast<double>(q_policy[e * count + row]);
    return {sum, (sum < 0 ? -sum : sum) * inverse_count(critics)};
  }
};

// Scalars, and the gradient with respect to every Q of the policy's action.
template <class T>
struct FqlFinalRows {
  const FqlSums* sums;
  double alpha, inverse_rows, inverse_q, inverse_actions;
  bool normalize;
  T *critic_loss, *bc_flow_loss, *distill_loss, *q_loss, *actor_loss, *grad_q_policy;

  BELFRY_HD double scale() const {
    return normalize ? normalised(1, sums->size * inverse_rows) : 1;
  }
  BELFRY_HD void write_scalars() const {
    const double flow = sums->flow * inverse_actions, distill = sums->distill * inverse_actions;
    const double q = -sums->q * inverse_q * scale();
    if (critic_loss) *critic_loss = static_cast<T>(sums->critic * inverse_q);
    if (bc_flow_loss) *bc_flow_loss = static_cast<T>(flow);
    if (distill_loss) *distill_loss = static_cast<T>(distill);
    if (q_loss) *q_loss = static_cast<T>(q);
    if (actor_loss) *actor_loss = static_cast<T>(flow + alpha * distill + q);
  }
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    if (i == 0) {
      write_scalars();
    } else if (grad_q_policy) {
      grad_q_policy[i - 1] = static_cast<T>(-inverse_q * scale());
    }
    return {};
  }
};

// To be run over one row more than there are values of Q.
// `grad_q`: of the policy's actions, [critics, B].
template <class T, class Op>
FqlFinalRows<T> fql_final_rows(const Op& op, int64_t critics, const FqlSums* sums, T* grad_q) {
  const int64_t num_rows = op.actions.dims[0];
  FqlFinalRows<T> rows{};
  rows.sums = sums;
  rows.alpha = op.alpha;
  rows.inverse_rows = inverse_count(num_rows);
  rows.inverse_q = inverse_elements(num_rows, critics);
  rows.inverse_actions = inverse_elements(num_rows, op.actions.dims[1]);
  rows.normalize = op.normalize_q_loss;
  rows.critic_loss = data_of(op.critic_loss);
  rows.bc_flow_loss = data_of(op.bc_flow_loss);
  rows.distill_loss = data_of(op.distill_loss);
  rows.q_loss = data_of(op.q_loss);
  rows.actor_loss = data_of(op.actor_loss);
  rows.grad_q_policy = grad_q;
  return rows;
}

}  // namespace belfry::math
