// The average-velocity objective around its network.
#pragma once

#include "cuda/flow/timed_pass.cuh"
#include "math/meanflow.h"
#include "ops/flow/losses.h"

namespace belfry::cuda {

// x_t = (1 − t) a + t ε and v = ε − a of the first `count` elements; x = noise and v = 0 of those
// after them, up to `total`.
template <class T>
struct VelocityCall {
  const T *actions, *noise, *t, *later_noise;
  int64_t count, total, dims;
  T *x_t, *velocity;
};

template <class T>
__global__ void make_velocity(VelocityCall<T> call) {
#pragma unroll 1
  for (int64_t i : grid_stride(call.total)) {
    if (i >= call.count) {
      call.x_t[i] = call.later_noise[i - call.count];
      call.velocity[i] = T(0);
      continue;
    }
    call.x_t[i] = static_cast<T>(math::on_path(static_cast<double>(call.t[i / call.dims]),
                                               static_cast<double>(call.actions[i]),
                                               static_cast<double>(call.noise[i])));
    call.velocity[i] = call.noise[i] - call.actions[i];
  }
}

// The rows of the loss for an op with t, r, p, c and `reduce`.
template <class T, class Op>
math::MeanflowRows<T> velocity_loss(const Op& op, const T* velocity, const TimedPass<T>& pass,
                                    T* grad) {
  math::MeanflowRows<T> rows{};
  rows.u = pass.y;
  rows.dudt = pass.tangent_y;
  rows.velocity = velocity;
  rows.t = op.t.begin();
  rows.r = op.r.begin();
  rows.p = op.p;
  rows.c = op.c;
  rows.mean_of_dims = op.reduce == DimReduction::mean;
  rows.dims = op.actions.dims[1];
  rows.inverse_rows = math::inverse_count(op.t.dims[0]);
  rows.target = math::data_of(op.u_target);
  rows.grad = grad;
  return rows;
}

}  // namespace belfry::cuda
