// Whole small networks, a block for a few rows of one of them.
#include "cuda/flow/small_network.cuh"

#include "cuda/flow/small_layers.cuh"

namespace belfry::cuda {

namespace {

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
__global__ void __launch_bounds__(kSmallThreads)
    small_network_rows(const __grid_constant__ SmallCall<T> call) {
  constexpr int kRows = kSmallRows<T>;
  const SmallNetwork<T>& network = call.networks[blockIdx.y];
  const int inputs = static_cast<int>(network.layers[0].inputs);
  const int outputs = static_cast<int>(network.layers[network.count - 1].outputs);
  const SmallTile tile = small_tile(blockIdx.x, kRows, call.rows);
  SmallShared<T> shared(call.shared_stride);
  const T* x = call.x[blockIdx.y] + tile.first * inputs;
#pragma unroll 1
  for (int e = static_cast<int>(threadIdx.x); e < kRows * inputs; e += kSmallThreads) {
    const int row = e / inputs;
    shared.from[row * shared.stride + e % inputs] = row < tile.rows ? x[e] : T(0);
  }
  small_forward(network, tile, shared);
  T* y = call.y[blockIdx.y] + tile.first * outputs;
#pragma unroll 1
  for (int e = static_cast<int>(threadIdx.x); e < tile.rows * outputs; e += kSmallThreads) {
    y[e] = shared.from[e / outputs * shared.stride + e % outputs];
  }
}

}  // namespace

template <class T>
void small_forward(const Network<T>* const* networks, const T* const* x, T* const* y, int count,
                   int64_t rows, Work& work) {
  SmallCall<T> call{};
  call.rows = rows;
  for (int i = 0; i < count; ++i) {
    call.networks[i] = small_network(*networks[i]);
    call.x[i] = x[i];
    call.y[i] = y[i];
    call.shared_stride = std::max(call.shared_stride, int{call.networks[i].stride});
  }
  const dim3 grid(small_blocks(rows, kSmallRows<T>), static_cast<unsigned>(count));
  work.launch(small_network_rows<T>,
              {grid, dim3(kSmallThreads), SmallShared<T>::bytes(call.shared_stride)}, call);
}

template void small_forward(const Network<float>* const*, const float* const*, float* const*, int,
                            int64_t, Work&);
template void small_forward(const Network<double>* const*, const double* const*, double* const*,
                            int, int64_t, Work&);

}  // namespace belfry::cuda
