// A network of narrow layers in one kernel: a block takes a few rows through all layers, their
// activations in shared memory, the weights streaming through it from L2. For small batches, where
// launches and round trips to DRAM would cost more than the arithmetic.
//
// An element is the same chain of multiply-additions as in products.cuh and a norm the same code as
// in norm_rows.cuh, so both ways give the same bits.
#pragma once

#include "cuda/flow/layers.cuh"

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

namespace detail {

// Shared memory of a block: two sets of activations, one piece of a weight.
template <class T>
struct SmallShared {
  static constexpr int kPieceStride = kSmallDepth<T> + 1;  // no two lanes in one bank

  T *from, *to, *piece;
  int stride;

  __device__ explicit SmallShared(int row_stride)
      : from(dynamic_shared<T>()),
        to(from + kSmallRows<T> * row_stride),
        piece(to + kSmallRows<T> * row_stride),
        stride(row_stride) {}
  static size_t bytes(int row_stride) {
    return sizeof(T) *
           static_cast<size_t>(2 * kSmallRows<T> * row_stride + kSmallThreads * kPieceStride);
  }
};

// The rows of the batch that a block holds.
struct SmallTile {
  int64_t first;
  int rows;
};

// The outputs of a layer, one column and kPer rows for each thread.
template <class T, int kPer>
class SmallColumns {
 public:
  __device__ SmallColumns(const Layer<T>& layer, const SmallTile& tile,
                          const SmallShared<T>& shared)
      : layer_(layer), tile_(tile), shared_(shared) {}

  __device__ void run() {
    for (int64_t base = 0; base < layer_.outputs; base += kColumns) run_columns(base);
  }

 private:
  static constexpr int kColumns = kSmallThreads / (kSmallRows<T> / kPer);
  static constexpr int kDepthAtOnce = kSmallDepth<T>;
  static constexpr int kLoads = kColumns * kDepthAtOnce / kSmallThreads;

  __device__ static int thread() { return static_cast<int>(threadIdx.x); }
  __device__ static int column() { return thread() % kColumns; }
  __device__ static int first_row() { return thread() / kColumns * kPer; }

  __device__ void run_columns(int64_t base) {
    T sums[kPer] = {};
    load(base, 0);
    for (int64_t k = 0; k < layer_.inputs; k += kDepthAtOnce) {
      __syncthreads();
      store();
      __syncthreads();
      const int64_t next = k + kDepthAtOnce;
      if (next < layer_.inputs) load(base, next);
      add_products(static_cast<int>(k), sums);
    }
    if (base + column() < layer_.outputs) write(base + column(), sums);
  }

  __device__ void load(int64_t base, int64_t first_k) {
#pragma unroll
    for (int i = 0; i < kLoads; ++i) {
      const int e = thread() + i * kSmallThreads;
      const int64_t row = base + e / kDepthAtOnce, k = first_k + e % kDepthAtOnce;
      const bool inside = row < layer_.outputs && k < layer_.inputs;
      held_[i] = inside ? layer_.weight[row * layer_.stride + k] : T(0);
    }
  }
  __device__ void store() const {
#pragma unroll
    for (int i = 0; i < kLoads; ++i) {
      const int e = thread() + i * kSmallThreads;
      shared_.piece[e / kDepthAtOnce * SmallShared<T>::kPieceStride + e % kDepthAtOnce] = held_[i];
    }
  }

  __device__ void add_products(int first_k, T (&sums)[kPer]) const {
    const T* weights = shared_.piece + column() * SmallShared<T>::kPieceStride;
    const T* x = shared_.from + first_row() * shared_.stride + first_k;
    const int count = static_cast<int>(layer_.inputs) - first_k;
    if (count >= kDepthAtOnce) {
#pragma unroll
      for (int k = 0; k < kDepthAtOnce; k += 4) {
#pragma unroll
        for (int r = 0; r < kPer; ++r) {
          const auto& four = *reinterpret_cast<const Quad<T>*>(x + r * shared_.stride + k);
#pragma unroll
          for (int i = 0; i < 4; ++i) sums[r] = fma(four.v[i], weights[k + i], sums[r]);
        }
      }
      return;
    }
    for (int k = 0; k < count; ++k) {
#pragma unroll
      for (int r = 0; r < kPer; ++r) sums[r] = fma(x[r * shared_.stride + k], weights[k], sums[r]);
    }
  }

