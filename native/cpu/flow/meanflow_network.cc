// meanflow_network: u and du/dt along (v, 1, 0), the average-velocity loss, and back through u.
//
// The derivative is carried through the kept pre-activations of the rows that need it: those with
// r < t for the loss, all of them where du/dt itself is wanted. Per row 6 · parameters flops, and 2
// for the derivative.
#include "cpu/flow/average_velocity.h"
#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "ops/flow/ofql.h"

namespace belfry::cpu {

namespace {

template <class T>
struct Lists {
  const List<Out<T, 2>>& weight;
  const List<Out<T, 1>>& bias;
};

// Null when nobody asks for any of them.
template <class T>
LayerGrads<T>* wanted_gradients(const Network<T>& network, const Lists<T>& lists,
                                CpuContext& context) {
  LayerGrads<T>* grads = no_gradients(network, context);
  bool any = false;
  for (int64_t i = 0; i < network.count; ++i) {
    if (i < lists.weight.count) grads[i].weight = math::data_of(lists.weight[i]);
    if (i < lists.bias.count) grads[i].bias = math::data_of(lists.bias[i]);
    any = any || grads[i].weight || grads[i].bias;
  }
  return any ? grads : nullptr;
}

template <class T>
void write_outputs(const MeanflowNetwork<T>& op, const VelocityTarget<T>& target,
                   const TimedPass<T>& pass) {
  const auto copy = [](const Out<T, 2>& out, const T* from) {
    for (int64_t i = 0; out && i < out.size(); ++i) out[i] = from[i];
  };
  copy(op.x_t, target.x_t);
  copy(op.velocity, target.velocity);
  copy(op.u, pass.y());
}

template <class T>
TimedNetwork<T> networks(const MeanflowNetwork<T>& op, CpuContext& context) {
  TimedNetwork<T> net;
  const int64_t rows = op.actions.dims[0];
  net.nets = {hidden_network(op.trunk_weight, op.trunk_bias, op.activation, rows, context),
              hidden_network(op.tmlp_weight, op.tmlp_bias, op.activation, rows, context),
              hidden_network(op.rmlp_weight, op.rmlp_bias, op.activation, rows, context),
              op.time_scale};
  net.dims = op.actions.dims[1];
  net.states = op.observations.dims[1];
  return net;
}

template <class T>
Status meanflow_network(const MeanflowNetwork<T>& op, CpuContext& context) {
  if (Status s = check_timed(op.trunk_weight.count, op.tmlp_weight.count, op.rmlp_weight.count,
                             op.emb_dim);
      !s.ok()) {
    return s;
  }
  TimedNetwork<T> net = networks(op, context);
  if (Status s = place_columns(op.input_order, &net); !s.ok()) return s;
  const int64_t rows = op.actions.dims[0], count = rows * net.dims;
  const VelocityTarget<T> target = velocity_target(op.actions, op.noise, op.t, rows, context);
  const TimedRows<T> batch{rows, target.x_t, op.t.begin(), op.r.begin(), op.observations.begin()};
  TimedPass<T> pass = forward_pass(net, batch, context);
  T* dudt = op.dudt ? op.dudt.begin() : context.scratch<T>(count);
  velocity_derivative(net, batch, pass, target.velocity, rows, op.dudt.present, dudt, context);
  if (context.stopped()) return aborted();
  write_outputs(op, target, pass);
  math::MeanflowRows<T> loss = velocity_loss(op, target, pass.y(), dudt);
  loss.grad = context.scratch<T>(count);
  const auto sums = sum_rows(loss, rows, 12 * net.dims + 60, context);
  if (op.loss) op.loss[0] = static_cast<T>(sums.loss * loss.inverse_rows);
  const TimedGradients<T> wanted{
      wanted_gradients(net.nets.trunk, Lists<T>{op.grad_trunk_weight, op.grad_trunk_bias}, context),
      wanted_gradients(net.nets.of_t, Lists<T>{op.grad_tmlp_weight, op.grad_tmlp_bias}, context),
      wanted_gradients(net.nets.of_r, Lists<T>{op.grad_rmlp_weight, op.grad_rmlp_bias}, context)};
  if (!wanted.trunk && !wanted.of_t && !wanted.of_r) return finished(context);
  return backward_pass(net, pass, loss.grad, wanted, context);
}

}  // namespace

template <>
Status run(const MeanflowNetwork<float>& op, CpuContext& context) {
  return meanflow_network(op, context);
}
template <>
Status run(const MeanflowNetwork<double>& op, CpuContext& context) {
  return meanflow_network(op, context);
}

}  // namespace belfry::cpu
