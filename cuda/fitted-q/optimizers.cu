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

// Rules that do not change from step to step; `second` starts at `first_second`.
template <class T, class Rule>
__global__ void follow_rule(Rule rule, T first_second, const T* param, const T* grads,
                            int64_t steps, int64_t size, T* trajectory) {
#pragma unroll 1
  for (int64_t i : grid_stride(size)) {
    T w = param[i], first = 0, second = first_second;
#pragma unroll 1
    for (int64_t t = 0; t < steps; ++t) {
      rule(w, first, second, grads[t * size + i]);
      trajectory[t * size + i] = w;
    }
  }
}

template <class T, class Op, class Rule>
Status follow(const Op& op, const Rule& rule, double first_second, CudaContext& context) {
  if (!op.trajectory) return {};
  const int64_t size = op.param.size();
  const LaunchShape shape{dim3(blocks_for(size, kThreads)), dim3(kThreads)};
  return device_status(
      launch(follow_rule<T, Rule>, shape, context.stream(), rule, static_cast<T>(first_second),
             op.param.begin(), op.grads.begin(), op.grads.dims[0], size, op.trajectory.begin()),
      "optimizers");
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
  const math::RpropRule<T> rule{static_cast<T>(op.eta_minus), static_cast<T>(op.eta_plus),
                                static_cast<T>(op.step_min), static_cast<T>(op.step_max)};
  return follow<T>(op, rule, op.lr, context);
}

template <class T>
Status optimizers(const SgdTrajectory<T>& op, CudaContext& context) {
  const math::SgdRule<T> rule{static_cast<T>(op.lr), static_cast<T>(op.momentum),
                              static_cast<T>(op.weight_decay), op.nesterov};
  return follow<T>(op, rule, 0, context);
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
template <>
Status run(const SgdTrajectory<float>& op, CudaContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const SgdTrajectory<double>& op, CudaContext& context) {
  return optimizers(op, context);
}

}  // namespace belfry::cuda
