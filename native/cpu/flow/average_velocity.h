// The average-velocity objective around its network: where it is evaluated, its derivative where
// that counts, and the loss of every row.
#pragma once

#include "cpu/flow/timed_pass.h"
#include "math/meanflow.h"
#include "ops/flow/losses.h"

namespace belfry::cpu {

// x_t = (1 − t) a + t ε and v = ε − a.
template <class T>
struct VelocityTarget {
  T* x_t = nullptr;
  T* velocity = nullptr;
};

template <class T>
VelocityTarget<T> velocity_target(const In<T, 2>& actions, const In<T, 2>& noise, const In<T, 1>& t,
                                  int64_t rows, CpuContext& context) {
  const int64_t dims = actions.dims[1];
  const VelocityTarget<T> target{context.scratch<T>(rows * dims), context.scratch<T>(rows * dims)};
  for (int64_t i = 0; i < rows * dims; ++i) {
    target.x_t[i] = static_cast<T>(math::on_path(static_cast<double>(t[i / dims]),
                                                 static_cast<double>(actions[i]),
                                                 static_cast<double>(noise[i])));
    target.velocity[i] = noise[i] - actions[i];
  }
  return target;
}

// du/dt of the first `rows` rows; 0 where r = t unless `everywhere`.
template <class T>
void velocity_derivative(const TimedNetwork<T>& net, const TimedRows<T>& batch,
                         const TimedPass<T>& pass, const T* velocity, int64_t rows, bool everywhere,
                         T* dudt, CpuContext& context) {
  int32_t* listed = context.scratch<int32_t>(rows);
  int64_t count = 0;
  for (int64_t i = 0; i < rows; ++i) {
    if (everywhere || !(batch.t[i] <= batch.r[i])) listed[count++] = static_cast<int32_t>(i);
  }
  const int64_t dims = net.dims;
  T* packed = count == rows ? dudt : context.scratch<T>(count * dims);
  derivative_pass(net, batch, pass, listed, count, velocity, packed, context);
  if (count == rows) return;
  for (int64_t i = 0; i < rows * dims; ++i) dudt[i] = T(0);
  for (int64_t k = 0; k < count; ++k) {
    for (int64_t j = 0; j < dims; ++j) dudt[listed[k] * dims + j] = packed[k * dims + j];
  }
}

// The rows of the loss for an op with t, r, p, c and `reduce`.
template <class T, class Op>
math::MeanflowRows<T> velocity_loss(const Op& op, const VelocityTarget<T>& target, const T* u,
                                    const T* dudt) {
  math::MeanflowRows<T> rows{};
  rows.u = u;
  rows.dudt = dudt;
  rows.velocity = target.velocity;
  rows.t = op.t.begin();
  rows.r = op.r.begin();
  rows.p = op.p;
  rows.c = op.c;
  rows.mean_of_dims = op.reduce == DimReduction::mean;
  rows.dims = op.actions.dims[1];
  rows.inverse_rows = math::inverse_count(op.t.dims[0]);
  rows.target = math::data_of(op.u_target);
  return rows;
}

}  // namespace belfry::cpu
