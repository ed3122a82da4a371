// Forward evaluation of a network, with or without its derivative along a tangent, layer by layer:
// a product with bias and activation in its epilogue; a norm is a kernel of its own. Small networks
// over small batches run in one kernel instead.
#pragma once

#include "cuda/flow/small_network.cuh"

namespace belfry::cuda {

// What a layer leaves for the way back.
template <class T>
struct LayerTrace {
  const T* input = nullptr;  // [rows, inputs]
  const T* z = nullptr;      // [rows, outputs], x Wᵀ + add
};

template <class T>
struct Evaluation {
  const T* x = nullptr;          // [rows, inputs]
  const T* tangent_x = nullptr;  // null: no derivative
  int64_t rows = 0;
  T* y = nullptr;          // null: not wanted
  T* tangent_y = nullptr;  // wanted where tangent_x is given
};

// All below: for float and double.

// Two buffers for the outputs of hidden layers in turn.
template <class T>
struct LayerBuffers {
  T* memory[2] = {};
};

template <class T>
LayerBuffers<T> layer_buffers(const Network<T>& network, int64_t rows, Work& work);

// y alone, layer by layer.
template <class T>
void forward_layers(const Network<T>& network, Evaluation<T> call, const LayerBuffers<T>& buffers,
                    Work& work);

// The same with the derivative; inputs and pre-activations of all layers stay in scratch memory.
template <class T>
std::vector<LayerTrace<T>> forward_keeping(const Network<T>& network, Evaluation<T> call,
                                           Work& work);

template <class T>
void forward(const Network<T>& network, const T* x, int64_t rows, T* y, Work& work);

// Two networks over the same number of rows; one launch where both are small.
template <class T>
void forward_both(const Network<T>& first, const Network<T>& second, const T* first_x,
                  const T* second_x, int64_t rows, T* first_y, T* second_y, Work& work);

}  // namespace belfry::cuda
