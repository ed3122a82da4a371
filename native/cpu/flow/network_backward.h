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

template <class T>
struct BackwardRows {
  const T* x = nullptr;       // [rows, inputs]
  const T* grad_y = nullptr;  // [rows, outputs]
  int64_t rows = 0;
  T* y = nullptr;                   // null: not wanted
  T* grad_x = nullptr;              // null: not wanted
  LayerGrads<T>* layers = nullptr;  // one for each layer
};

template <class T>
Status backward(const Network<T>& network, const BackwardRows<T>& task, CpuContext& context);

}  // namespace belfry::cpu
