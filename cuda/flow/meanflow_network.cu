// meanflow_network: u and du/dt along (v, 1, 0) layer by layer, the average-velocity loss, a thread
// or a warp a sample, and back through u. 8 P flops a row.
#include "cuda/flow/average_velocity.cuh"
#include "cuda/losses/loss_rows.cuh"
#include "ops/flow/ofql.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void copy_values(const T* from, int64_t count, T* to) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) to[i] = from[i];
}

// Empty when nobody asks for any of them.
template <class T>
std::vector<LayerGrads<T>> wanted_gradients(const List<Out<T, 2>>& weight,
                                            const List<Out<T, 1>>& bias, size_t layers) {
  std::vector<LayerGrads<T>> grads(layers);
  bool any = false;
  for (size_t l = 0; l < layers; ++l) {
    const auto i = static_cast<int64_t>(l);
    if (i < weight.count) grads[l].weight = math::data_of(weight[i]);
    if (i < bias.count) grads[l].bias = math::data_of(bias[i]);
    any = any || grads[l].any();
  }
  if (!any) grads.clear();
  return grads;
}

template <class T>
Status meanflow_network(const MeanflowNetwork<T>& op, CudaContext& context) {
  TimedNetwork<T> net;
  net.trunk = make_network<T>(op.trunk_weight, op.trunk_bias, op.activation);
  net.of_t = make_network<T>(op.tmlp_weight, op.tmlp_bias, op.activation);
  net.of_r = make_network<T>(op.rmlp_weight, op.rmlp_bias, op.activation);
  if (net.of_r.layers.empty()) return no_layers("rmlp_weight_#");
  net.dims = op.actions.dims[1];
  net.states = op.observations.dims[1];
  net.time_scale = op.time_scale;
  if (Status s = place_columns(op.input_order, op.emb_dim, &net); !s.ok()) return s;
  const int64_t rows = op.actions.dims[0], count = rows * net.dims;
  Work work(context, "meanflow_network");
  const auto memory = [&](const Out<T, 2>& out) {
    return out.present ? out.begin() : work.scratch<T>(count);
  };
  const VelocityCall<T> path{
      op.actions.begin(), op.noise.begin(), op.t.begin(),       nullptr, count, count,
      net.dims,           memory(op.x_t),   memory(op.velocity)};
  work.for_each(count, make_velocity<T>, path);
  const TimedRows<T> batch{
      rows, path.x_t, op.t.begin(), op.r.begin(), op.observations.begin(), path.velocity, {}};
  const TimedPass<T> pass = forward_pass(net, batch, work);
  T* const grad = work.scratch<T>(count);
  if (!work.ok()) return work.status();
  if (op.u.present) work.for_each(count, copy_values<T>, pass.y, count, op.u.begin());
  if (op.dudt.present) {
    work.for_each(count, copy_values<T>, pass.tangent_y, count, op.dudt.begin());
  }
  const Status status =
      sum_rows(velocity_loss(op, path.velocity, pass, grad), rows, rows_by(net.dims),
               store_mean(op.loss, Out<int32_t, 0>{}, rows), "meanflow_network", context);
  if (!status.ok()) return status;
  TimedGradients<T> wanted;
  wanted.trunk =
      wanted_gradients(op.grad_trunk_weight, op.grad_trunk_bias, net.trunk.layers.size());
  wanted.of_t = wanted_gradients(op.grad_tmlp_weight, op.grad_tmlp_bias, net.of_t.layers.size());
  wanted.of_r = wanted_gradients(op.grad_rmlp_weight, op.grad_rmlp_bias, net.of_r.layers.size());
  if (!wanted.trunk.empty() || !wanted.of_t.empty() || !wanted.of_r.empty()) {
    backward_pass<T>(net, pass, grad, wanted, work);
  }
  return work.status();
}

}  // namespace

template <>
Status run(const MeanflowNetwork<float>& op, CudaContext& context) {
  return meanflow_network(op, context);
}
template <>
Status run(const MeanflowNetwork<double>& op, CudaContext& context) {
  return meanflow_network(op, context);
}

}  // namespace belfry::cuda
