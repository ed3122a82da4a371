// A multi-layer perceptron over blocks of rows: its layers, forward and forward-mode evaluation.
// Rows are independent of each other and of the block they are evaluated in, bit for bit; only the
// choice between the two forms of product (cpu/linalg/products.h) depends on the size of the batch.
#pragma once

#include "cpu/context.h"
#include "cpu/flow/norm_rows.h"
#include "cpu/linalg/products.h"
#include "ops/flow/network.h"

namespace belfry::cpu {

// y = x Wᵀ + b, or a part of the columns of W.
template <class T>
struct Linear {
  const T* weight = nullptr;
  const Bf16* half = nullptr;  // in place of `weight`, for a few rows of float
  int64_t stride = 0;          // from one row of W to the next
  const T* bias = nullptr;
  int64_t inputs = 0, outputs = 0;
  bool few = false;  // the batch is a handful of rows
};

// The columns [first, first + count) of W, without the bias.
template <class T>
Linear<T> columns_of(const Linear<T>& linear, int64_t first, int64_t count);

template <class T>
struct Layer {
  Linear<T> linear;
  Activation activation = Activation::identity;
  Norm norm = Norm::none;
  const T* gamma = nullptr;
  const T* beta = nullptr;
};

template <class T>
struct Network {
  Layer<T>* layers = nullptr;
  int64_t count = 0;
  double eps = 1e-5;

  int64_t inputs() const { return layers[0].linear.inputs; }
  int64_t outputs() const { return layers[count - 1].linear.outputs; }
  // The widest of the layers' outputs.
  int64_t widest() const {
    int64_t width = 1;
    for (int64_t i = 0; i < count; ++i) width = std::max(width, layers[i].linear.outputs);
    return width;
  }
  // Weights and biases of the layers from `first` on.
  int64_t parameters(int64_t first = 0) const {
    int64_t sum = 0;
    for (int64_t i = first; i < count; ++i) {
      sum += layers[i].linear.outputs * (layers[i].linear.inputs + 1);
    }
    return sum;
  }
};

// Identity activations, no norms; for batches of `rows`.
template <class T, class Weights>
Network<T> make_network(const List<Weights>& weights, const List<In<T, 1>>& biases, int64_t rows,
                        CpuContext& context);

// The layers but the last take `hidden`.
template <class T>
Network<T> hidden_network(const List<In<T, 2>>& weights, const List<In<T, 1>>& biases,
                          Activation hidden, int64_t rows, CpuContext& context) {
  const Network<T> network = make_network<T>(weights, biases, rows, context);
  for (int64_t i = 0; i + 1 < network.count; ++i) network.layers[i].activation = hidden;
  return network;
}

// The network of an op with lists of activations, norms, their scales and shifts.
template <class T, class Op>
Network<T> make_network(const Op& op, int64_t rows, CpuContext& context) {
  Network<T> network = make_network<T>(op.weight, op.bias, rows, context);
  network.eps = op.ln_eps;
  for (int64_t i = 0; i < network.count; ++i) {
    Layer<T>& layer = network.layers[i];
    if (i < op.activations.count) layer.activation = op.activations[i];
    if (i < op.norms.count) layer.norm = op.norms[i];
    if (i < op.ln_gamma.count && op.ln_gamma[i]) layer.gamma = op.ln_gamma[i].begin();
    if (i < op.ln_beta.count && op.ln_beta[i]) layer.beta = op.ln_beta[i].begin();
  }
  return network;
}

// y[rows, outputs] = x Wᵀ + b, or y += x Wᵀ.
template <class T>
void apply(const Linear<T>& linear, const T* x, int64_t x_stride, int64_t rows, T* y,
           bool accumulate = false);

// Norm and activation of one layer, in place.
template <class T>
void finish_layer(const Network<T>& network, const Layer<T>& layer, T* z, int64_t rows);

// The layers from `first` on. `work` holds 2 · rows · widest().
template <class T>
void forward_rows(const Network<T>& network, int64_t first, const T* x, int64_t rows, T* y,
                  T* work);

// The same with the derivative along tangent_x. `work` holds 4 · rows · widest().
template <class T>
void forward_tangent_rows(const Network<T>& network, const T* x, const T* tangent_x, int64_t rows,
                          T* y, T* tangent_y, T* work);

template <class T>
NormRows<T> norm_of(const Network<T>& network, const Layer<T>& layer, int64_t rows) {
  return {layer.gamma, layer.beta, rows, layer.linear.outputs, network.eps};
}

// How rows are shared out: blocks whose activations stay in L1 and L2, several in a piece when
// there is little to do for each. Depends on sizes only.
struct RowBlocks {
  int64_t rows = 0;   // of the batch
  int64_t block = 1;  // of one block
  int64_t chunk = 1;  // of one piece; a multiple of `block`

  int64_t blocks() const { return (rows + block - 1) / block; }
  int64_t pieces() const { return (rows + chunk - 1) / chunk; }
};
RowBlocks row_blocks(int64_t rows, int64_t widest, int64_t work_per_row);

// body(first, count, block index) for every block, over the threads.
template <class Body>
void for_each_block(const RowBlocks& blocks, CpuContext& context, const Body& body) {
  context.parallel(blocks.rows, blocks.chunk, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; row += blocks.block) {
      body(row, std::min(blocks.block, end - row), row / blocks.block);
    }
  });
}

}  // namespace belfry::cpu
