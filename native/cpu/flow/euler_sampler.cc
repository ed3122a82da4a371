// euler_sampler: x ← x + v(x, i/K, s)/K (data at t = 1) and z ← z − v(z, 1 − i/K, s)/K (noise at
// t = 1), both from the same noise.
//
// Layer 1 is split by its inputs: W_s s + b is computed once per row, W_x x every step, and the
// time adds t times one column. A block of rows runs all steps of both chains while it is in cache.
// Per row and step 2 · parameters flops for each chain.
#include <cstring>

#include "cpu/flow/elementwise.h"
#include "cpu/flow/network.h"
#include "cpu/flow/workspaces.h"
#include "cpu/run.h"
#include "ops/flow/sampling.h"

namespace belfry::cpu {

namespace {

template <class T>
struct Sampler {
  Network<T> network;
  Linear<T> state, action;  // of layer 1
  const T* time = nullptr;  // its column for t
  int64_t dims = 0, states = 0, hidden = 0, steps = 1;
  bool clip = true;
};

struct FirstColumns {
  int64_t observations = 0, x = 0, t = 0;
};

// Where each part of the input begins; false when the list is not a permutation of the three.
bool find_columns(const List<EulerInput>& order, int64_t states, int64_t dims, FirstColumns* out) {
  const EulerInput usual[3] = {EulerInput::observations, EulerInput::x, EulerInput::t};
  const EulerInput* words = order.count == 0 ? usual : order.items;
  if (order.count != 0 && order.count != 3) return false;
  int64_t at = 0;
  bool seen[3] = {};
  for (int i = 0; i < 3; ++i) {
    bool& known = seen[static_cast<int>(words[i])];
    if (known) return false;
    known = true;
    switch (words[i]) {
      case EulerInput::observations: out->observations = at, at += states; break;
      case EulerInput::x: out->x = at, at += dims; break;
      case EulerInput::t: out->t = at, at += 1; break;
    }
  }
  return true;
}

template <class T>
Status make_sampler(const EulerSampler<T>& op, CpuContext& context, Sampler<T>* out) {
  if (op.weight.count == 0) {
    return Status::error(Code::invalid_argument, "weight_#", "is missing; a network has layers");
  }
  const int64_t states = op.observations.dims[1], dims = op.noise.dims[1];
  FirstColumns columns;
  if (!find_columns(op.input_order, states, dims, &columns)) {
    return Status::error(Code::invalid_argument, "input_order",
                         "must hold each of observations, x and t once");
  }
  const int64_t inputs = op.weight[0].dims[1];
  if (inputs != states + dims + 1) {
    return Status::error(Code::bad_shape, "weight_0",
                         "takes %lld inputs, expected S + D + 1 = %lld + %lld + 1",
                         static_cast<long long>(inputs), static_cast<long long>(states),
                         static_cast<long long>(dims));
  }
  out->network = make_network<T>(op, op.noise.dims[0], context);
  const Linear<T>& first = out->network.layers[0].linear;
  out->state = columns_of(first, columns.observations, states);
  out->state.bias = first.bias;
  out->action = columns_of(first, columns.x, dims);
  T* time = context.scratch<T>(first.outputs);
  for (int64_t i = 0; i < first.outputs; ++i) time[i] = first.weight[i * inputs + columns.t];
  out->time = time;
  out->dims = dims;
  out->states = states;
  out->hidden = first.outputs;
  out->steps = op.steps;
  out->clip = op.clip;
  return {};
}

// Velocity of a block at time t; z holds rows · hidden, `work` what forward_rows asks for.
template <class T>
void velocity(const Sampler<T>& s, const T* base, const T* x, T t, int64_t rows, T* z, T* v,
              T* work) {
  for (int64_t row = 0; row < rows; ++row) {
    add_scaled(base + row * s.hidden, s.time, t, z + row * s.hidden, s.hidden);
  }
  apply(s.action, x, s.dims, rows, z, true);
  finish_layer(s.network, s.network.layers[0], z, rows);
  if (s.network.count == 1) {
    std::memcpy(v, z, static_cast<size_t>(rows * s.hidden) * sizeof(T));
  } else {
    forward_rows(s.network, 1, z, rows, v, work);
  }
}

// One chain of a block, from `noise`, into x.
template <class T>
void sample(const Sampler<T>& s, const T* base, const T* noise, bool noise_at_t1, int64_t rows,
            T* x, T* work) {
  const int64_t size = rows * s.dims;
  T* z = work;
  T* v = z + rows * s.hidden;
  T* rest = v + size;
  const T step = (noise_at_t1 ? T(-1) : T(1)) / static_cast<T>(s.steps);
  if (size > 0) std::memcpy(x, noise, static_cast<size_t>(size) * sizeof(T));
  for (int64_t i = 0; i < s.steps; ++i) {
    const T done = static_cast<T>(i) / static_cast<T>(s.steps);
    velocity(s, base, x, noise_at_t1 ? 1 - done : done, rows, z, v, rest);
    add_scaled(x, v, step, x, size);
  }
  if (!s.clip) return;
  for (int64_t i = 0; i < size; ++i) x[i] = x[i] < T(-1) ? T(-1) : x[i] > T(1) ? T(1) : x[i];
}

template <class T>
Status euler_sampler(const EulerSampler<T>& op, CpuContext& context) {
  Sampler<T> s;
  if (Status status = make_sampler(op, context, &s); !status.ok()) return status;
  const int64_t rows = op.noise.dims[0], widest = s.network.widest();
  const int64_t chains = (op.action_data_at_t1 ? 1 : 0) + (op.action_noise_at_t1 ? 1 : 0);
  if (chains == 0) return {};
  const RowBlocks blocks = row_blocks(rows, widest, 2 * s.network.parameters() * s.steps * chains);
  const int64_t per_row = 2 * s.hidden + s.dims + 2 * widest;
  const Workspaces<T> workspaces(context, blocks.pieces(), blocks.block * per_row);
  for_each_block(blocks, context, [&](int64_t row, int64_t count, int64_t) {
    const auto work = workspaces.borrow();
    T* base = work.data();
    T* rest = base + count * s.hidden;
    apply(s.state, op.observations.begin() + row * s.states, s.states, count, base);
    const T* noise = op.noise.begin() + row * s.dims;
    for (const bool noise_at_t1 : {false, true}) {
      const Out<T, 2>& out = noise_at_t1 ? op.action_noise_at_t1 : op.action_data_at_t1;
      if (out) sample(s, base, noise, noise_at_t1, count, out.begin() + row * s.dims, rest);
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const EulerSampler<float>& op, CpuContext& context) {
  return euler_sampler(op, context);
}
template <>
Status run(const EulerSampler<double>& op, CpuContext& context) {
  return euler_sampler(op, context);
}

}  // namespace belfry::cpu
