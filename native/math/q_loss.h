// The regression loss of a Q-network at the action taken.
#pragma once

#include "math/dqn.h"
#include "ops/fitted_q.h"
#include "ops/flow/network.h"

namespace belfry::math {

// Squared error is Huber without a bend.
inline double bend_of(QLossKind kind, double huber_delta) {
  return kind == QLossKind::huber ? huber_delta : kInfinity<double>;
}

inline Activation activation_of(QActivation activation) {
  return activation == QActivation::tanh ? Activation::tanh : Activation::relu;
}

// Loss and gradient of one row; `q` and `grad` may be the same memory.
template <class T>
struct QRowLoss {
  const int32_t* actions;
  const T* target;
  int64_t num_actions;
  double delta, inverse_count;
  const T* weight = nullptr;  // of each row; null: 1
  T* td_error = nullptr;      // null: not wanted

  BELFRY_HD double operator()(int64_t row, const T* q, T* grad) const {
    const int64_t action = actions[row];
    const double e = static_cast<double>(q[action]) - static_cast<double>(target[row]);
    const double share = weight ? static_cast<double>(weight[row]) : 1;
    if (td_error) td_error[row] = static_cast<T>(e);
    if (grad) {
      for (int64_t a = 0; a < num_actions; ++a) grad[a] = 0;
      grad[action] = static_cast<T>(policy_term(share, huber_slope(e, delta)) * inverse_count);
    }
    return policy_term(share, huber(e, delta));
  }
};

template <class T, class Op>
QRowLoss<T> q_row_loss(const Op& op) {
  const int64_t batch = op.x.dims[0];
  return {op.actions.begin(), op.target.begin(), op.w[op.w.count - 1].dims[0],
          bend_of(op.loss_kind, op.huber_delta), inverse_count(batch)};
}

}  // namespace belfry::math
