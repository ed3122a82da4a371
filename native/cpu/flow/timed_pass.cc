// The inputs of the trunk are gathered into one array, [x, e_t, e_r, s] of every row, so that layer
// 1 is one product. Per row 2 · parameters flops forward, 4 back, 2 along the path.
#include "cpu/flow/timed_pass.h"

#include <cstring>

#include "cpu/flow/elementwise.h"

namespace belfry::cpu {

namespace {

// Columns [at, at + width) of rows of an array.
template <class T>
struct Columns {
  T* data = nullptr;
  int64_t stride = 0, at = 0, width = 0;

  T* row(int64_t i) const { return data + i * stride + at; }
};

template <class T>
void copy_columns(const Columns<const T>& from, int64_t from_row, const Columns<T>& to,
                  int64_t to_row) {
  if (from.width == 0) return;
  std::memcpy(to.row(to_row), from.row(from_row), static_cast<size_t>(from.width) * sizeof(T));
}

template <class T>
Columns<const T> whole(const T* data, int64_t width) {
  return {data, width, 0, width};
}

constexpr int64_t kCopyWork = 4;  // operations that one copied element counts

// sin and cos of every row's time, or their derivatives; `rows` null: all of them.
template <class T>
void embed_rows(const T* times, double scale, int64_t dim, const int32_t* rows, int64_t count,
                bool slopes, T* out, CpuContext& context) {
  const int64_t half = dim / 2;
  double* frequencies = context.scratch<double>(half);
  for (int64_t k = 0; k < half; ++k) {
    frequencies[k] = math::embedding_frequency(k, half, kTimePeriod);
  }
  context.parallel(count, chunk_for(60 * half), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      const double t = static_cast<double>(times[rows ? rows[i] : i]);
      for (int64_t k = 0; k < half; ++k) {
        const auto pair = math::embed_time(t, scale, frequencies[k]);
        out[i * dim + k] = static_cast<T>(slopes ? pair.sine_slope : pair.sine);
        out[i * dim + k + half] = static_cast<T>(slopes ? pair.cosine_slope : pair.cosine);
      }
    }
  });
}

template <class T>
KeptPass<T> embed_pass(const Network<T>& network, double scale, const T* times, int64_t rows,
                       CpuContext& context) {
  T* inputs = context.scratch<T>(rows * network.inputs());
  embed_rows<T>(times, scale, network.inputs(), nullptr, rows, false, inputs, context);
  BackwardRows<T> task;
  task.x = inputs;
  task.rows = rows;
  const KeptPass<T> pass = make_pass(network, task, context);
  forward_pass(pass, context);
  return pass;
}

template <class T>
T* gather_inputs(const TimedNetwork<T>& net, const TimedRows<T>& batch, const TimedPass<T>& pass,
                 CpuContext& context) {
  const int64_t width = net.nets.trunk.inputs();
  T* inputs = context.scratch<T>(batch.rows * width);
  const Columns<const T> parts[4] = {
      whole(batch.x, net.dims), whole(batch.observations, net.states),
      whole<T>(pass.of_t.task.y, net.emb_t()), whole<T>(pass.of_r.task.y, net.emb_r())};
  const int64_t at[4] = {net.columns.x, net.columns.observations, net.columns.emb_t,
                         net.columns.emb_r};
  const int64_t last_time = batch.num_times() - 1;
  context.parallel(batch.rows, chunk_for(kCopyWork * width),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t i = begin; i < end; ++i) {
                       for (int k = 0; k < 4; ++k) {
                         copy_columns(parts[k], k < 2 ? i : std::min(i, last_time),
                                      {inputs, width, at[k], parts[k].width}, i);
                       }
                     }
                   });
  return inputs;
}

// The rows from the last time on have it in common: the first of them gets their sum.
template <class T>
void add_shared_rows(T* grad, int64_t rows, int64_t times, int64_t width, CpuContext& context) {
  if (times == rows) return;
  T* shared = grad + (times - 1) * width;
  double* sums = context.scratch<double>(width);
  for (int64_t i = 0; i < width; ++i) sums[i] = 0;
  add_column_sums(shared, rows - times + 1, width, sums);
  for (int64_t i = 0; i < width; ++i) shared[i] = static_cast<T>(sums[i]);
}

// The columns of grad_x that anything asks for.
template <class T>
InputWindow wanted_window(const TimedNetwork<T>& net, const TimedGradients<T>& wanted) {
  int64_t first = net.nets.trunk.inputs(), end = 0;
  const auto add = [&](bool asked, int64_t at, int64_t width) {
    if (!asked || width == 0) return;
    first = std::min(first, at);
    end = std::max(end, at + width);
  };
  add(wanted.x, net.columns.x, net.dims);
  add(wanted.of_t, net.columns.emb_t, net.emb_t());
  add(wanted.of_r, net.columns.emb_r, net.emb_r());
  return {std::min(first, end), std::max<int64_t>(0, end - first)};
}

}  // namespace

