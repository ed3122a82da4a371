// The deep Q-learning loss: y = r + γ c B(q'), e = Q(s,a) − y, l(e) squared or Huber.
#pragma once

#include "math/fqi.h"
#include "ops/bellman/losses.h"

namespace belfry::math {

// e²/2 up to δ, linear beyond.
BELFRY_HD constexpr double huber(double e, double delta) {
  const double size = e < 0 ? -e : e;
  return size <= delta ? e * e / 2 : delta * (size - delta / 2);
}
BELFRY_HD constexpr double huber_slope(double e, double delta) {
  if (e > delta) return delta;
  return e < -delta ? -delta : e;
}

template <class T>
struct DqnRows {
  FqiRows<T> next;
  const T *q_values, *continuation, *weight;
  const int32_t* actions;
  double delta, inverse_count;
  T *td_error, *grad;

  template <class Lanes>
  BELFRY_HD double target_of(int64_t row, const Lanes& lanes) const {
    const double c = continuation ? static_cast<double>(continuation[row]) : 1;
    const double discount = next.gamma * c;
    NextValue value;
    if (!next.terminated(row) && discount != 0) value = next.next_value(row, lanes);
    return fqi_bootstrap(static_cast<double>(next.rewards[row]), discount, value.value, !value.any);
  }

  // Weighted loss of the row.
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    const double y = target_of(row, lanes);
    const int64_t action = actions[row];
    const int64_t begin = row * next.num_actions;
    const double e = static_cast<double>(q_values[begin + action]) - y;
    const double w = weight ? static_cast<double>(weight[row]) : 1;
    if (lanes.first() == 0) {
      if (next.target) next.target[row] = static_cast<T>(y);
      if (td_error) td_error[row] = static_cast<T>(e);
    }
    if (grad) {
      const double slope = policy_term(w, huber_slope(e, delta)) * inverse_count;
      for (int64_t a = lanes.first(); a < next.num_actions; a += lanes.step()) {
        grad[begin + a] = a == action ? static_cast<T>(slope) : T(0);
      }
    }
    return {policy_term(w, huber(e, delta)), 0};
  }
};

template <class T>
DqnRows<T> dqn_rows(const DqnLoss<T>& op) {
  DqnRows<T> rows{};
  rows.next.next_q = op.next_q_target.begin();
  rows.next.rewards = op.rewards.begin();
  rows.next.select = op.next_q_online ? op.next_q_online.begin() : nullptr;
  rows.next.terminated = read_flags(op.terminated, false);
  rows.next.allowed = read_flags(op.next_action_mask, true);
  rows.next.num_actions = op.q_values.dims[1];
  rows.next.fqi_operator = op.double_q ? FqiOperator::double_q : FqiOperator::max;
  rows.next.gamma = op.gamma;
  rows.next.target = op.target ? op.target.begin() : nullptr;
  rows.q_values = op.q_values.begin();
  rows.continuation = op.continuation ? op.continuation.begin() : nullptr;
  rows.weight = op.weight ? op.weight.begin() : nullptr;
  rows.actions = op.actions.begin();
  rows.delta = op.huber_delta.present ? op.huber_delta.value : kInfinity<double>;
  rows.inverse_count = inverse_count(op.q_values.dims[0]);
  rows.td_error = op.td_error ? op.td_error.begin() : nullptr;
  rows.grad = op.grad_q_values ? op.grad_q_values.begin() : nullptr;
  return rows;
}

}  // namespace belfry::math
