// The launches of a network's way back.
#include "cuda/flow/network_backward.cuh"

#include "cuda/flow/columns.cuh"
#include "math/activations.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void times_slope(Activation activation, const T* z, const T* grad, int64_t count,
                            T* out) {
#pragma unroll 1
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
    column_sums(ColumnTerm<T>{of_affine, z, norm.stats, before}, rows, layer.outputs, grads.gamma,
                work);
  }
  if (grads.beta) {
    column_sums(ColumnTerm<T>{of_affine}, rows, layer.outputs, grads.beta, work);
  }
  return out;
}

template <class T>
void parameter_gradients(const Layer<T>& layer, const LayerTrace<T>& trace, const T* grad_z,
                         int64_t rows, const LayerGrads<T>& grads, Work& work) {
  if (grads.bias) column_sums(ColumnTerm<T>{grad_z}, rows, layer.outputs, grads.bias, work);
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

}  // namespace

template <class T>
const T* backward(const Network<T>& network, const std::vector<LayerTrace<T>>& traces,
                  const T* grad_y, int64_t rows, const std::vector<LayerGrads<T>>& grads,
                  size_t lowest, T* grad_x, Work& work) {
  const T* grad = grad_y;  // dL/dz where `done`, else dL/dout
  bool done = false;
  for (size_t i = network.layers.size(); work.ok() && i-- > lowest;) {
    const Layer<T>& layer = network.layers[i];
    if (layer.norm != Norm::none) {
      grad = through_norm(layer, network.eps, traces[i].z, grad, rows, grads[i], work);
    } else if (!done && layer.activation != Activation::identity) {
      const int64_t size = rows * layer.outputs;
      T* const out = work.scratch<T>(size);
      work.for_each(size, times_slope<T>, layer.activation, traces[i].z, grad, size, out);
      grad = out;
    }
    parameter_gradients(layer, traces[i], grad, rows, grads[i], work);
    if (i == lowest && !grad_x) break;
    Product<T> product = make_product(grad, layer.outputs, layer.weight, layer.stride, rows,
                                      layer.inputs, layer.outputs);
    product.end.out = i == 0 ? grad_x : work.scratch<T>(rows * layer.inputs);
    done = i > 0 && slope_in_product(network.layers[i - 1]);
    if (done) {
      product.end.activation = network.layers[i - 1].activation;
      product.end.slope_at = traces[i - 1].z;
    }
    multiply(ProductForm::nn, product, work);
    if (i > lowest) grad = product.end.out;
  }
  return grad;
}

template const float* backward(const Network<float>&, const std::vector<LayerTrace<float>>&,
                               const float*, int64_t, const std::vector<LayerGrads<float>>&, size_t,
                               float*, Work&);
template const double* backward(const Network<double>&, const std::vector<LayerTrace<double>>&,
                                const double*, int64_t, const std::vector<LayerGrads<double>>&,
                                size_t, double*, Work&);

}  // namespace belfry::cuda
