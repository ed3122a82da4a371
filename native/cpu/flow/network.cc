// Forward evaluation. Per row 2 · parameters flops and one activation per unit; the weights are
// read from L2 once for two vectors of rows, or (few rows) once for four rows.
#include "cpu/flow/network.h"

#include <new>

#include "cpu/flow/elementwise.h"
#include "cpu/linalg/products.h"

namespace belfry::cpu {

template <class T>
Linear<T> columns_of(const Linear<T>& linear, int64_t first, int64_t count) {
  Linear<T> part = linear;
  part.weight = linear.weight ? linear.weight + first : nullptr;
  part.half = linear.half ? linear.half + first : nullptr;
  part.bias = nullptr;
  part.inputs = count;
  return part;
}

template <class T, class Weights>
Network<T> make_network(const List<Weights>& weights, const List<In<T, 1>>& biases, int64_t rows,
                        CpuContext& context) {
  Network<T> network;
  network.count = weights.count;
  network.layers = context.scratch<Layer<T>>(weights.count);
  for (int64_t i = 0; i < weights.count; ++i) {
    Linear<T> linear;
    linear.weight = static_cast<const T*>(weights[i].data);
    linear.outputs = weights[i].dims[0];
    linear.inputs = linear.stride = weights[i].dims[1];
    linear.few = are_few<T>(rows);
    if (i < biases.count && biases[i]) linear.bias = biases[i].begin();
    new (&network.layers[i]) Layer<T>{linear};
  }
  return network;
}

namespace {

template <class T, class Stored>
Product<T, Stored> product_of(const Linear<T>& linear, const Stored* weight, const T* x,
                              int64_t x_stride, int64_t rows, T* y, bool accumulate) {
  Product<T, Stored> product;
  product.a = x;
  product.a_stride = x_stride;
  product.b = weight;
  product.b_stride = linear.stride;
  product.bias = accumulate ? nullptr : linear.bias;
  product.c = y;
  product.c_stride = linear.outputs;
  product.m = rows;
  product.n = linear.outputs;
  product.k = linear.inputs;
  product.accumulate = accumulate;
  return product;
}

}  // namespace

template <class T>
void apply(const Linear<T>& linear, const T* x, int64_t x_stride, int64_t rows, T* y,
           bool accumulate) {
  if constexpr (sizeof(T) == 4) {
    if (linear.half) {
      return multiply_few(product_of(linear, linear.half, x, x_stride, rows, y, accumulate));
    }
  }
  const auto product = product_of(linear, linear.weight, x, x_stride, rows, y, accumulate);
  return linear.few ? multiply_few(product) : multiply(product);
}

namespace {

// Norms a few rows at a time, so that their statistics fit the stack.
constexpr int64_t kNormRows = 16;

template <class T, class Body>
void for_each_norm(const Network<T>& network, const Layer<T>& layer, int64_t rows,
                   const Body& body) {
  math::RowStats stats[kNormRows];
  for (int64_t row = 0; row < rows; row += kNormRows) {
    const NormRows<T> norm = norm_of(network, layer, std::min(kNormRows, rows - row));
    body(norm, stats, row * layer.linear.outputs);
  }
}

template <class T>
void norm_in_place(const Network<T>& network, const Layer<T>& layer, T* z, int64_t rows) {
  for_each_norm(network, layer, rows,
                [z](const NormRows<T>& norm, math::RowStats* stats, int64_t at) {
                  norm_stats(norm, z + at, stats);
                  norm_forward(norm, stats, z + at, z + at);
                });
}

template <class T>
void norm_with_tangent(const Network<T>& network, const Layer<T>& layer, T* z, T* tz,
                       int64_t rows) {
  for_each_norm(network, layer, rows,
                [z, tz](const NormRows<T>& norm, math::RowStats* stats, int64_t at) {
                  norm_stats(norm, z + at, stats);
                  norm_tangent(norm, stats, z + at, tz + at, tz + at);
                  norm_forward(norm, stats, z + at, z + at);
                });
}

}  // namespace

template <class T>
void finish_layer(const Network<T>& network, const Layer<T>& layer, T* z, int64_t rows) {
  if (layer.norm == Norm::pre) norm_in_place(network, layer, z, rows);
  activate(layer.activation, z, z, rows * layer.linear.outputs);
  if (layer.norm == Norm::post) norm_in_place(network, layer, z, rows);
}

template <class T>
void forward_rows(const Network<T>& network, int64_t first, const T* x, int64_t rows, T* y,
                  T* work) {
  T* buffers[2] = {work, work + rows * network.widest()};
  for (int64_t i = first; i < network.count; ++i) {
    const Layer<T>& layer = network.layers[i];
    T* out = i + 1 == network.count ? y : buffers[i % 2];
    apply(layer.linear, x, layer.linear.inputs, rows, out);
    finish_layer(network, layer, out, rows);
    x = out;
  }
}

template <class T>
void forward_tangent_rows(const Network<T>& network, const T* x, const T* tangent_x, int64_t rows,
                          T* y, T* tangent_y, T* work) {
  const int64_t size = rows * network.widest();
  for (int64_t i = 0; i < network.count; ++i) {
    const Layer<T>& layer = network.layers[i];
    const bool last = i + 1 == network.count;
    T* z = last ? y : work + i % 2 * size;
    T* tz = last ? tangent_y : work + (2 + i % 2) * size;
    Linear<T> derivative = layer.linear;
    derivative.bias = nullptr;
    apply(layer.linear, x, layer.linear.inputs, rows, z);
    apply(derivative, tangent_x, layer.linear.inputs, rows, tz);
    if (layer.norm == Norm::pre) norm_with_tangent(network, layer, z, tz, rows);
    if (layer.activation != Activation::identity) {
      activate_chain(layer.activation, z, tz, tz, z, rows * layer.linear.outputs);
    }
    if (layer.norm == Norm::post) norm_with_tangent(network, layer, z, tz, rows);
    x = z;
    tangent_x = tz;
  }
}

RowBlocks row_blocks(int64_t rows, int64_t widest, int64_t work_per_row) {
  constexpr int64_t kBlockElements = 16384;
  constexpr int64_t kPieceWork = 8'000'000;  // flops; 50 to 100 µs
  RowBlocks blocks;
  blocks.rows = rows;
  blocks.block = std::clamp<int64_t>(kBlockElements / std::max<int64_t>(1, widest), 16, 256);
  blocks.chunk = blocks.block * chunk_for(blocks.block * work_per_row, kPieceWork);
  return blocks;
}

#define BELFRY_INSTANTIATE(T)                                                               \
  template Linear<T> columns_of(const Linear<T>&, int64_t, int64_t);                        \
  template Network<T> make_network(const List<In<T, 2>>&, const List<In<T, 1>>&, int64_t,   \
                                   CpuContext&);                                            \
  template Network<T> make_network(const List<MixedIn<2>>&, const List<In<T, 1>>&, int64_t, \
                                   CpuContext&);                                            \
  template void apply(const Linear<T>&, const T*, int64_t, int64_t, T*, bool);              \
  template void finish_layer(const Network<T>&, const Layer<T>&, T*, int64_t);              \
  template void forward_rows(const Network<T>&, int64_t, const T*, int64_t, T*, T*);        \
  template void forward_tangent_rows(const Network<T>&, const T*, const T*, int64_t, T*, T*, T*);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu
