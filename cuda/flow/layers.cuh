// The layers of a network as kernels see them, and their making from an op's lists.
#pragma once

#include <algorithm>
#include <vector>

#include "cuda/flow/norm_rows.cuh"
#include "cuda/flow/products.cuh"
#include "ops/flow/network.h"

namespace belfry::cuda {

// z = x Wᵀ + add → [norm] → f → [norm]
template <class T>
struct Layer {
  const T* weight = nullptr;
  int64_t stride = 0;      // from one row of W to the next
  const T* add = nullptr;  // the bias, or a row for each group of add_group samples; null: 0
  int64_t add_group = kOneGroup;
  const T* gamma = nullptr;
  const T* beta = nullptr;
  int64_t inputs = 0, outputs = 0;
  Activation activation = Activation::identity;
  Norm norm = Norm::none;
};

template <class T>
struct Network {
  std::vector<Layer<T>> layers;
  double eps = 1e-5;

  int64_t inputs() const { return layers.front().inputs; }
  int64_t outputs() const { return layers.back().outputs; }
};

// Every layer but the last takes `hidden`.
template <class T, class Weights>
Network<T> make_network(const List<Weights>& weights, const List<In<T, 1>>& biases,
                        Activation hidden = Activation::identity) {
  Network<T> network;
  for (int64_t i = 0; i < weights.count; ++i) {
    Layer<T> layer;
    layer.weight = static_cast<const T*>(weights[i].data);
    layer.outputs = weights[i].dims[0];
    layer.inputs = layer.stride = weights[i].dims[1];
    if (i < biases.count && biases[i].present) layer.add = biases[i].begin();
    if (i + 1 < weights.count) layer.activation = hidden;
    network.layers.push_back(layer);
  }
  return network;
}

// The network of an op with lists of activations, norms, their scales and shifts.
template <class T, class Op>
Network<T> network_of(const Op& op) {
  Network<T> network = make_network<T>(op.weight, op.bias);
  network.eps = op.ln_eps;
  for (size_t l = 0; l < network.layers.size(); ++l) {
    const auto i = static_cast<int64_t>(l);
    Layer<T>& layer = network.layers[l];
    if (i < op.activations.count) layer.activation = op.activations[i];
    if (i < op.norms.count) layer.norm = op.norms[i];
    if (i < op.ln_gamma.count && op.ln_gamma[i].present) layer.gamma = op.ln_gamma[i].begin();
    if (i < op.ln_beta.count && op.ln_beta[i].present) layer.beta = op.ln_beta[i].begin();
  }
  return network;
}

inline Status no_layers(const char* name) {
  return Status::error(Code::invalid_argument, name, "is missing; a network has layers");
}

// Columns [first, first + count) of W, without the bias.
template <class T>
Layer<T> columns_of(const Layer<T>& layer, int64_t first, int64_t count) {
  Layer<T> part = layer;
  if (part.weight) part.weight += first;
  part.inputs = count;
  part.add = nullptr;
  part.add_group = kOneGroup;
  return part;
}

// x W_partᵀ + add for each of `rows`: the part of layer 1 that several samples or steps share.
template <class T>
const T* shared_part(const Layer<T>& part, const T* add, const T* x, int64_t rows, Work& work) {
  T* out = work.scratch<T>(rows * part.outputs);
  Product<T> product =
      make_product(x, part.inputs, part.weight, part.stride, rows, part.outputs, part.inputs);
  product.end.add = add;
  product.end.out = out;
  multiply(ProductForm::nt, product, work);
  return out;
}

// On the way out of the product x Wᵀ: z (null: not kept) and out (null: not wanted). Where a norm
// follows, the activation is its business.
template <class T>
Epilogue<T> layer_end(const Layer<T>& layer, T* z, T* out) {
  Epilogue<T> end;
  end.add = layer.add;
  end.add_group = layer.add_group;
  if (layer.norm == Norm::none) {
    end.activation = layer.activation;
    end.before = z;
    end.out = out;
  } else {
    end.out = z ? z : out;
  }
  return end;
}

template <class T>
__host__ __device__ NormRows<T> norm_of(const Layer<T>& layer, double eps) {
  NormRows<T> rows;
  rows.gamma = layer.gamma;
  rows.beta = layer.beta;
  rows.width = layer.outputs;
  rows.eps = eps;
  rows.activation = layer.activation;
  rows.place = layer.norm;
  return rows;
}

}  // namespace belfry::cuda
