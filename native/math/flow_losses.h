// Losses of velocities and denoisers, one row at a time: the path between noise and data, what is
// to be predicted, and the gradient of the row. Rows are summed by the caller.
#pragma once

#include <cmath>

#include "math/lanes.h"
#include "math/outputs.h"
#include "ops/flow/losses.h"

namespace belfry::math {

// (1 − t) x_0 + t x_1
BELFRY_HD constexpr double on_path(double t, double x_0, double x_1) {
  return (1 - t) * x_0 + t * x_1;
}

// 1/(rows · dims), and 0 for an empty batch.
BELFRY_HD constexpr double inverse_elements(int64_t rows, int64_t dims) {
  return inverse_count(rows) * inverse_count(dims);
}

struct EdmFactors {
  double skip, out, in, noise, weight;
};

BELFRY_HD inline EdmFactors edm_factors(double sigma, double sigma_data) {
  using std::log;
  using std::sqrt;
  const double data2 = sigma_data * sigma_data, sum = sigma * sigma + data2;
  const double root = sqrt(sum), product = sigma * sigma_data;
  return {data2 / sum, product / root, 1 / root, log(sigma) / 4, sum / (product * product)};
}

template <class T>
struct EdmRows {
  const T *x, *network_output, *sigma, *target;
  double sigma_data, inverse;
  int64_t dims;
  T *c_skip, *c_out, *c_in, *c_noise, *denoised, *weight, *grad;

  BELFRY_HD void write_factors(int64_t row, const EdmFactors& f) const {
    if (c_skip) c_skip[row] = static_cast<T>(f.skip);
    if (c_out) c_out[row] = static_cast<T>(f.out);
    if (c_in) c_in[row] = static_cast<T>(f.in);
    if (c_noise) c_noise[row] = static_cast<T>(f.noise);
    if (weight) weight[row] = static_cast<T>(f.weight);
  }
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    const EdmFactors f = edm_factors(static_cast<double>(sigma[row]), sigma_data);
    if (lanes.first() == 0) write_factors(row, f);
    const double squares = sum_over(lanes, dims, [&](int64_t j) {
      const int64_t i = row * dims + j;
      const double d =
          f.skip * static_cast<double>(x[i]) + f.out * static_cast<double>(network_output[i]);
      if (denoised) denoised[i] = static_cast<T>(d);
      if (!target) return 0.0;
      const double error = d - static_cast<double>(target[i]);
      if (grad) grad[i] = static_cast<T>(2 * f.weight * f.out * error * inverse);
      return error * error;
    });
    return {target ? f.weight * squares : 0, 0};
  }
};

template <class T>
EdmRows<T> edm_rows(const EdmPreconditioning<T>& op) {
  EdmRows<T> rows{};
  rows.x = op.x.begin();
  rows.network_output = op.network_output.begin();
  rows.sigma = op.sigma.begin();
  rows.target = data_of(op.target);
  rows.sigma_data = op.sigma_data;
  rows.dims = op.x.dims[1];
  rows.inverse = inverse_elements(op.x.dims[0], rows.dims);
  rows.c_skip = data_of(op.c_skip);
  rows.c_out = data_of(op.c_out);
  rows.c_in = data_of(op.c_in);
  rows.c_noise = data_of(op.c_noise);
  rows.denoised = data_of(op.denoised);
  rows.weight = data_of(op.weight);
  rows.grad = data_of(op.grad_network_output);
  return rows;
}

template <class T>
struct FlowMatchingRows {
  const T *actions, *noise, *t, *pred;
  bool data_last;
  double inverse;
  int64_t dims;
  T *x_t, *velocity, *grad;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    const double time = static_cast<double>(t[row]);
    const T* first = data_last ? noise : actions;
    const T* second = data_last ? actions : noise;
    const double squares = sum_over(lanes, dims, [&](int64_t j) {
      const int64_t i = row * dims + j;
      const double from = static_cast<double>(first[i]), to = static_cast<double>(second[i]);
      const double error = static_cast<double>(pred[i]) - (to - from);
      if (x_t) x_t[i] = static_cast<T>(on_path(time, from, to));
      if (velocity) velocity[i] = static_cast<T>(to - from);
      if (grad) grad[i] = static_cast<T>(2 * error * inverse);
      return error * error;
    });
    return {squares, 0};
  }
};

