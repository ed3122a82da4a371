// One kernel gathers the trunk's inputs [x, e_t, e_r, s] and, along a path, their derivatives, so
// that layer 1 is one product. Value and derivative are products of their own (network.cu).
#include "cuda/flow/timed_pass.cuh"

#include <algorithm>

#include "math/embedding.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void embed_times(const T* times, int64_t count, int64_t half, double scale, T* emb,
                            T* slopes) {
  constexpr double kMaxPeriod = 10000;
#pragma unroll 1
  for (int64_t i : grid_stride(count * half)) {
    const int64_t row = i / half, k = i % half, sine = row * 2 * half + k;
    const auto pair = math::embed_time(static_cast<double>(times[row]), scale,
                                       math::embedding_frequency(k, half, kMaxPeriod));
    emb[sine] = static_cast<T>(pair.sine);
    emb[sine + half] = static_cast<T>(pair.cosine);
    if (!slopes) continue;
    slopes[sine] = static_cast<T>(pair.sine_slope);
    slopes[sine + half] = static_cast<T>(pair.cosine_slope);
  }
}

template <class T>
struct GatherCall {
  GatherPart<T> parts[4];
  int64_t rows, width;
  T* out;
};

template <class T>
__global__ void gather(GatherCall<T> call) {
#pragma unroll 1
  for (int64_t i : grid_stride(call.rows * call.width)) {
    const int64_t row = i / call.width, column = i % call.width;
    T value = T(0);
    for (int k = 0; k < 4; ++k) {
      const GatherPart<T>& part = call.parts[k];
      const int64_t j = column - part.at;
      if (!part.from || j < 0 || j >= part.width) continue;
      value = part.from[row / part.map.group % part.map.period * part.width + j];
    }
    call.out[i] = value;
  }
}

template <class T>
__global__ void columns_kernel(const T* from, int64_t rows, int64_t stride, int64_t at,
                               int64_t width, T* to) {
#pragma unroll 1
  for (int64_t i : grid_stride(rows * width)) to[i] = from[i / width * stride + at + i % width];
}

// The embeddings of one time through their network.
template <class T>
struct TimePass {
  std::vector<LayerTrace<T>> traces;
  T* e = nullptr;
  T* slope = nullptr;
};

template <class T>
TimePass<T> embed_pass(const Network<T>& network, double scale, const T* times, int64_t rows,
                       bool along, Work& work) {
  const int64_t inputs = network.inputs(), outputs = network.outputs();
  TimePass<T> pass;
  T* const emb = work.scratch<T>(rows * inputs);
  T* const slopes = along ? work.scratch<T>(rows * inputs) : nullptr;
  pass.e = work.scratch<T>(rows * outputs);
  if (along) pass.slope = work.scratch<T>(rows * outputs);
  work.for_each(rows * inputs / 2, embed_times<T>, times, rows, inputs / 2, scale, emb, slopes);
  Evaluation<T> call;
  call.x = emb;
  call.tangent_x = slopes;
  call.rows = rows;
  call.y = pass.e;
  call.tangent_y = pass.slope;
  pass.traces = forward_keeping(network, call, work);
  return pass;
}

template <class T>
T* gather_inputs(const TimedNetwork<T>& net, const TimedRows<T>& batch, const T* x, const T* e_t,
                 const T* e_r, const T* observations, Work& work) {
  return gather_rows<T>({{x, net.columns.x, net.dims},
                         {e_t, net.columns.emb_t, net.emb_t()},
                         {e_r, net.columns.emb_r, net.emb_r()},
                         {observations, net.columns.observations, net.states, batch.states}},
                        batch.rows, net.trunk.inputs(), work);
}

Status check_layers(bool trunk, bool of_t, int64_t emb_dim) {
  if (!trunk) return no_layers("trunk_weight_#");
  if (!of_t) return no_layers("tmlp_weight_#");
  if (emb_dim % 2 == 0) return {};
  return Status::error(Code::invalid_argument, "emb_dim", "is %lld, expected an even number",
                       static_cast<long long>(emb_dim));
}

}  // namespace

template <class T>
T* gather_rows(std::initializer_list<GatherPart<T>> parts, int64_t rows, int64_t width,
               Work& work) {
  GatherCall<T> call{{}, rows, width, work.scratch<T>(rows * width)};
  std::copy(parts.begin(), parts.end(), call.parts);
  work.for_each(rows * width, gather<T>, call);
  return call.out;
}

