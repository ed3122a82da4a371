// optimizers: a thread per parameter walks through the steps, its state in registers; neighbouring
// threads read neighbouring gradients.
#include "cuda/device/context.cuh"
#include "math/optimizer.h"
#include "ops/fitted_q.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 128;

template <class T>
__global__ void follow_adam(math::AdamSettings settings, const T* param, const T* grads,
                            int64_t steps, int64_t size, T* trajectory) {
#pragma unroll 1
  for (int64_t i : grid_stride(size)) {
    T w = param[i], m = 0, v = 0;
#pragma unroll 1
    for (int64_t t = 0; t < steps; ++t) {
      math::adam_rule<T>(settings, t + 1)(w, m, v, grads[t * size + i]);
      trajectory[t * size + i] = w;
    }
  }
}

template <class T>
__global__ void follow_rprop(math::RpropRule<T> rule, T first_step, const T* param, const T* grads,
                             int64_t steps, int64_t size, T* trajectory) {
#pragma unroll 1
  for (int64_t i : grid_stride(size)) {
    T w = param[i], previous = 0, step = first_step;
#pragma unroll 1
    for (int64_t t = 0; t < steps; ++t) {
      rule(w, previous, step, grads[t * size + i]);
      trajectory[t * size + i] = w;
    }
  }
}

template <class T>
Status optimizers(const AdamTrajectory<T>& op, CudaContext& context) {
  if (!op.trajectory) return {};
  const math::AdamSettings settings{op.lr, op.beta1, op.beta2, op.eps};
  const int64_t size = op.param.size();
  const LaunchShape shape{dim3(blocks_for(size, kThreads)), dim3(kThreads)};
  return device_status(launch(follow_adam<T>, shape, context.stream(), settings, op.param.begin(),
                              op.grads.begin(), op.grads.dims[0], size, op.trajectory.begin()),
                       "optimizers");
}

template <class T>
Status optimizers(const RpropTrajectory<T>& op, CudaContext& context) {
  if (!op.trajectory) return {};
  const math::RpropRule<T> rule{static_cast<T>(op.eta_minus), static_cast<T>(op.eta_plus),
                                static_cast<T>(op.step_min), static_cast<T>(op.step_max)};
  const int64_t size = op.param.size();
  const LaunchShape shape{dim3(blocks_for(size, kThreads)), dim3(kThreads)};
  return device_status(
      launch(follow_rprop<T>, shape, context.stream(), rule, static_cast<T>(op.lr),
             op.param.begin(), op.grads.begin(), op.grads.dims[0], size, op.trajectory.begin()),
      "optimizers");
}

}  // namespace

template <>
Status run(const AdamTrajectory<float>& op, CudaContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const AdamTrajectory<double>& op, CudaContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const RpropTrajectory<float>& op, CudaContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const RpropTrajectory<double>& op, CudaContext& context) {
  return optimizers(op, context);
}

}  // namespace belfry::cuda
