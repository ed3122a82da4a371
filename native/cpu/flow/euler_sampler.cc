// euler_sampler: x ← x + v(x, i/K, s)/K (data at t = 1) and z ← z − v(z, 1 − i/K, s)/K (noise at
// t = 1), both from the same noise.
//
// Layer 1 is split by its inputs: W_s s + b is computed once per row, W_x x every step, and the
// time adds t times one column. A block of rows runs all steps of both chains while it is in cache.
// Per row and step 2 · parameters flops for each chain.
#include <cstring>

#include "cpu/flow/step_network.h"
#include "cpu/flow/workspaces.h"
#include "cpu/run.h"
#include "ops/flow/sampling.h"

namespace belfry::cpu {

namespace {

template <class T>
struct Sampler {
  StepNetwork<T> net;
  const T* time = nullptr;  // the column of layer 1 for t
  int64_t steps = 1;
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
  const Network<T> network = make_network<T>(op, op.noise.dims[0], context);
  out->net = step_network(network, columns.observations, states, columns.x, dims);
  const Linear<T>& first = network.layers[0].linear;
  T* time = context.scratch<T>(first.outputs);
  for (int64_t i = 0; i < first.outputs; ++i) time[i] = first.weight[i * inputs + columns.t];
  out->time = time;
  out->steps = op.steps;
  out->clip = op.clip;
  return {};
}

// One chain of a block, from `noise`, into x.
template <class T>
void sample(const Sampler<T>& s, const T* base, const T* noise, bool noise_at_t1, int64_t rows,
            T* x, T* work) {
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

template <class T>
Status euler_sampler(const EulerSampler<T>& op, CpuContext& context) {
  Sampler<T> s;
  if (Status status = make_sampler(op, context, &s); !status.ok()) return status;
  const int64_t rows = op.noise.dims[0], widest = s.net.network.widest(), hidden = s.net.hidden();
  const int64_t chains = (op.action_data_at_t1 ? 1 : 0) + (op.action_noise_at_t1 ? 1 : 0);
  if (chains == 0) return {};
  const RowBlocks blocks =
      row_blocks(rows, widest, 2 * s.net.network.parameters() * s.steps * chains);
  const int64_t per_row = 2 * hidden + s.net.dims() + 2 * widest;
  const Workspaces<T> workspaces(context, blocks.pieces(), blocks.block * per_row);
  for_each_block(blocks, context, [&](int64_t row, int64_t count, int64_t) {
    const auto work = workspaces.borrow();
    T* base = work.data();
    T* rest = base + count * hidden;
    apply_shared(s.net, op.observations.begin(), row, count, base);
    const T* noise = op.noise.begin() + row * s.net.dims();
    for (const bool noise_at_t1 : {false, true}) {
      const Out<T, 2>& out = noise_at_t1 ? op.action_noise_at_t1 : op.action_data_at_t1;
      if (out) sample(s, base, noise, noise_at_t1, count, out.begin() + row * s.net.dims(), rest);
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
