// A network that a sampler evaluates step after step: of layer 1 the part of the state, W_s s + b,
// is computed once for each row, that of x every step, and the time adds a vector that all rows
// share.
#pragma once

#include <cstring>

#include "cpu/flow/elementwise.h"
#include "cpu/flow/timed_pass.h"

namespace belfry::cpu {

template <class T>
struct StepNetwork {
  Network<T> network;
  Linear<T> state, own;  // of layer 1; the bias goes with the state

  int64_t hidden() const { return own.outputs; }
  int64_t dims() const { return own.inputs; }
};

template <class T>
StepNetwork<T> step_network(const Network<T>& network, int64_t states_at, int64_t states,
                            int64_t own_at, int64_t dims) {
  const Linear<T>& first = network.layers[0].linear;
  StepNetwork<T> net{network, columns_of(first, states_at, states),
                     columns_of(first, own_at, dims)};
  net.state.bias = first.bias;
  return net;
}

// W_e e_t of one step.
template <class T>
void fold_step(const TimedNetwork<T>& net, int64_t step, T* out, CpuContext& context) {
  const Network<T>& of_t = net.nets.of_t;
  T* embedding = context.scratch<T>(of_t.inputs());
  T* e = context.scratch<T>(of_t.outputs());
  embed_one(static_cast<double>(step), 1.0, of_t.inputs(), embedding);
  forward_rows(of_t, 0, embedding, 1, e, context.scratch<T>(2 * of_t.widest()));
  Linear<T> part = columns_of(net.nets.trunk.layers[0].linear, net.columns.emb_t, of_t.outputs());
  part.few = true;
  apply(part, e, of_t.outputs(), 1, out);
}

// W_s s + b for rows [row, row + count) of the states.
template <class T>
void apply_shared(const StepNetwork<T>& net, const T* states, int64_t row, int64_t count, T* base) {
  apply(net.state, states + row * net.state.inputs, net.state.inputs, count, base);
}

// y of a block whose layer 1 is base + scale · time + W_x x. z holds rows · hidden, `work` what
// forward_rows asks for.
template <class T>
void evaluate_step(const StepNetwork<T>& net, const T* base, const T* x, const T* time, T scale,
                   int64_t rows, T* z, T* y, T* work) {
  const int64_t hidden = net.hidden();
  for (int64_t row = 0; row < rows; ++row) {
    add_scaled(base + row * hidden, time, scale, z + row * hidden, hidden);
  }
  apply(net.own, x, net.dims(), rows, z, true);
  finish_layer(net.network, net.network.layers[0], z, rows);
  if (net.network.count > 1) return forward_rows(net.network, 1, z, rows, y, work);
  std::memcpy(y, z, static_cast<size_t>(rows * hidden) * sizeof(T));
}

}  // namespace belfry::cpu
