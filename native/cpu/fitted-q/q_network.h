// The Q-network of an op with lists w and b, and its loss, on the substrate of cpu/flow.
#pragma once

#include "cpu/flow/network_backward.h"
#include "math/q_loss.h"

namespace belfry::cpu {

template <class T, class Op>
Network<T> q_network(const Op& op, CpuContext& context) {
  Network<T> network = make_network<T>(op.w, op.b, op.x.dims[0], context);
  for (int64_t i = 0; i + 1 < network.count; ++i) {
    network.layers[i].activation = math::activation_of(op.activation);
  }
  return network;
}

// Keeps the loss of every row, so that their sum has one order.
template <class T>
class BatchLoss final : public RowLoss<T> {
 public:
  BatchLoss(const math::QRowLoss<T>& row_loss, int64_t batch, CpuContext& context)
      : row_loss_(row_loss), batch_(batch), losses_(context.scratch<double>(batch)) {}

  void operator()(int64_t row, int64_t count, const T* y, T* grad_y) const override {
    const int64_t width = row_loss_.num_actions;
    for (int64_t i = 0; i < count; ++i) {
      losses_[row + i] = row_loss_(row + i, y + i * width, grad_y ? grad_y + i * width : nullptr);
    }
  }
  double mean() const {
    double sum = 0;
    for (int64_t i = 0; i < batch_; ++i) sum += losses_[i];
    return sum * row_loss_.inverse_count;
  }

 private:
  math::QRowLoss<T> row_loss_;
  int64_t batch_;
  double* losses_;
};

}  // namespace belfry::cpu