template <class T>
FlowMatchingRows<T> flow_matching_rows(const FlowMatchingLoss<T>& op) {
  FlowMatchingRows<T> rows{};
  rows.actions = op.actions.begin();
  rows.noise = op.noise.begin();
  rows.t = op.t.begin();
  rows.pred = op.pred.begin();
  rows.data_last = op.convention == FlowConvention::data_at_t1;
  rows.dims = op.actions.dims[1];
  rows.inverse = inverse_elements(op.actions.dims[0], rows.dims);
  rows.x_t = data_of(op.x_t);
  rows.velocity = data_of(op.velocity);
  rows.grad = data_of(op.grad_pred);
  return rows;
}

template <class T>
struct ShortcutRows {
  const T *x, *v_first, *v_second, *half_step;
  int64_t dims;
  T *x_mid, *target;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    const T first = v_first[i];
    if (x_mid) x_mid[i] = x[i] + half_step[i / dims] * first;
    if (target) target[i] = (first + v_second[i]) / 2;
    return {};
  }
};

template <class T>
ShortcutRows<T> shortcut_rows(const ShortcutTarget<T>& op) {
  return {op.x.begin(), op.v_first.begin(), data_of(op.v_second), op.half_step.begin(),
          op.x.dims[1], data_of(op.x_mid),  data_of(op.target)};
}

// How far an action leaves [−1, 1]; a NaN stays.
BELFRY_HD constexpr double outside_bounds(double g) {
  return g > 1 ? g - 1 : g < -1 ? -1 - g : g - g;
}

template <class T>
struct ResidualRows {
  const T *actions, *noise, *t, *g, *dgdt;
  double p, c, limit, inverse_rows;
  int64_t dims;
  T *x_t, *g_target, *weight, *grad;

  BELFRY_HD double target_of(double time, double z, double v, T tangent) const {
    double y = z + (time - 1) * v;
    if (time != 0) y -= time * static_cast<double>(tangent);
    return y < -limit ? -limit : y > limit ? limit : y;
  }
  BELFRY_HD double error_at(int64_t i, double time, double* outside) const {
    const double a = static_cast<double>(actions[i]), e = static_cast<double>(noise[i]);
    const double z = on_path(time, a, e), made = static_cast<double>(g[i]);
    const double y = target_of(time, z, e - a, dgdt[i]);
    if (x_t) x_t[i] = static_cast<T>(z);
    if (g_target) g_target[i] = static_cast<T>(y);
    *outside += outside_bounds(made);
    return made - y;
  }
  // Sums w e and how far g leaves its bounds, the latter over all dimensions.
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    const double time = static_cast<double>(t[row]);
    double outside = 0;
    const double squares = sum_over(lanes, dims, [&](int64_t j) {
      const double error = error_at(row * dims + j, time, &outside);
      return error * error;
    });
    const double e = squares * inverse_count(dims);
    const double raw = p == 0 ? 1 : std::pow(e + c, -p);
    const double w = raw < 1e-6 ? 1e-6 : raw > 1e6 ? 1e6 : raw;
    if (weight && lanes.first() == 0) weight[row] = static_cast<T>(w);
    for (int64_t j = lanes.first(); grad && j < dims; j += lanes.step()) {
      double unused = 0;
      const double error = error_at(row * dims + j, time, &unused);
      grad[row * dims + j] = static_cast<T>(2 * error * w * inverse_rows * inverse_count(dims));
    }
    return {w * e, lanes.combine(outside, Plus{})};
  }
};

template <class T>
ResidualRows<T> residual_rows(const MeanflowResidualQl<T>& op) {
  ResidualRows<T> rows{};
  rows.actions = op.actions.begin();
  rows.noise = op.noise.begin();
  rows.t = op.t.begin();
  rows.g = op.g.begin();
  rows.dgdt = op.dgdt.begin();
  rows.p = 1 - op.adaptive_gamma;
  rows.c = op.adaptive_c;
  rows.limit = op.target_clip;
  rows.dims = op.g.dims[1];
  rows.inverse_rows = inverse_count(op.g.dims[0]);
  rows.x_t = data_of(op.x_t);
  rows.g_target = data_of(op.g_target);
  rows.weight = data_of(op.weight);
  rows.grad = data_of(op.grad_g);
  return rows;
}

}  // namespace belfry::math
