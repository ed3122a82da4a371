// A network of narrow layers in one kernel: a block takes a few rows through all layers, their
// activations in shared memory, the weights streaming through it from L2. For small batches, where
// launches and round trips to DRAM would cost more than the arithmetic.
//
// An element is the same chain of multiply-additions as in products.cu and a norm the same code as
// in norm_row.cuh, so both ways give the same bits.
#pragma once

#include "cuda/flow/layers.cuh"
#include "math/one_step.h"

namespace belfry::cuda {

inline constexpr int kSmallThreads = 256, kSmallLayers = 8;
inline constexpr int64_t kSmallWidth = 512;   // of any layer
inline constexpr int64_t kSmallBatch = 4096;  // beyond it the weights are read too often
template <class T>
inline constexpr int kSmallRows = static_cast<int>(32 / sizeof(T));  // of one block
template <class T>
inline constexpr int kSmallDepth = static_cast<int>(64 / sizeof(T));  // inputs at a time

template <class T>
struct SmallNetwork {
  Layer<T> layers[kSmallLayers];
  int32_t count = 0;
  int32_t stride = 4;  // of a row of activations; a multiple of 4
  double eps = 1e-5;
};

template <class T>
bool is_small(const Network<T>& network, int64_t rows) {
  bool small = network.layers.size() <= kSmallLayers && rows <= kSmallBatch;
  for (const Layer<T>& layer : network.layers) {
    small = small && layer.inputs <= kSmallWidth && layer.outputs <= kSmallWidth;
  }
  return small;
}

template <class T>
SmallNetwork<T> small_network(const Network<T>& network) {
  SmallNetwork<T> small;
  int64_t width = network.inputs();
  for (const Layer<T>& layer : network.layers) {
    small.layers[small.count++] = layer;
    width = std::max(width, layer.outputs);
  }
  small.stride = static_cast<int32_t>(std::max<int64_t>(4, (width + 3) / 4 * 4));
  small.eps = network.eps;
  return small;
}

inline unsigned small_blocks(int64_t rows, int rows_of_block) {
  return static_cast<unsigned>((rows + rows_of_block - 1) / rows_of_block);
}

// y_i = network_i(x_i) for one or two small networks. For float and double.
template <class T>
void small_forward(const Network<T>* const* networks, const T* const* x, T* const* y, int count,
                   int64_t rows, Work& work);

// One chain of a sampler, or both: noise_at_t1[i] tells which is which.
template <class T>
struct Chains {
  const T* noise;
  T* actions[2];
  bool noise_at_t1[2];
  int64_t rows, dims, steps;
  bool clip;

  __device__ T finished(T x) const { return clip ? math::clip_action(x, T(1)) : x; }
};

// All steps of `count` chains in one launch; the network's input is [x, t], its output a velocity.
// For float and double.
template <class T>
void small_sample(const Network<T>& network, const Chains<T>& chains, int count, Work& work);

}  // namespace belfry::cuda
