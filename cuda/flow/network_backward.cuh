// Reverse-mode derivative of a network whose forward pass was kept, from the last layer down. The
// product that carries a gradient to a layer multiplies it by that layer's f' on the way out. 4 P
// flops per row.
#pragma once

#include "cuda/flow/columns.cuh"
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

namespace detail {

template <class T>
__global__ void times_slope(Activation activation, const T* z, const T* grad, int64_t count,
                            T* out) {
  for (int64_t i : grid_stride(count)) {
    out[i] = grad[i] * math::activation_jet(activation, z[i]).slope;
  }
}

// Of a layer with a norm: dL/dz from dL/dout; scale and shift get theirs.
template <class T>
const T* through_norm(const Layer<T>& layer, double eps, const T* z, const T* grad, int64_t rows,
                      const LayerGrads<T>& grads, Work& work) {
  T* const out = work.scratch<T>(rows * layer.outputs);
  NormRows<T> norm = norm_of(layer, eps);
  norm.z = z;
  norm.grad = grad;
  norm.grad_out = out;
  const bool pre = layer.norm == Norm::pre;
  if (grads.gamma || grads.beta) norm.stats = work.scratch<math::RowStats>(rows);
  if (norm.stats && pre) norm.grad_affine = work.scratch<T>(rows * layer.outputs);
  normalise(norm, rows, work);
  const T* const of_affine = pre ? norm.grad_affine : grad;
  if (grads.gamma) {
    const Activation before = pre ? Activation::identity : layer.activation;
    column_sums(ScaleTerm<T>{of_affine, z, norm.stats, before}, rows, layer.outputs, grads.gamma,
                work);
  }
  if (grads.beta) {
    column_sums(PlainTerm<T>{of_affine}, rows, layer.outputs, grads.beta, work);
  }
  return out;
}

template <class T>
void parameter_gradients(const Layer<T>& layer, const LayerTrace<T>& trace, const T* grad_z,
                         int64_t rows, const LayerGrads<T>& grads, Work& work) {
  if (grads.bias) column_sums(PlainTerm<T>{grad_z}, rows, layer.outputs, grads.bias, work);
  if (!grads.weight) return;
  Product<T> product = make_product(grad_z, layer.outputs, trace.input, layer.inputs, layer.outputs,
                                    layer.inputs, rows);
  product.end.out = grads.weight;
  multiply_over_rows(product, work);
}

// A norm is undone in a step of its own.
template <class T>
bool slope_in_product(const Layer<T>& layer) {
  return layer.norm == Norm::none && layer.activation != Activation::identity;
}

}  // namespace detail

// Down to layer `lowest`, whose dL/dz is returned; `grad_x`, where not null, asks for lowest = 0.
template <class T>
const T* backward(const Network<T>& network, const std::vector<LayerTrace<T>>& traces,
                  const T* grad_y, int64_t rows, const std::vector<LayerGrads<T>>& grads,
                  size_t lowest, T* grad_x, Work& work) {
  const T* grad = grad_y;  // dL/dz where `done`, else dL/dout
  bool done = false;
  for (size_t i = network.layers.size(); work.ok() && i-- > lowest;) {
    const Layer<T>& layer = network.layers[i];
    if (layer.norm != Norm::none) {
      grad = detail::through_norm(layer, network.eps, traces[i].z, grad, rows, grads[i], work);
    } else if (!done && layer.activation != Activation::identity) {
      const int64_t size = rows * layer.outputs;
      T* const out = work.scratch<T>(size);
      work.for_each(size, detail::times_slope<T>, layer.activation, traces[i].z, grad, size, out);
      grad = out;
    }
    detail::parameter_gradients(layer, traces[i], grad, rows, grads[i], work);
    if (i == lowest && !grad_x) break;
    Product<T> product = make_product(grad, layer.outputs, layer.weight, layer.stride, rows,
                                      layer.inputs, layer.outputs);
    product.end.out = i == 0 ? grad_x : work.scratch<T>(rows * layer.inputs);
    done = i > 0 && detail::slope_in_product(network.layers[i - 1]);
    if (done) {
      product.end.activation = network.layers[i - 1].activation;
      product.end.slope_at = traces[i - 1].z;
    }
    multiply<ProductForm::nn>(product, work);
    if (i > lowest) grad = product.end.out;
  }
  return grad;
}

}  // namespace belfry::cuda
