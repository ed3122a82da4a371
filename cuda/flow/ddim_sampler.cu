// ddim_sampler: x̂₀ = clip((x − √(1−ᾱ) ε_θ)/√ᾱ), x ← √ᾱ' x̂₀ + √(1−ᾱ') ε.
//
// W_s s + b is computed once per row and W_e e_t once per step, for all steps together; a step is
// then the product of x with its columns, the layers after it, and one kernel that moves x.
#include "cuda/flow/diffusion.cuh"

namespace belfry::cuda {

namespace {

// add[row, j] = base[row, j] + time[j]
template <class T>
__global__ void add_time(const T* base, const T* time, int64_t rows, int64_t width, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(rows * width)) out[i] = base[i] + time[i % width];
}

template <class T>
struct StepCall {
  const double* alpha_bar;
  const int32_t* timesteps;
  int64_t at;  // in timesteps
  double limit;
  const T* noise;
  int64_t count;
  T* x;
};

template <class T>
__global__ void take_step(StepCall<T> call) {
  const math::DdimStep step{call.alpha_bar[call.timesteps[call.at]],
                            call.at > 0 ? call.alpha_bar[call.timesteps[call.at - 1]] : 1.0};
#pragma unroll 1
  for (int64_t i : grid_stride(call.count)) {
    call.x[i] = static_cast<T>(
        step.next(static_cast<double>(call.x[i]), static_cast<double>(call.noise[i]), call.limit));
  }
}

template <class T>
__global__ void copy_values(const T* from, int64_t count, T* to) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) to[i] = from[i];
}

// W_e e_t of every listed step.
template <class T>
const T* fold_steps(const DdimSampler<T>& op, const TimedNetwork<T>& net, Work& work) {
  const int64_t count = op.timesteps.dims[0], inputs = net.of_t.inputs();
  T* const times = work.scratch<T>(count);
  work.for_each(count, index_times<T>, op.timesteps.begin(), count, times);
  T* const embeddings = embed_times_of(times, count, inputs, work);
  T* const e = work.scratch<T>(count * net.emb_t());
  forward<T>(net.of_t, embeddings, count, e, work);
  const Layer<T> part = columns_of(net.trunk.layers.front(), net.columns.emb_t, net.emb_t());
  return shared_part<T>(part, nullptr, e, count, work);
}

template <class T>
Status ddim_sampler(const DdimSampler<T>& op, CudaContext& context) {
  TimedNetwork<T> net;
  net.trunk = make_network<T>(op.trunk_weight, op.trunk_bias, op.activation);
  net.of_t = make_network<T>(op.tmlp_weight, op.tmlp_bias, op.activation);
  net.dims = op.noise.dims[1];
  net.states = op.observations.dims[1];
  if (Status s = place_columns(op.input_order, op.emb_dim, &net); !s.ok()) return s;
  const int64_t rows = op.noise.dims[0], count = rows * net.dims, steps = op.timesteps.dims[0];
  if (!op.actions.present || count == 0) return {};
  Work work(context, "ddim_sampler");
  T* const x = op.actions.begin();
  work.for_each(count, copy_values<T>, op.noise.begin(), count, x);
  const double* const alpha_bar = alpha_bar_table(op.schedule, op.steps, work);
  const T* const times = fold_steps(op, net, work);
  Layer<T>& first = net.trunk.layers.front();
  const int64_t hidden = first.outputs;
  const T* const base = shared_part<T>(columns_of(first, net.columns.observations, net.states),
                                       first.add, op.observations.begin(), rows, work);
  T* const add = work.scratch<T>(rows * hidden);
  T* const noise = work.scratch<T>(count);
  first = columns_of(first, net.columns.x, net.dims);
  first.add = add;
  first.add_group = 1;
  for (int64_t at = steps; at-- > 0 && work.ok();) {
    work.for_each(rows * hidden, add_time<T>, base, times + at * hidden, rows, hidden, add);
    forward<T>(net.trunk, x, rows, noise, work);
    const StepCall<T> call{alpha_bar, op.timesteps.begin(), at, op.max_action, noise, count, x};
    work.for_each(count, take_step<T>, call);
  }
  return work.status();
}

}  // namespace

template <>
Status run(const DdimSampler<float>& op, CudaContext& context) {
  return ddim_sampler(op, context);
}
template <>
Status run(const DdimSampler<double>& op, CudaContext& context) {
  return ddim_sampler(op, context);
}

}  // namespace belfry::cuda