Status check_timed(int64_t trunk, int64_t of_t, int64_t of_r, int64_t emb_dim) {
  const auto missing = [](const char* name) {
    return Status::error(Code::invalid_argument, name, "is missing; a network has layers");
  };
  if (trunk == 0) return missing("trunk_weight_#");
  if (of_t == 0) return missing("tmlp_weight_#");
  if (of_r == 0) return missing("rmlp_weight_#");
  if (emb_dim % 2 == 0) return {};
  return Status::error(Code::invalid_argument, "emb_dim", "is %lld, expected an even number",
                       static_cast<long long>(emb_dim));
}

template <class T>
Status place_columns(const List<TrunkInput>& order, TimedNetwork<T>* net) {
  const math::TrunkParts parts{net->dims, net->emb_t(), net->emb_r(), net->states,
                               net->nets.of_r.count > 0};
  if (math::place_trunk(order, parts, &net->columns)) return {};
  return Status::error(Code::invalid_argument, "input_order", "must hold each part once");
}

template <class T>
TimedPass<T> forward_pass(const TimedNetwork<T>& net, const TimedRows<T>& batch,
                          CpuContext& context) {
  TimedPass<T> pass;
  const double scale = net.nets.time_scale;
  pass.of_t = embed_pass(net.nets.of_t, scale, batch.t, batch.num_times(), context);
  if (net.nets.of_r.count > 0) {
    pass.of_r = embed_pass(net.nets.of_r, scale, batch.r, batch.num_times(), context);
  }
  BackwardRows<T> task;
  task.x = gather_inputs(net, batch, pass, context);
  task.rows = batch.rows;
  pass.trunk = make_pass(net.nets.trunk, task, context);
  forward_pass(pass.trunk, context);
  return pass;
}

template <class T>
void derivative_pass(const TimedNetwork<T>& net, const TimedRows<T>& batch,
                     const TimedPass<T>& pass, const int32_t* rows, int64_t count,
                     const T* velocity, T* derivative, CpuContext& context) {
  const Network<T>& of_t = net.nets.of_t;
  const int64_t width = net.nets.trunk.inputs();
  T* slopes = context.scratch<T>(count * of_t.inputs());
  T* along_t = context.scratch<T>(count * of_t.outputs());
  T* inputs = context.scratch<T>(count * width);
  embed_rows(batch.t, net.nets.time_scale, of_t.inputs(), rows, count, true, slopes, context);
  tangent_pass(pass.of_t, rows, count, slopes, along_t, context);
  std::memset(inputs, 0, static_cast<size_t>(count * width) * sizeof(T));
  for (int64_t i = 0; i < count; ++i) {
    copy_columns(whole(velocity, net.dims), rows[i], {inputs, width, net.columns.x, net.dims}, i);
    copy_columns(whole<T>(along_t, net.emb_t()), i, {inputs, width, net.columns.emb_t, net.emb_t()},
                 i);
  }
  tangent_pass(pass.trunk, rows, count, inputs, derivative, context);
}

template <class T>
Status backward_pass(const TimedNetwork<T>& net, TimedPass<T>& pass, const T* grad_y,
                     const TimedGradients<T>& wanted, CpuContext& context) {
  const int64_t rows = pass.trunk.task.rows;
  const InputWindow window = wanted_window(net, wanted);
  BackwardRows<T>& task = pass.trunk.task;
  task.grad_y = grad_y;
  task.layers = wanted.trunk;
  task.window = window;
  task.grad_x = window.count > 0 ? context.scratch<T>(rows * window.count) : nullptr;
  if (Status s = backward_pass(pass.trunk, context); !s.ok() || !task.grad_x) return s;
  const auto take = [&](int64_t at, int64_t width, T* to) {
    const Columns<const T> from{task.grad_x, window.count, at - window.first, width};
    for (int64_t i = 0; i < rows; ++i) copy_columns(from, i, {to, width, 0, width}, i);
    return to;
  };
  if (wanted.x) take(net.columns.x, net.dims, wanted.x);
  const auto back = [&](KeptPass<T>& of_time, LayerGrads<T>* layers, int64_t at) {
    const int64_t width = of_time.network.outputs();
    T* grad = take(at, width, context.scratch<T>(rows * width));
    add_shared_rows(grad, rows, of_time.task.rows, width, context);
    of_time.task.grad_y = grad;
    of_time.task.layers = layers;
    return backward_pass(of_time, context);
  };
  if (wanted.of_t) {
    if (Status s = back(pass.of_t, wanted.of_t, net.columns.emb_t); !s.ok()) return s;
  }
  return wanted.of_r ? back(pass.of_r, wanted.of_r, net.columns.emb_r) : Status{};
}

#define BELFRY_INSTANTIATE(T)                                                                     \
  template Status place_columns(const List<TrunkInput>&, TimedNetwork<T>*);                       \
  template TimedPass<T> forward_pass(const TimedNetwork<T>&, const TimedRows<T>&, CpuContext&);   \
  template void derivative_pass(const TimedNetwork<T>&, const TimedRows<T>&, const TimedPass<T>&, \
                                const int32_t*, int64_t, const T*, T*, CpuContext&);              \
  template Status backward_pass(const TimedNetwork<T>&, TimedPass<T>&, const T*,                  \
                                const TimedGradients<T>&, CpuContext&);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu
