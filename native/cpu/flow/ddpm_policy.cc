// ddpm_policy: mean (ε_θ − ε)² with its gradients, and the chain of T steps with the gradient of
// the sum of its actions, carried back through every step.
//
// Networks are evaluated over the whole batch with everything kept (timed_pass). Per row 6 ·
// parameters flops for the loss and for every step of the chain; without gradients 2.
#include "cpu/flow/diffusion_chain.h"
#include "cpu/run.h"
#include "math/outputs.h"
#include "ops/flow/sampling.h"

namespace belfry::cpu {

namespace {

template <class T>
TimedNetwork<T> networks(const DdpmPolicy<T>& op, CpuContext& context) {
  TimedNetwork<T> net;
  const int64_t rows = op.actions.dims[0];
  net.nets.trunk = hidden_network(op.trunk_weight, op.trunk_bias, op.activation, rows, context);
  net.nets.of_t = hidden_network(op.tmlp_weight, op.tmlp_bias, op.activation, rows, context);
  net.dims = op.actions.dims[1];
  net.states = op.observations.dims[1];
  return net;
}

template <class T>
Status behaviour_loss(const DdpmPolicy<T>& op, const TimedNetwork<T>& net, CpuContext& context) {
  const TimedRows<T> batch = noisy_rows<T>(op, context);
  TimedPass<T> pass = forward_pass(net, batch, context);
  if (context.stopped()) return aborted();
  const int64_t count = batch.rows * net.dims;
  T* grad = context.scratch<T>(count);
  const double loss = noise_loss(pass.y(), op.noise_bc.begin(), count, grad);
  if (op.bc_loss) op.bc_loss[0] = static_cast<T>(loss);
  TimedGradients<T> wanted;
  if (op.grad_trunk_weight_0_of_bc) {
    wanted.trunk = no_gradients(net.nets.trunk, context);
    wanted.trunk[0].weight = op.grad_trunk_weight_0_of_bc.begin();
  }
  if (op.grad_tmlp_weight_0_of_bc) {
    wanted.of_t = no_gradients(net.nets.of_t, context);
    wanted.of_t[0].weight = op.grad_tmlp_weight_0_of_bc.begin();
  }
  if (!wanted.trunk && !wanted.of_t) return {};
  return backward_pass(net, pass, grad, wanted, context);
}

// The chain, and the gradient of the sum of its actions.
template <class T>
Status sample(const DdpmPolicy<T>& op, const TimedNetwork<T>& net, CpuContext& context) {
  const Out<T, 2>& out = op.grad_trunk_weight_0_of_action_sum;
  if (!out && !op.sampled_action) return {};
  const int64_t rows = op.actions.dims[0];
  DiffusionChain<T> chain(net, chain_rules(op, context), rows, context);
  chain.run(op.noise_chain.begin(), op.observations.begin());
  if (context.stopped()) return aborted();
  if (op.sampled_action) chain.clip_end(op.sampled_action.begin());
  if (!out) return {};
  T* weight = context.scratch<T>(out.size());
  for (int64_t i = 0; i < out.size(); ++i) out[i] = T(0);
  TimedGradients<T> wanted;
  wanted.trunk = no_gradients(net.nets.trunk, context);
  wanted.trunk[0].weight = weight;
  return chain.backward(filled(rows * net.dims, T(1), context), wanted, [&] {
    for (int64_t i = 0; i < out.size(); ++i) out[i] += weight[i];
  });
}

template <class T>
Status ddpm_policy(const DdpmPolicy<T>& op, CpuContext& context) {
  if (Status s = check_timed(op.trunk_weight.count, op.tmlp_weight.count, 1, op.emb_dim); !s.ok()) {
    return s;
  }
  TimedNetwork<T> net = networks(op, context);
  if (Status s = place_columns(op.input_order, &net); !s.ok()) return s;
  if (op.bc_loss || op.grad_trunk_weight_0_of_bc || op.grad_tmlp_weight_0_of_bc) {
    const CpuContext::ScratchScope scope(context);
    if (Status s = behaviour_loss(op, net, context); !s.ok()) return s;
  }
  return sample(op, net, context);
}

}  // namespace

template <>
Status run(const DdpmPolicy<float>& op, CpuContext& context) {
  return ddpm_policy(op, context);
}
template <>
Status run(const DdpmPolicy<double>& op, CpuContext& context) {
  return ddpm_policy(op, context);
}

}  // namespace belfry::cpu
