// Reverse-mode derivative of a network whose forward pass was kept, from the last layer down. The
// product that carries a gradient to a layer multiplies it by that layer's f' on the way out. 4 P
// flops per row.
#pragma once

#include "cuda/flow/network.cuh"

namespace belfry::cuda {

// Where the gradients of one layer go; null: not wanted.
template <class T>
struct LayerGrads {
  T* weight = nullptr;
  T* bias = nullptr;
  T* gamma = nullptr;
  T* beta = nullptr;

  bool any() const { return weight || bias || gamma || beta; }
};

// Down to layer `lowest`, whose dL/dz is returned; `grad_x`, where not null, asks for lowest = 0.
// For float and double.
template <class T>
const T* backward(const Network<T>& network, const std::vector<LayerTrace<T>>& traces,
                  const T* grad_y, int64_t rows, const std::vector<LayerGrads<T>>& grads,
                  size_t lowest, T* grad_x, Work& work);

}  // namespace belfry::cuda
