// The parameters of a timed policy as one optimiser has them: trunk, network of t, network of r.
#pragma once

#include "cpu/flow/critic_step.h"
#include "cpu/flow/timed_pass.h"

namespace belfry::cpu {

template <class T>
Network<T> current(const TrainedNetwork<T>& net, Activation activation, int64_t rows,
                   CpuContext& context) {
  return hidden_network(net.now.weight, net.now.bias, activation, rows, context);
}
template <class T>
Network<T> average(const TrainedNetwork<T>& net, Activation activation, int64_t rows,
                   CpuContext& context) {
  return hidden_network(net.follower.weight, net.follower.bias, activation, rows, context);
}

template <class T>
struct PolicyParameters {
  ParameterSet<T> set;
  TimedGradients<T> wanted;  // where their gradients go
};

// `of_r` null: the policy has one time.
template <class T, class Op>
PolicyParameters<T> policy_parameters(const Op& op, const TrainedNetwork<T>* of_r,
                                      CpuContext& context) {
  PolicyParameters<T> policy;
  int64_t layers = op.trunk.now.weight.count + op.tmlp.now.weight.count;
  if (of_r) layers += of_r->now.weight.count;
  policy.set.items = context.scratch<Parameter<T>>(2 * layers);
  const auto add = [&](const TrainedNetwork<T>& net) {
    auto* grads = context.scratch<LayerGrads<T>>(net.now.weight.count);
    for (int64_t i = 0; i < net.now.weight.count; ++i) grads[i] = LayerGrads<T>{};
    add_parameters(lists_of(net), grads, false, &policy.set, context);
    return grads;
  };
  policy.wanted.trunk = add(op.trunk);
  policy.wanted.of_t = add(op.tmlp);
  if (of_r) policy.wanted.of_r = add(*of_r);
  policy.set.moments = math::data_of(op.policy_moments);
  policy.set.next_moments = math::data_of(op.new_policy_moments);
  return policy;
}

// The policy's step, once its gradients are there; `share` is that of the policy in its average.
template <class T, class Op>
Status update_policy(const Op& op, const PolicyParameters<T>& policy, double share,
                     CpuContext& context) {
  const AdamStep<T> step = clipped_step(op, policy.set, share, op.actor_grad_norm, context);
  if (context.stopped()) return aborted();
  adam_step(policy.set, step, context);
  return context.stopped() ? aborted() : Status{};
}

}  // namespace belfry::cpu
