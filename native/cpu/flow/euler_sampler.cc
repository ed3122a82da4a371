// euler_sampler: x ← x + v(x, i/K, s)/K (data at t = 1) and z ← z − v(z, 1 − i/K, s)/K (noise at
// t = 1), both from the same noise.
//
// Blocks of rows run all steps of both chains (euler_chain.h). Per row and step 2 · parameters
// flops for each chain.
#include "cpu/flow/euler_chain.h"
#include "cpu/run.h"
#include "math/outputs.h"
#include "ops/flow/sampling.h"

namespace belfry::cpu {

namespace {

template <class T>
Status euler_sampler(const EulerSampler<T>& op, CpuContext& context) {
  if (op.weight.count == 0) {
    return Status::error(Code::invalid_argument, "weight_#", "is missing; a network has layers");
  }
  const int64_t states = op.observations.dims[1], rows = op.noise.dims[0], dims = op.noise.dims[1];
  EulerColumns columns;
  if (!math::find_columns(op.input_order, states, dims, &columns)) {
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
  EulerChain<T> chain =
      euler_chain(make_network<T>(op, rows, context), columns, states, dims, context);
  chain.steps = op.steps;
  chain.clip = op.clip;
  return run_chains(chain, op.observations.begin(), op.noise.begin(), rows,
                    math::data_of(op.action_data_at_t1), math::data_of(op.action_noise_at_t1),
                    context);
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