template <class T>
Status place_columns(const List<TrunkInput>& order, int64_t emb_dim, TimedNetwork<T>* net) {
  Status status = check_layers(!net->trunk.layers.empty(), !net->of_t.layers.empty(), emb_dim);
  if (!status.ok()) return status;
  const math::TrunkParts parts{net->dims, net->emb_t(), net->emb_r(), net->states,
                               net->two_times()};
  if (math::place_trunk(order, parts, &net->columns)) return {};
  return Status::error(Code::invalid_argument, "input_order", "must hold each part once");
}

template <class T>
TimedPass<T> forward_pass(const TimedNetwork<T>& net, const TimedRows<T>& batch, Work& work) {
  TimedPass<T> pass;
  const bool along = batch.velocity != nullptr;
  pass.rows = batch.rows;
  TimePass<T> of_t = embed_pass(net.of_t, net.time_scale, batch.t, batch.rows, along, work);
  TimePass<T> of_r;
  if (net.two_times()) {
    of_r = embed_pass(net.of_r, net.time_scale, batch.r, batch.rows, false, work);
  }
  Evaluation<T> call;
  call.rows = batch.rows;
  call.x = gather_inputs<T>(net, batch, batch.x, of_t.e, of_r.e, batch.observations, work);
  pass.y = call.y = work.scratch<T>(batch.rows * net.dims);
  if (along) {
    call.tangent_x =
        gather_inputs<T>(net, batch, batch.velocity, of_t.slope, nullptr, nullptr, work);
    pass.tangent_y = call.tangent_y = work.scratch<T>(batch.rows * net.dims);
  }
  pass.trunk = forward_keeping(net.trunk, call, work);
  pass.of_t = std::move(of_t.traces);
  pass.of_r = std::move(of_r.traces);
  return pass;
}

template <class T>
T* embed_times_of(const T* times, int64_t count, int64_t dim, Work& work) {
  T* const out = work.scratch<T>(count * dim);
  work.for_each(count * dim / 2, embed_times<T>, times, count, dim / 2, 1.0, out,
                static_cast<T*>(nullptr));
  return out;
}

template <class T>
void take_columns(const T* from, int64_t rows, int64_t stride, int64_t at, int64_t width, T* to,
                  Work& work) {
  work.for_each(rows * width, columns_kernel<T>, from, rows, stride, at, width, to);
}

template <class T>
void backward_pass(const TimedNetwork<T>& net, const TimedPass<T>& pass, const T* grad_y,
                   const TimedGradients<T>& wanted, Work& work) {
  if (!work.ok()) return;
  const int64_t inputs = net.trunk.inputs();
  const bool through = wanted.x || !wanted.of_t.empty() || !wanted.of_r.empty();
  T* const grad_x = through ? work.scratch<T>(pass.rows * inputs) : nullptr;
  std::vector<LayerGrads<T>> trunk = wanted.trunk;
  trunk.resize(net.trunk.layers.size());
  backward<T>(net.trunk, pass.trunk, grad_y, pass.rows, trunk, 0, grad_x, work);
  if (wanted.x) take_columns<T>(grad_x, pass.rows, inputs, net.columns.x, net.dims, wanted.x, work);
  const auto back = [&](const Network<T>& of_time, const std::vector<LayerTrace<T>>& traces,
                        const std::vector<LayerGrads<T>>& grads, int64_t at) {
    if (grads.empty() || !work.ok()) return;
    T* const grad_e = work.scratch<T>(pass.rows * of_time.outputs());
    take_columns<T>(grad_x, pass.rows, inputs, at, of_time.outputs(), grad_e, work);
    backward<T>(of_time, traces, grad_e, pass.rows, grads, 0, nullptr, work);
  };
  back(net.of_t, pass.of_t, wanted.of_t, net.columns.emb_t);
  back(net.of_r, pass.of_r, wanted.of_r, net.columns.emb_r);
}

#define BELFRY_INSTANTIATE(T)                                                             \
  template Status place_columns(const List<TrunkInput>&, int64_t, TimedNetwork<T>*);      \
  template TimedPass<T> forward_pass(const TimedNetwork<T>&, const TimedRows<T>&, Work&); \
  template void backward_pass(const TimedNetwork<T>&, const TimedPass<T>&, const T*,      \
                              const TimedGradients<T>&, Work&);                           \
  template T* gather_rows(std::initializer_list<GatherPart<T>>, int64_t, int64_t, Work&); \
  template T* embed_times_of(const T*, int64_t, int64_t, Work&);                          \
  template void take_columns(const T*, int64_t, int64_t, int64_t, int64_t, T*, Work&);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cuda
