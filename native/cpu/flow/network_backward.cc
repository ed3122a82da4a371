// Blocks of rows go forward, with what the way back needs kept, and back again: grad_z of every
// layer replaces its pre-activations. Sums over the batch follow: gradients of weights as products
// Zᵀ X, split by columns; those of biases and norms from float64 sums of each block, in block
// order. Per row 6 · parameters flops.
#include "cpu/flow/network_backward.h"

#include <cstring>
#include <new>

#include "cpu/flow/elementwise.h"
#include "cpu/flow/workspaces.h"
#include "cpu/linalg/products.h"

namespace belfry::cpu {

namespace {

// y of rows [row, row + count) of layer i, all that is needed later being kept.
template <class T>
void forward_layer(const KeptPass<T>& pass, int64_t i, int64_t row, int64_t count, T* y) {
  const Layer<T>& layer = pass.network.layers[i];
  const Trace<T>& trace = pass.traces[i];
  const int64_t inputs = layer.linear.inputs, outputs = layer.linear.outputs;
  const int64_t at = row * outputs, size = count * outputs;
  T* z = trace.linear + at;
  apply(layer.linear, trace.input + row * inputs, inputs, count, z);
  if (layer.norm == Norm::none) return activate(layer.activation, z, y, size);
  const NormRows<T> norm = norm_of(pass.network, layer, count);
  T* middle = trace.middle + at;
  if (layer.norm == Norm::pre) {
    norm_stats(norm, z, trace.stats + row);
    norm_forward(norm, trace.stats + row, z, middle);
    activate(layer.activation, middle, y, size);
  } else {
    activate(layer.activation, z, middle, size);
    norm_stats(norm, middle, trace.stats + row);
    norm_forward(norm, trace.stats + row, middle, y);
  }
}

// Turns the pre-activations of a block into their gradient; adds up the block's sums on the way.
template <class T>
void backward_layer(const KeptPass<T>& pass, int64_t i, int64_t row, int64_t count, int64_t block,
                    const T* grad_y) {
  const Layer<T>& layer = pass.network.layers[i];
  const Trace<T>& trace = pass.traces[i];
  const int64_t outputs = layer.linear.outputs, at = row * outputs, size = count * outputs;
  const bool summed = pass.task.layers != nullptr;
  double* sums = trace.sums + block * 3 * outputs;
  std::memset(sums, 0, static_cast<size_t>(3 * outputs) * sizeof(double));
  T* z = trace.linear + at;
  T* middle = trace.middle ? trace.middle + at : nullptr;
  const NormRows<T> norm = norm_of(pass.network, layer, count);
  const math::RowStats* stats = trace.stats ? trace.stats + row : nullptr;
  switch (layer.norm) {
    case Norm::none: activate_chain<T>(layer.activation, z, grad_y, z, nullptr, size); break;
    case Norm::pre:
      activate_chain<T>(layer.activation, middle, grad_y, middle, nullptr, size);
      add_norm_sums(norm, stats, z, middle, sums + outputs, sums + 2 * outputs);
      norm_backward(norm, stats, z, middle, z);
      break;
    case Norm::post:
      add_norm_sums(norm, stats, middle, grad_y, sums + outputs, sums + 2 * outputs);
      norm_backward(norm, stats, middle, grad_y, middle);
      activate_chain<T>(layer.activation, z, middle, z, nullptr, size);
      break;
  }
  if (summed) add_column_sums(z, count, outputs, sums);
}

// grad_x = grad_z W, of the window's columns.
template <class T>
void backward_inputs(const KeptPass<T>& pass, int64_t i, int64_t row, int64_t count,
                     const InputWindow& window, T* grad_x) {
  const Linear<T>& l = pass.network.layers[i].linear;
  StridedProduct<T> product;
  product.a = pass.traces[i].linear + row * l.outputs;
  product.a_stride = l.outputs;
  product.b = l.weight + window.first;
  product.b_stride = l.stride;
  product.c = grad_x;
  product.c_stride = product.n = window.count < 0 ? l.inputs : window.count;
  product.m = count;
  product.k = l.outputs;
  multiply_strided(product);
}

template <class T>
void forward_block(const KeptPass<T>& pass, int64_t row, int64_t count) {
  for (int64_t i = 0; i < pass.network.count; ++i) {
    const int64_t width = pass.network.layers[i].linear.outputs;
    const bool last = i + 1 == pass.network.count;
    T* y = last ? pass.task.y : const_cast<T*>(pass.traces[i + 1].input);
    forward_layer(pass, i, row, count, y + row * width);
  }
}

// `work` holds a block of the widest layer.
template <class T>
void backward_block(const KeptPass<T>& pass, int64_t row, int64_t count, int64_t block, T* work) {
  const int64_t at = row * pass.network.outputs();
  const T* grad_y = pass.task.loss ? work : pass.task.grad_y + at;
  if (pass.task.loss) (*pass.task.loss)(row, count, pass.task.y + at, work);
  const InputWindow& wanted = pass.task.window;
  for (int64_t i = pass.network.count - 1; i >= 0; --i) {
    backward_layer(pass, i, row, count, block, grad_y);
    const int64_t inputs = wanted.count < 0 ? pass.network.layers[0].linear.inputs : wanted.count;
    if (i > 0) {
      backward_inputs(pass, i, row, count, {}, work);
    } else if (pass.task.grad_x) {
      backward_inputs(pass, i, row, count, wanted, pass.task.grad_x + row * inputs);
    }
    grad_y = work;
  }
}

// A gradient of weights is computed in pieces: columns in whole panels, and rows in whole tiles, at
// every level, of which there are enough for the threads to share evenly.
constexpr int64_t kColumns = 32, kTiles = 42, kRows = 3 * kTiles;

template <class T>
struct WeightPieces {
  int64_t columns, parts, rows_of_part;

