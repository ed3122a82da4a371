// Whole small networks, a block for a few rows of one of them.
#include "cuda/flow/small_network.cuh"

#include "cuda/flow/small_layers.cuh"

namespace belfry::cuda {

namespace {

// Up to two networks, or two chains of a sampler, over the same number of rows, side by side.
template <class T>
struct SmallCall {
  SmallNetwork<T> networks[2];
  const T* x[2];
  T* y[2];
  int64_t rows;
  int shared_stride;
  int64_t steps;  // of the chains; 0: y is what the network says of x
  bool noise_at_t1[2], clip;

  __device__ T next(T now, T v, int64_t step, bool reversed) const {
    const T moved = math::euler_step(now, v, steps, reversed);
    return clip && step + 1 == steps ? math::clip_action(moved, T(1)) : moved;
  }
};

// One kernel for networks and samplers: the layers are nearly all of its code.
template <class T>
__global__ void __launch_bounds__(kSmallThreads)
    small_network_rows(const __grid_constant__ SmallCall<T> call) {
  constexpr int kRows = kSmallRows<T>;
  const SmallNetwork<T>& network = call.networks[blockIdx.y];
  const int inputs = static_cast<int>(network.layers[0].inputs);
  const int outputs = static_cast<int>(network.layers[network.count - 1].outputs);
  const bool samples = call.steps > 0, reversed = call.noise_at_t1[blockIdx.y];
  const int width = samples ? outputs : inputs;  // of a row of x; time comes behind it
  const SmallTile tile = small_tile(blockIdx.x, kRows, call.rows);
  SmallShared<T> shared(call.shared_stride);
  const T* x = call.x[blockIdx.y] + tile.first * width;
  T* const y = call.y[blockIdx.y] + tile.first * outputs;
#pragma unroll 1
  for (int64_t step = 0; step == 0 || step < call.steps; ++step) {
    const T time = samples ? math::euler_time<T>(step, call.steps, reversed) : T(0);
#pragma unroll 1
    for (int e = static_cast<int>(threadIdx.x); e < kRows * inputs; e += kSmallThreads) {
      const int row = e / inputs, i = e % inputs;
      const bool is_x = i < width && row < tile.rows;
      shared.from[row * shared.stride + i] = is_x ? x[row * width + i] : time;
    }
    small_forward(network, tile, shared);
#pragma unroll 1
    for (int e = static_cast<int>(threadIdx.x); e < tile.rows * outputs; e += kSmallThreads) {
      const T v = shared.from[e / outputs * shared.stride + e % outputs];
      y[e] = samples ? call.next(x[e], v, step, reversed) : v;
    }
    __syncthreads();
    x = y;
  }
}

template <class T>
void launch_small(const SmallCall<T>& call, int count, Work& work) {
  const dim3 grid(small_blocks(call.rows, kSmallRows<T>), static_cast<unsigned>(count));
  work.launch(small_network_rows<T>,
              {grid, dim3(kSmallThreads), SmallShared<T>::bytes(call.shared_stride)}, call);
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
  launch_small(call, count, work);
}

template <class T>
void small_sample(const Network<T>& network, const Chains<T>& chains, int count, Work& work) {
  SmallCall<T> call{};
  call.rows = chains.rows;
  call.steps = chains.steps;
  call.clip = chains.clip;
  for (int i = 0; i < count; ++i) {
    call.networks[i] = small_network(network);
    call.x[i] = chains.noise;
    call.y[i] = chains.actions[i];
    call.noise_at_t1[i] = chains.noise_at_t1[i];
    call.shared_stride = call.networks[i].stride;
  }
  launch_small(call, count, work);
}

template void small_forward(const Network<float>* const*, const float* const*, float* const*, int,
                            int64_t, Work&);
template void small_forward(const Network<double>* const*, const double* const*, double* const*,
                            int, int64_t, Work&);
template void small_sample(const Network<float>&, const Chains<float>&, int, Work&);
template void small_sample(const Network<double>&, const Chains<double>&, int, Work&);

}  // namespace belfry::cuda
