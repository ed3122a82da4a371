// Reverse-mode derivative of a network: forward with the values kept, then the layers from the
// last. In one go where the gradient of the outputs is known before, in two halves where it follows
// from them.
#pragma once

#include "cpu/flow/network.h"

namespace belfry::cpu {

// Where the gradients of one layer go; null: not wanted.
template <class T>
struct LayerGrads {
  T* weight = nullptr;
  T* bias = nullptr;
  T* gamma = nullptr;
  T* beta = nullptr;
};

// LayerGrads of a network that go nowhere yet.
template <class T>
LayerGrads<T>* no_gradients(const Network<T>& network, CpuContext& context) {
  auto* grads = context.scratch<LayerGrads<T>>(network.count);
  for (int64_t i = 0; i < network.count; ++i) grads[i] = LayerGrads<T>{};
  return grads;
}

// Columns of the inputs whose gradient is wanted; a count of −1: all.
struct InputWindow {
  int64_t first = 0, count = -1;
};

// A loss that is known once the outputs are: grad_y of rows [row, row + count) from their y.
template <class T>
class RowLoss {
 public:
  virtual void operator()(int64_t row, int64_t count, const T* y, T* grad_y) const = 0;

 protected:
  ~RowLoss() = default;
};

template <class T>
struct BackwardRows {
  const T* x = nullptr;              // [rows, inputs]
  const T* grad_y = nullptr;         // [rows, outputs]
  const RowLoss<T>* loss = nullptr;  // in place of grad_y
  int64_t rows = 0;
  T* y = nullptr;       // null: not wanted
  T* grad_x = nullptr;  // null: not wanted; [rows, count of the window]
  InputWindow window = {};
  LayerGrads<T>* layers = nullptr;  // one for each layer; null: none is wanted
};

template <class T>
Status backward(const Network<T>& network, const BackwardRows<T>& task, CpuContext& context);

// What one layer keeps, for all rows.
template <class T>
struct Trace {
  const T* input = nullptr;
  T* linear = nullptr;  // x Wᵀ + b, later its gradient
  T* middle = nullptr;  // between activation and norm, where there is a norm
  math::RowStats* stats = nullptr;
  double* sums = nullptr;  // [blocks][bias, gamma, beta][outputs]
};

template <class T>
struct KeptPass {
  Network<T> network;
  BackwardRows<T> task;  // its gradients are set between the halves
  RowBlocks blocks;
  Trace<T>* traces = nullptr;
};

// Memory for a pass; `task.y` is made where it is null.
template <class T>
KeptPass<T> make_pass(const Network<T>& network, const BackwardRows<T>& task, CpuContext& context);

template <class T>
void forward_pass(const KeptPass<T>& pass, CpuContext& context);

// Once after forward_pass: the kept values are gone.
template <class T>
Status backward_pass(const KeptPass<T>& pass, CpuContext& context);

// ẏ of the rows listed, along their ẋ, between the halves. For networks without norms.
template <class T>
void tangent_pass(const KeptPass<T>& pass, const int32_t* rows, int64_t count, const T* tangent_x,
                  T* tangent_y, CpuContext& context);

}  // namespace belfry::cpu
