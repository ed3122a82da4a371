// The launches of a network's forward evaluation.
#include "cuda/flow/network.cuh"

#include "cuda/flow/tensor_network.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Product<T> layer_product(const Layer<T>& layer, const T* x, int64_t rows) {
  return make_product(x, layer.inputs, layer.weight, layer.stride, rows, layer.outputs,
                      layer.inputs);
}

template <class T>
void value_of_layer(const Layer<T>& layer, const T* x, int64_t rows, T* z, T* out, Work& work) {
  Product<T> product = layer_product(layer, x, rows);
  product.end = layer_end(layer, z, out);
  multiply(ProductForm::nt, product, work);
}

template <class T>
void tangent_of_layer(const Layer<T>& layer, const T* tangent_x, int64_t rows, const T* z, T* out,
                      Work& work) {
  Product<T> product = layer_product(layer, tangent_x, rows);
  product.end.out = out;
  if (layer.norm == Norm::none && layer.activation != Activation::identity) {
    product.end.activation = layer.activation;
    product.end.slope_at = z;
  }
  multiply(ProductForm::nt, product, work);
}

// One layer with all it is asked for; `z` is null when nothing needs it afterwards.
template <class T>
void forward_layer(const Network<T>& network, const Layer<T>& layer, const Evaluation<T>& call,
                   T* z, Work& work) {
  value_of_layer(layer, call.x, call.rows, z, call.y, work);
  if (call.tangent_x) {
    tangent_of_layer(layer, call.tangent_x, call.rows, z, call.tangent_y, work);
  }
  if (layer.norm == Norm::none || (!call.y && !call.tangent_x)) return;
  NormRows<T> norm = norm_of(layer, network.eps);
  norm.z = z ? z : call.y;
  norm.out = call.y;
  norm.tangent = norm.tangent_out = call.tangent_x ? call.tangent_y : nullptr;
  normalise(norm, call.rows, work);
}

}  // namespace

template <class T>
LayerBuffers<T> layer_buffers(const Network<T>& network, int64_t rows, Work& work) {
  int64_t width = 0;
  for (const Layer<T>& layer : network.layers) width = std::max(width, layer.outputs);
  LayerBuffers<T> buffers;
  for (T*& memory : buffers.memory) memory = work.scratch<T>(rows * width);
  return buffers;
}

template <class T>
void forward_layers(const Network<T>& network, Evaluation<T> call, const LayerBuffers<T>& buffers,
                    Work& work) {
  T* const y = call.y;
  for (size_t i = 0; work.ok() && i < network.layers.size(); ++i) {
    call.y = i + 1 == network.layers.size() ? y : buffers.memory[i % 2];
    forward_layer<T>(network, network.layers[i], call, nullptr, work);
    call.x = call.y;
  }
}

template <class T>
std::vector<LayerTrace<T>> forward_keeping(const Network<T>& network, Evaluation<T> call,
                                           Work& work) {
  std::vector<LayerTrace<T>> traces;
  T *const y = call.y, *const tangent_y = call.tangent_y;
  const bool has_tangent = call.tangent_x != nullptr;
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const Layer<T>& layer = network.layers[i];
    const bool last = i + 1 == network.layers.size();
    const int64_t size = call.rows * layer.outputs;
    T* const z = work.scratch<T>(size);
    call.y = last ? y : work.scratch<T>(size);
    if (has_tangent) call.tangent_y = last ? tangent_y : work.scratch<T>(size);
    traces.push_back({call.x, z});
    if (!work.ok()) break;
    forward_layer(network, layer, call, z, work);
    call.x = call.y;
    if (has_tangent) call.tangent_x = call.tangent_y;
  }
  return traces;
}

template <class T>
void forward(const Network<T>& network, const T* x, int64_t rows, T* y, Work& work) {
  const bool small = is_small(network, rows), tf32 = work.takes_tf32<T>();
  if constexpr (std::is_same_v<T, float>) {
    if (small && tf32 && forward_tf32(network, x, rows, y, work)) return;
  }
  if (small && !tf32) {
    const Network<T>* const networks[] = {&network};
    return small_forward(networks, &x, &y, 1, rows, work);
  }
  Evaluation<T> call;
  call.x = x;
  call.rows = rows;
  call.y = y;
  forward_layers(network, call, layer_buffers(network, rows, work), work);
}

template <class T>
void forward_both(const Network<T>& first, const Network<T>& second, const T* first_x,
                  const T* second_x, int64_t rows, T* first_y, T* second_y, Work& work) {
  if (work.takes_tf32<T>() || !is_small(first, rows) || !is_small(second, rows)) {
    forward(first, first_x, rows, first_y, work);
    return forward(second, second_x, rows, second_y, work);
  }
  const Network<T>* const networks[] = {&first, &second};
  const T* const x[] = {first_x, second_x};
  T* const y[] = {first_y, second_y};
  small_forward(networks, x, y, 2, rows, work);
}

template LayerBuffers<float> layer_buffers(const Network<float>&, int64_t, Work&);
template void forward_layers(const Network<float>&, Evaluation<float>, const LayerBuffers<float>&,
                             Work&);
template std::vector<LayerTrace<float>> forward_keeping(const Network<float>&, Evaluation<float>,
                                                        Work&);
template void forward(const Network<float>&, const float*, int64_t, float*, Work&);
template void forward_both(const Network<float>&, const Network<float>&, const float*, const float*,
                           int64_t, float*, float*, Work&);
template LayerBuffers<double> layer_buffers(const Network<double>&, int64_t, Work&);
template void forward_layers(const Network<double>&, Evaluation<double>,
                             const LayerBuffers<double>&, Work&);
template std::vector<LayerTrace<double>> forward_keeping(const Network<double>&, Evaluation<double>,
                                                         Work&);
template void forward(const Network<double>&, const double*, int64_t, double*, Work&);
template void forward_both(const Network<double>&, const Network<double>&, const double*,
                           const double*, int64_t, double*, double*, Work&);

}  // namespace belfry::cuda
