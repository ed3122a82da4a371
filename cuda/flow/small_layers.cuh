// What a block does with a small network.
#pragma once

#include "cuda/flow/norm_row.cuh"
#include "cuda/flow/quad.cuh"
#include "cuda/flow/small_network.cuh"

namespace belfry::cuda {

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
#pragma unroll 1
    for (int64_t base = 0; base < layer_.outputs; base += kColumns) run_columns(base);
  }

 private:
  static constexpr int kColumns = kSmallThreads / (kSmallRows<T> / kPer);
  static constexpr int kDepthAtOnce = kSmallDepth<T>;
  static constexpr int kLoads = kColumns * kDepthAtOnce / kSmallThreads;
  static constexpr int kRowStep = kSmallThreads / kDepthAtOnce;  // from one load to the next

  __device__ static int thread() { return static_cast<int>(threadIdx.x); }
  __device__ static int column() { return thread() % kColumns; }
  __device__ static int first_row() { return thread() / kColumns * kPer; }

  __device__ void run_columns(int64_t base) {
    T sums[kPer] = {};
    load(base, 0);
#pragma unroll 1
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
    const int64_t row = base + thread() / kDepthAtOnce, k = first_k + thread() % kDepthAtOnce;
    const T* const weights = layer_.weight;
    int64_t at = row * layer_.stride + k;
#pragma unroll
    for (int i = 0; i < kLoads; ++i, at += kRowStep * layer_.stride) {
      const bool inside = row + i * kRowStep < layer_.outputs && k < layer_.inputs;
      held_[i] = inside ? weights[at] : T(0);
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
#pragma unroll 1
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
        const int64_t group = group_of(tile_.first + row, layer_.add_group);
        value += layer_.add[group * layer_.outputs + out_column];
      }
      shared_.to[row * shared_.stride + out_column] = value;
    }
  }

  const Layer<T>& layer_;
  const SmallTile& tile_;
  const SmallShared<T>& shared_;
  T held_[kLoads];
};

// One loop for all rows: the activations stand once in the code.
template <class T>
__device__ void activate_rows(const Layer<T>& layer, const SmallShared<T>& shared) {
  if (layer.activation == Activation::identity) return;
  const int width = static_cast<int>(layer.outputs);
#pragma unroll 1
  for (int e = static_cast<int>(threadIdx.x); e < kSmallRows<T> * width; e += kSmallThreads) {
    T& value = shared.to[e / width * shared.stride + e % width];
    value = activation_call(layer.activation, value).value;
  }
}

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
  if (width == 0) return;
  __syncthreads();
  if (layer.norm == Norm::none) return activate_rows(layer, shared);
  const NormRows<T> rows = norm_of(layer, eps);
#pragma unroll 1
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
#pragma unroll 1
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

}  // namespace belfry::cuda
