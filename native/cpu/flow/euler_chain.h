// K Euler steps of a velocity network from noise to an action.
//
// Layer 1 is split by its inputs: W_s s + b is computed once per row, W_x x every step, and the
// time adds t times one column. A block of rows runs all steps while it is in cache.
#pragma once

#include <cstring>

#include "cpu/flow/step_network.h"
#include "cpu/flow/workspaces.h"
#include "math/euler_columns.h"

namespace belfry::cpu {

using math::EulerColumns;

template <class T>
struct EulerChain {
  StepNetwork<T> net;
  const T* time = nullptr;  // the column of layer 1 for t
  int64_t steps = 1;
  bool clip = true;  // the actions, to ±1
};

template <class T>
EulerChain<T> euler_chain(const Network<T>& network, const EulerColumns& columns, int64_t states,
                          int64_t dims, CpuContext& context) {
  EulerChain<T> chain;
  chain.net = step_network(network, columns.observations, states, columns.x, dims);
  const Linear<T>& first = network.layers[0].linear;
  T* time = context.scratch<T>(first.outputs);
  for (int64_t i = 0; i < first.outputs; ++i) time[i] = first.weight[i * first.stride + columns.t];
  chain.time = time;
  return chain;
}

// A block, from `noise`, into x.
template <class T>
void run_chain(const EulerChain<T>& s, const T* base, const T* noise, bool noise_at_t1,
               int64_t rows, T* x, T* work) {
  const int64_t size = rows * s.net.dims();
  T* z = work;
  T* v = z + rows * s.net.hidden();
  T* rest = v + size;
  const T step = (noise_at_t1 ? T(-1) : T(1)) / static_cast<T>(s.steps);
  if (size > 0) std::memcpy(x, noise, static_cast<size_t>(size) * sizeof(T));
  for (int64_t i = 0; i < s.steps; ++i) {
    const T done = static_cast<T>(i) / static_cast<T>(s.steps);
    evaluate_step(s.net, base, x, s.time, noise_at_t1 ? 1 - done : done, rows, z, v, rest);
    add_scaled(x, v, step, x, size);
  }
  if (!s.clip) return;
  for (int64_t i = 0; i < size; ++i) x[i] = x[i] < T(-1) ? T(-1) : x[i] > T(1) ? T(1) : x[i];
}

// Actions [rows, dims] with the data at t = 1 and with the noise there, both from the same noise;
// null: not wanted.
template <class T>
Status run_chains(const EulerChain<T>& s, const T* observations, const T* noise, int64_t rows,
                  T* data_at_t1, T* noise_at_t1, CpuContext& context) {
  const int64_t widest = s.net.network.widest(), hidden = s.net.hidden(), dims = s.net.dims();
  const int64_t chains = (data_at_t1 ? 1 : 0) + (noise_at_t1 ? 1 : 0);
  if (chains == 0) return {};
  const RowBlocks blocks =
      row_blocks(rows, widest, 2 * s.net.network.parameters() * s.steps * chains);
  const int64_t per_row = 2 * hidden + dims + 2 * widest;
  const Workspaces<T> workspaces(context, blocks.pieces(), blocks.block * per_row);
  for_each_block(blocks, context, [&](int64_t row, int64_t count, int64_t) {
    const auto work = workspaces.borrow();
    T* base = work.data();
    T* rest = base + count * hidden;
    apply_shared(s.net, observations, row, count, base);
    T* const outs[2] = {data_at_t1, noise_at_t1};
    for (int k = 0; k < 2; ++k) {
      const int64_t at = row * dims;
      if (outs[k]) run_chain(s, base, noise + at, k == 1, count, outs[k] + at, rest);
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace belfry::cpu