  __device__ void write(int64_t out_column, const T (&sums)[kPer]) const {
    for (int r = 0; r < kPer; ++r) {
      const int row = first_row() + r;
      T value = sums[r];
      if (layer_.add && row < tile_.rows) {
        value += layer_.add[(tile_.first + row) / layer_.add_group * layer_.outputs + out_column];
      }
      if (layer_.norm == Norm::none) value = math::activation_jet(layer_.activation, value).value;
      shared_.to[row * shared_.stride + out_column] = value;
    }
  }

  const Layer<T>& layer_;
  const SmallTile& tile_;
  const SmallShared<T>& shared_;
  T held_[kLoads];
};

template <class T>
__device__ void small_layer(const Layer<T>& layer, double eps, const SmallTile& tile,
                            const SmallShared<T>& shared) {
  constexpr int kRows = kSmallRows<T>;
  const int64_t width = layer.outputs;
  if (width > kSmallThreads / 2) {
    SmallColumns<T, kRows>(layer, tile, shared).run();
  } else if (width > kSmallThreads / 4) {
    SmallColumns<T, kRows / 2>(layer, tile, shared).run();
  } else {
    SmallColumns<T, kRows / 4>(layer, tile, shared).run();
  }
  if (layer.norm == Norm::none || width == 0) return;
  __syncthreads();
  const NormRows<T> rows = norm_of(layer, eps);
  for (int row = static_cast<int>(threadIdx.x) / 32; row < kRows; row += kSmallThreads / 32) {
    T* z = shared.to + row * shared.stride;
    const NormRow<T> norm(rows, z);
    norm.write(z);
  }
}

// From shared.from to shared.from. All threads of the block call; behind it lies a barrier.
template <class T>
__device__ void small_forward(const SmallNetwork<T>& network, const SmallTile& tile,
                              SmallShared<T>& shared) {
  __syncthreads();
  for (int i = 0; i < network.count; ++i) {
    small_layer(network.layers[i], network.eps, tile, shared);
    __syncthreads();
    T* const written = shared.to;
    shared.to = shared.from;
    shared.from = written;
  }
}

__device__ inline SmallTile small_tile(int64_t index, int rows_of_block, int64_t rows) {
  const int64_t first = index * rows_of_block, left = rows - first;
  return {first, left < rows_of_block ? static_cast<int>(left) : rows_of_block};
}

// Up to two networks over the same number of rows, side by side.
template <class T>
struct SmallCall {
  SmallNetwork<T> networks[2];
  const T* x[2];
  T* y[2];
  int64_t rows;
  int shared_stride;
};

template <class T>
__global__ void __launch_bounds__(kSmallThreads) small_network_rows(SmallCall<T> call) {
  constexpr int kRows = kSmallRows<T>;
  const SmallNetwork<T>& network = call.networks[blockIdx.y];
  const int inputs = static_cast<int>(network.layers[0].inputs);
  const int outputs = static_cast<int>(network.layers[network.count - 1].outputs);
  const SmallTile tile = small_tile(blockIdx.x, kRows, call.rows);
  SmallShared<T> shared(call.shared_stride);
  const T* x = call.x[blockIdx.y] + tile.first * inputs;
  for (int e = static_cast<int>(threadIdx.x); e < kRows * inputs; e += kSmallThreads) {
    const int row = e / inputs;
    shared.from[row * shared.stride + e % inputs] = row < tile.rows ? x[e] : T(0);
  }
  small_forward(network, tile, shared);
  T* y = call.y[blockIdx.y] + tile.first * outputs;
  for (int e = static_cast<int>(threadIdx.x); e < tile.rows * outputs; e += kSmallThreads) {
    y[e] = shared.from[e / outputs * shared.stride + e % outputs];
  }
}

inline unsigned small_blocks(int64_t rows, int rows_of_block) {
  return static_cast<unsigned>((rows + rows_of_block - 1) / rows_of_block);
}

}  // namespace detail

// y_i = network_i(x_i) for one or two small networks.
template <class T>
void small_forward(const Network<T>* const* networks, const T* const* x, T* const* y, int count,
                   int64_t rows, Work& work) {
  detail::SmallCall<T> call{};
  call.rows = rows;
  for (int i = 0; i < count; ++i) {
    call.networks[i] = small_network(*networks[i]);
    call.x[i] = x[i];
    call.y[i] = y[i];
    call.shared_stride = std::max(call.shared_stride, int{call.networks[i].stride});
  }
  const dim3 grid(detail::small_blocks(rows, kSmallRows<T>), static_cast<unsigned>(count));
  work.launch(detail::small_network_rows<T>,
              {grid, dim3(kSmallThreads), detail::SmallShared<T>::bytes(call.shared_stride)}, call);
}

}  // namespace belfry::cuda
