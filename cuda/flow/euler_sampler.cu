// euler_sampler: x ← x + v(x, i/K, s)/K (data at t = 1) and z ← z − v(z, 1 − i/K, s)/K (noise at
// t = 1), both from the same noise.
//
// Layer 1 is split by its inputs: W_s s + b is computed once per row; x and t go through a packed
// copy of their columns. A small network then runs all steps of both chains in one kernel, a block
// taking a few rows of one chain from noise to action; a large one is evaluated layer by layer.
#include "cuda/flow/euler_chain.cuh"
#include "math/one_step.h"
#include "ops/flow/sampling.h"

namespace belfry::cuda {

namespace {

// The columns of x and, last, that of t, next to each other.
template <class T>
__global__ void pack_columns(const T* weight, int64_t stride, EulerColumns columns, int64_t dims,
                             int64_t rows, T* out) {
  const int64_t width = dims + 1;
#pragma unroll 1
  for (int64_t i : grid_stride(rows * width)) {
    const int64_t row = i / width, column = i % width;
    out[i] = weight[row * stride + (column < dims ? columns.x + column : columns.t)];
  }
}

// The network's input [x, t] at the first step, from noise.
template <class T>
__global__ void begin_chain(Chains<T> chains, int chain, T* inputs) {
  const int64_t width = chains.dims + 1;
  const T time = math::euler_time<T>(0, chains.steps, chains.noise_at_t1[chain]);
#pragma unroll 1
  for (int64_t i : grid_stride(chains.rows * width)) {
    const int64_t row = i / width, column = i % width;
    inputs[i] = column < chains.dims ? chains.noise[row * chains.dims + column] : time;
  }
}

// The next input, or the action.
template <class T>
__global__ void advance_chain(Chains<T> chains, int chain, int64_t step, const T* velocity,
                              T* inputs) {
  const int64_t width = chains.dims + 1;
  const bool reversed = chains.noise_at_t1[chain], last = step + 1 == chains.steps;
  const T time = math::euler_time<T>(step + 1, chains.steps, reversed);
#pragma unroll 1
  for (int64_t i : grid_stride(chains.rows * width)) {
    const int64_t row = i / width, column = i % width;
    if (column == chains.dims) {
      inputs[i] = time;
      continue;
    }
    const int64_t at = row * chains.dims + column;
    const T next = math::euler_step(inputs[i], velocity[at], chains.steps, reversed);
    if (last) {
      chains.actions[chain][at] = chains.finished(next);
    } else {
      inputs[i] = next;
    }
  }
}

template <class T>
void sample_by_layers(const Network<T>& network, const Chains<T>& chains, int count, Work& work) {
  const int64_t inputs_size = chains.rows * (chains.dims + 1);
  T* const inputs = work.scratch<T>(inputs_size);
  T* const velocity = work.scratch<T>(chains.rows * chains.dims);
  Evaluation<T> call;
  call.x = inputs;
  call.rows = chains.rows;
  call.y = velocity;
  const LayerBuffers<T> buffers = layer_buffers(network, chains.rows, work);
  for (int chain = 0; chain < count; ++chain) {
    work.for_each(inputs_size, begin_chain<T>, chains, chain, inputs);
    for (int64_t step = 0; step < chains.steps && work.ok(); ++step) {
      forward_layers(network, call, buffers, work);
      work.for_each(inputs_size, advance_chain<T>, chains, chain, step, velocity, inputs);
    }
  }
}

template <class T>
void sample(const Network<T>& network, const Chains<T>& chains, int count, Work& work) {
  if (is_small(network, chains.rows)) return small_sample(network, chains, count, work);
  sample_by_layers(network, chains, count, work);
}

// Layer 1 becomes W_xt [x, t] + (W_s s + b).
template <class T>
void split_first_layer(const EulerColumns& columns, const T* observations, int64_t states,
                       const Chains<T>& chains, Network<T>& network, Work& work) {
  Layer<T>& first = network.layers.front();
  const Layer<T> of_states = columns_of(first, columns.observations, states);
  const T* const shared = shared_part(of_states, first.add, observations, chains.rows, work);
  const int64_t width = chains.dims + 1;
  T* const packed = work.scratch<T>(first.outputs * width);
  work.for_each(first.outputs * width, pack_columns<T>, first.weight, first.stride, columns,
                chains.dims, first.outputs, packed);
  first.weight = packed;
  first.inputs = first.stride = width;
  first.add = shared;
  first.add_group = 1;
}

}  // namespace

template <class T>
void sample_euler(Network<T> network, const EulerColumns& columns, const T* observations,
                  int64_t states, const Chains<T>& chains, int count, Work& work) {
  split_first_layer(columns, observations, states, chains, network, work);
  sample(network, chains, count, work);
}

template void sample_euler(Network<float>, const EulerColumns&, const float*, int64_t,
                           const Chains<float>&, int, Work&);
template void sample_euler(Network<double>, const EulerColumns&, const double*, int64_t,
                           const Chains<double>&, int, Work&);

namespace {

template <class T>
Status euler_sampler(const EulerSampler<T>& op, CudaContext& context) {
  if (op.weight.count == 0) return no_layers("weight_#");
  const int64_t states = op.observations.dims[1], dims = op.noise.dims[1];
  EulerColumns columns;
  if (!math::find_columns(op.input_order, states, dims, &columns)) {
    return Status::error(Code::invalid_argument, "input_order",
                         "must hold each of observations, x and t once");
  }
  Work work(context, "euler_sampler");
  Chains<T> chains{op.noise.begin(), {}, {}, op.noise.dims[0], dims, op.steps, op.clip};
  int count = 0;
  const auto add_chain = [&](const Out<T, 2>& out, bool noise_at_t1) {
    if (!out.present) return;
    chains.actions[count] = out.begin();
    chains.noise_at_t1[count++] = noise_at_t1;
  };
  add_chain(op.action_data_at_t1, false);
  add_chain(op.action_noise_at_t1, true);
  if (count == 0 || chains.rows == 0 || dims == 0) return {};
  sample_euler(network_of<T>(op), columns, op.observations.begin(), states, chains, count, work);
  return work.status();
}

}  // namespace

template <>
Status run(const EulerSampler<float>& op, CudaContext& context) {
  return euler_sampler(op, context);
}
template <>
Status run(const EulerSampler<double>& op, CudaContext& context) {
  return euler_sampler(op, context);
}

}  // namespace belfry::cuda