  explicit WeightPieces(const Linear<T>& l)
      : columns((l.inputs + kColumns - 1) / kColumns),
        parts(std::max<int64_t>(1, l.outputs / kRows)),
        rows_of_part(l.outputs / parts / kTiles * kTiles) {}
  int64_t count() const { return columns * parts; }
  int64_t row(int64_t part, int64_t rows) const {
    return part < parts ? part * rows_of_part : rows;
  }
};

// Piece number `piece` of a layer: its rows, the outputs, by its columns, the inputs.
template <class T>
void weight_gradient(const KeptPass<T>& pass, int64_t i, int64_t piece) {
  const Linear<T>& l = pass.network.layers[i].linear;
  const WeightPieces<T> pieces(l);
  const int64_t column = piece / pieces.parts * kColumns, part = piece % pieces.parts;
  const int64_t row = pieces.row(part, l.outputs);
  StridedProduct<T> product;
  product.a = pass.traces[i].linear + row;
  product.a_stride = 1;
  product.a_step = l.outputs;
  product.m = pieces.row(part + 1, l.outputs) - row;
  product.b = pass.traces[i].input + column;
  product.b_stride = product.c_stride = l.inputs;
  product.c = pass.task.layers[i].weight + row * l.inputs + column;
  product.n = std::min(l.inputs - column, kColumns);
  product.k = pass.task.rows;
  multiply_strided(product);
}

// Pieces [begin, end), counted over all layers.
template <class T>
void weight_gradients(const KeptPass<T>& pass, int64_t begin, int64_t end) {
  int64_t first = 0;
  for (int64_t i = 0; i < pass.network.count; ++i) {
    const int64_t count = WeightPieces<T>(pass.network.layers[i].linear).count();
    const int64_t from = std::max(begin, first), to = std::min(end, first + count);
    for (int64_t piece = from; piece < to && pass.task.layers[i].weight; ++piece) {
      weight_gradient(pass, i, piece - first);
    }
    first += count;
  }
}

template <class T>
void all_weight_gradients(const KeptPass<T>& pass, CpuContext& context) {
  int64_t pieces = 0;
  for (int64_t i = 0; i < pass.network.count; ++i) {
    pieces += WeightPieces<T>(pass.network.layers[i].linear).count();
  }
  const int64_t work = 2 * kColumns * std::min(kRows, pass.network.widest()) * pass.task.rows;
  context.parallel(pieces, chunk_for(work, 2'000'000), [&](int64_t begin, int64_t end, int64_t) {
    weight_gradients(pass, begin, end);
  });
}

// The blocks' sums of every layer, added up in block order.
template <class T>
void write_sums(const KeptPass<T>& pass, CpuContext& context) {
  double* totals = context.scratch<double>(3 * pass.network.widest());
  for (int64_t i = 0; i < pass.network.count; ++i) {
    const int64_t outputs = pass.network.layers[i].linear.outputs;
    std::memset(totals, 0, static_cast<size_t>(3 * outputs) * sizeof(double));
    add_column_sums(pass.traces[i].sums, pass.blocks.blocks(), 3 * outputs, totals);
    const LayerGrads<T>& grads = pass.task.layers[i];
    T* const to[3] = {grads.bias, grads.gamma, grads.beta};
    for (int64_t k = 0; k < 3; ++k) {
      for (int64_t j = 0; to[k] && j < outputs; ++j) {
        to[k][j] = static_cast<T>(totals[k * outputs + j]);
      }
    }
  }
}

}  // namespace

template <class T>
KeptPass<T> make_pass(const Network<T>& network, const BackwardRows<T>& task, CpuContext& context) {
  KeptPass<T> pass{network, task, row_blocks(task.rows, network.widest(), 6 * network.parameters()),
                   context.scratch<Trace<T>>(network.count)};
  const T* input = task.x;
  for (int64_t i = 0; i < network.count; ++i) {
    const Layer<T>& layer = network.layers[i];
    const int64_t size = task.rows * layer.linear.outputs;
    Trace<T>& trace = *new (&pass.traces[i]) Trace<T>;
    trace.input = input;
    trace.linear = context.scratch<T>(size);
    if (layer.norm != Norm::none) {
      trace.middle = context.scratch<T>(size);
      trace.stats = context.scratch<math::RowStats>(task.rows);
    }
    trace.sums = context.scratch<double>(pass.blocks.blocks() * 3 * layer.linear.outputs);
    if (i + 1 < network.count) input = context.scratch<T>(size);
  }
  if (!pass.task.y) pass.task.y = context.scratch<T>(task.rows * network.outputs());
  return pass;
}

template <class T>
void forward_pass(const KeptPass<T>& pass, CpuContext& context) {
  for_each_block(pass.blocks, context,
                 [&](int64_t row, int64_t count, int64_t) { forward_block(pass, row, count); });
}

namespace {

template <class T>
Status finish_backward(const KeptPass<T>& pass, CpuContext& context) {
  if (context.stopped()) return aborted();
  if (!pass.task.layers) return {};
  all_weight_gradients(pass, context);
  if (context.stopped()) return aborted();
  write_sums(pass, context);
  return {};
}

template <class T>
Workspaces<T> block_workspaces(const KeptPass<T>& pass, CpuContext& context) {
  return {context, pass.blocks.pieces(), pass.blocks.block * pass.network.widest()};
}

}  // namespace

template <class T>
Status backward_pass(const KeptPass<T>& pass, CpuContext& context) {
  const Workspaces<T> workspaces = block_workspaces(pass, context);
  for_each_block(pass.blocks, context, [&](int64_t row, int64_t count, int64_t block) {
    backward_block(pass, row, count, block, workspaces.borrow().data());
  });
  return finish_backward(pass, context);
}

template <class T>
Status backward(const Network<T>& network, const BackwardRows<T>& task, CpuContext& context) {
  const KeptPass<T> pass = make_pass(network, task, context);
  const Workspaces<T> workspaces = block_workspaces(pass, context);
  for_each_block(pass.blocks, context, [&](int64_t row, int64_t count, int64_t block) {
    forward_block(pass, row, count);
    backward_block(pass, row, count, block, workspaces.borrow().data());
  });
  return finish_backward(pass, context);
}

namespace {

// The layers of a block of listed rows: ẋ → Wẋ, times f' at each row's kept pre-activations.
template <class T>
void tangent_block(const KeptPass<T>& pass, const int32_t* rows, int64_t count, const T* tangent_x,
                   T* tangent_y, T* work) {
  const int64_t half = count * pass.network.widest();
  for (int64_t i = 0; i < pass.network.count; ++i) {
    const Layer<T>& layer = pass.network.layers[i];
    const int64_t width = layer.linear.outputs;
    T* out = i + 1 == pass.network.count ? tangent_y : work + i % 2 * half;
    Linear<T> derivative = layer.linear;
    derivative.bias = nullptr;
    apply(derivative, tangent_x, layer.linear.inputs, count, out);
    for (int64_t k = 0; k < count && layer.activation != Activation::identity; ++k) {
      activate_chain<T>(layer.activation, pass.traces[i].linear + rows[k] * width, out + k * width,
                        out + k * width, nullptr, width);
    }
    tangent_x = out;
  }
}

}  // namespace

template <class T>
void tangent_pass(const KeptPass<T>& pass, const int32_t* rows, int64_t count, const T* tangent_x,
                  T* tangent_y, CpuContext& context) {
  const Network<T>& network = pass.network;
  const RowBlocks blocks = row_blocks(count, network.widest(), 2 * network.parameters());
  const Workspaces<T> workspaces(context, blocks.pieces(), 2 * blocks.block * network.widest());
  for_each_block(blocks, context, [&](int64_t row, int64_t size, int64_t) {
    tangent_block(pass, rows + row, size, tangent_x + row * network.inputs(),
                  tangent_y + row * network.outputs(), workspaces.borrow().data());
  });
}

#define BELFRY_INSTANTIATE(T)                                                             \
  template Status backward(const Network<T>&, const BackwardRows<T>&, CpuContext&);       \
  template KeptPass<T> make_pass(const Network<T>&, const BackwardRows<T>&, CpuContext&); \
  template void forward_pass(const KeptPass<T>&, CpuContext&);                            \
  template Status backward_pass(const KeptPass<T>&, CpuContext&);                         \
  template void tangent_pass(const KeptPass<T>&, const int32_t*, int64_t, const T*, T*,   \
                             CpuContext&);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu
