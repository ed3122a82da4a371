// ddim_sampler: x̂₀ = clip((x − √(1−ᾱ) ε_θ)/√ᾱ), x ← √ᾱ' x̂₀ + √(1−ᾱ') ε.
//
// The time embeddings of the steps are the same for all rows: each becomes one vector of layer 1,
// W_e e_t, computed once. Blocks of rows run all steps while they are in cache. 2 · parameters
// flops per row and step.
#include "cpu/flow/step_network.h"
#include "cpu/flow/workspaces.h"
#include "cpu/run.h"
#include "math/diffusion.h"
#include "ops/flow/sampling.h"

namespace belfry::cpu {

namespace {

template <class T>
struct Chain {
  StepNetwork<T> net;
  const math::DdimStep* steps = nullptr;  // in the order they are taken
  const T* times = nullptr;               // [steps, hidden]
  int64_t count = 0;
  double limit = 1;
};

template <class T>
TimedNetwork<T> networks(const DdimSampler<T>& op, CpuContext& context) {
  TimedNetwork<T> net;
  const int64_t rows = op.noise.dims[0];
  net.nets.trunk = hidden_network(op.trunk_weight, op.trunk_bias, op.activation, rows, context);
  net.nets.of_t = hidden_network(op.tmlp_weight, op.tmlp_bias, op.activation, 1, context);
  net.dims = op.noise.dims[1];
  net.states = op.observations.dims[1];
  return net;
}

template <class T>
Chain<T> make_chain(const DdimSampler<T>& op, const TimedNetwork<T>& net, CpuContext& context) {
  Chain<T> chain;
  chain.net =
      step_network(net.nets.trunk, net.columns.observations, net.states, net.columns.x, net.dims);
  chain.count = op.timesteps.size();
  chain.limit = op.max_action;
  double* alpha_bar = context.scratch<double>(op.steps);
  math::alpha_bars(op.schedule, op.steps, alpha_bar);
  auto* steps = context.scratch<math::DdimStep>(chain.count);
  T* times = context.scratch<T>(chain.count * chain.net.hidden());
  for (int64_t k = 0; k < chain.count; ++k) {
    const int64_t at = chain.count - 1 - k, step = op.timesteps[at];
    steps[k] = {alpha_bar[step], at > 0 ? alpha_bar[op.timesteps[at - 1]] : 1};
    const CpuContext::ScratchScope scope(context);
    fold_step(net, step, times + k * chain.net.hidden(), context);
  }
  chain.steps = steps;
  chain.times = times;
  return chain;
}

template <class T>
void run_block(const Chain<T>& chain, const T* states, int64_t row, int64_t count, T* x, T* work) {
  const int64_t hidden = chain.net.hidden(), size = count * chain.net.dims();
  T* base = work;
  T* z = base + count * hidden;
  T* noise = z + count * hidden;
  T* rest = noise + size;
  apply_shared(chain.net, states, row, count, base);
  for (int64_t k = 0; k < chain.count; ++k) {
    evaluate_step(chain.net, base, x, chain.times + k * hidden, T(1), count, z, noise, rest);
    for (int64_t i = 0; i < size; ++i) {
      x[i] = static_cast<T>(chain.steps[k].next(static_cast<double>(x[i]),
                                                static_cast<double>(noise[i]), chain.limit));
    }
  }
}

template <class T>
Status ddim_sampler(const DdimSampler<T>& op, CpuContext& context) {
  if (Status s = check_timed(op.trunk_weight.count, op.tmlp_weight.count, 1, op.emb_dim); !s.ok()) {
    return s;
  }
  TimedNetwork<T> net = networks(op, context);
  if (Status s = place_columns(op.input_order, &net); !s.ok()) return s;
  if (!op.actions) return {};
  const Chain<T> chain = make_chain(op, net, context);
  const Network<T>& trunk = net.nets.trunk;
  const RowBlocks blocks =
      row_blocks(op.noise.dims[0], trunk.widest(), 2 * trunk.parameters() * (chain.count + 1));
  const int64_t per_row = 2 * chain.net.hidden() + net.dims + 2 * trunk.widest();
  const Workspaces<T> workspaces(context, blocks.pieces(), blocks.block * per_row);
  for_each_block(blocks, context, [&](int64_t row, int64_t count, int64_t) {
    T* x = op.actions.begin() + row * net.dims;
    const size_t bytes = static_cast<size_t>(count * net.dims) * sizeof(T);
    if (bytes > 0) std::memcpy(x, op.noise.begin() + row * net.dims, bytes);
    run_block(chain, op.observations.begin(), row, count, x, workspaces.borrow().data());
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const DdimSampler<float>& op, CpuContext& context) {
  return ddim_sampler(op, context);
}
template <>
Status run(const DdimSampler<double>& op, CpuContext& context) {
  return ddim_sampler(op, context);
}

}  // namespace belfry::cpu
