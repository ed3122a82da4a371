// The loss of a Q-network at the actions taken: one launch for the rows, one for their mean.
#pragma once

#include "cuda/flow/network_backward.cuh"
#include "cuda/losses/loss_rows.cuh"
#include "math/q_loss.h"

namespace belfry::cuda {

template <class T>
struct QLossRows {
  math::QRowLoss<T> loss;
  const T* q_values;
  T* grad;  // null: not wanted

  template <class Lanes>
  BELFRY_HD math::LossSums operator()(int64_t row, const Lanes&) const {
    const int64_t at = row * loss.num_actions;
    return {loss(row, q_values + at, grad ? grad + at : nullptr), 0};
  }
};

template <class T>
struct StoreLoss {
  T* loss;
  double share;
  BELFRY_HD void operator()(const math::LossSums& sums) const {
    if (loss) *loss = static_cast<T>(sums.loss * share);
  }
};

template <class T, class Op>
Network<T> q_network(const Op& op) {
  return make_network<T>(op.w, op.b, math::activation_of(op.activation));
}

// Writes the mean loss (null: not wanted) and dL/dq for every row.
template <class T>
void q_loss(const math::QRowLoss<T>& loss, const T* q_values, int64_t batch, T* grad, T* mean,
            Work& work) {
  const QLossRows<T> rows{loss, q_values, grad};
  const LaunchShape shape{dim3(blocks_for(batch, kLossThreads)), dim3(kLossThreads)};
  auto* const partials = work.scratch<math::LossSums>(shape.grid.x);
  work.launch(loss_by_thread<QLossRows<T>>, shape, rows, batch, partials);
  work.launch(store_loss_sums<StoreLoss<T>>, LaunchShape{dim3(1), dim3(kLossThreads)},
              static_cast<const math::LossSums*>(partials), static_cast<int64_t>(shape.grid.x),
              StoreLoss<T>{mean, loss.inverse_count});
}

}  // namespace belfry::cuda
