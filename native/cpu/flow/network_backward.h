// Reverse-mode derivative of a network: forward with the values kept, then the layers from the
// last.
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

// A loss that is known once the outputs are: grad_y of rows [row, row + count) from their y. The
// two may be the same memory.
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
  T* y = nullptr;                   // null: not wanted
  T* grad_x = nullptr;              // null: not wanted
  LayerGrads<T>* layers = nullptr;  // one for each layer
};

template <class T>
Status backward(const Network<T>& network, const BackwardRows<T>& task, CpuContext& context);

}  // namespace belfry::cpu
