// Average velocities (MeanFlow, arXiv 2505.13447): times, the target of training, and the flow
// between Gaussians in closed form.
#pragma once

#include "math/flow_losses.h"
#include "ops/flow/schedules.h"

namespace belfry::math {

BELFRY_HD inline double time_of_normal(double normal, double mean, double std, TimeDraws draws) {
  using std::erfc;
  using std::exp;
  if (draws == TimeDraws::uniform) return erfc(normal * -0.70710678118654752440) / 2;
  return 1 / (1 + exp(-(std * normal + mean)));
}

// One pair of times.
template <class T>
struct TimeRows {
  const T *normal_1, *normal_2, *u;
  double mean, std, flow_ratio;
  TimeDraws draws;
  int64_t prefix;  // rows of r_prefix with r = t
  T *t, *r_bernoulli, *r_prefix;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    const double a = time_of_normal(static_cast<double>(normal_1[i]), mean, std, draws);
    const double b = time_of_normal(static_cast<double>(normal_2[i]), mean, std, draws);
    const bool first = a >= b || a != a;
    const T later = static_cast<T>(first ? a : b),
            earlier = static_cast<T>(first && a == a ? b : a);
    if (t) t[i] = later;
    if (r_bernoulli) r_bernoulli[i] = static_cast<double>(u[i]) < flow_ratio ? later : earlier;
    if (r_prefix) r_prefix[i] = i < prefix ? later : earlier;
    return {};
  }
};

template <class T>
TimeRows<T> time_rows(const MeanflowTimeSampling<T>& op) {
  TimeRows<T> rows{};
  rows.normal_1 = op.normal_1.begin();
  rows.normal_2 = op.normal_2.begin();
  rows.u = data_of(op.u);
  rows.mean = op.mean;
  rows.std = op.std;
  rows.flow_ratio = op.flow_ratio;
  rows.draws = op.draws;
  rows.prefix =
      static_cast<int64_t>(std::floor(op.flow_ratio * static_cast<double>(op.normal_1.dims[0])));
  rows.t = data_of(op.t);
  rows.r_bernoulli = data_of(op.r_bernoulli);
  rows.r_prefix = data_of(op.r_prefix);
  return rows;
}

// Data N(m, σ²) at t = 0, noise N(0, 1) at t = 1.
struct GaussianFlow {
  double mean, variance;

  // S², and ½ dS²/dt.
  BELFRY_HD constexpr double spread(double t) const { return t * t + (1 - t) * (1 - t) * variance; }
  BELFRY_HD constexpr double slope(double t) const { return t - (1 - t) * variance; }
  BELFRY_HD constexpr double centred(double z, double t) const { return z - (1 - t) * mean; }

  BELFRY_HD constexpr double velocity(double z, double t) const {
    return slope(t) / spread(t) * centred(z, t) - mean;
  }
  // (z − z_r)/(t − r) with the difference S(t)² − S(r)² divided out.
  BELFRY_HD double average(double z, double t, double r) const {
    using std::sqrt;
    const double at_t = sqrt(spread(t)), at_r = sqrt(spread(r));
    return centred(z, t) * (slope(t) + slope(r)) / (at_t * (at_t + at_r)) - mean;
  }
  // (v − u)/(t − r), likewise: where both slopes have one sign their difference would cancel.
  BELFRY_HD double derivative(double z, double t, double r) const {
    using std::sqrt;
    const double at_t = sqrt(spread(t)), at_r = sqrt(spread(r)), a = slope(t), b = slope(r);
    const double quotient = a * b > 0
                                ? variance * (a + b) / (a * at_r + b * at_t)
                                : (t == r ? variance / at_t : (a * at_r - b * at_t) / (t - r));
    return centred(z, t) / spread(t) * quotient / (at_t + at_r);
  }
  BELFRY_HD double at(double z, double t, double r) const {
    using std::sqrt;
    return (1 - r) * mean + sqrt(spread(r) / spread(t)) * centred(z, t);
  }
};

template <class T>
struct GaussianFlowRows {
  const T *z, *t, *r, *noise;
  GaussianFlow flow;
  T *velocity, *u, *dudt, *one_step_action, *z_r;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    const double x = static_cast<double>(z[i]), from = static_cast<double>(t[i]);
    const double to = static_cast<double>(r[i]), e = static_cast<double>(noise[i]);
    if (velocity) velocity[i] = static_cast<T>(flow.velocity(x, from));
    if (u) u[i] = static_cast<T>(flow.average(x, from, to));
    if (dudt) dudt[i] = static_cast<T>(flow.derivative(x, from, to));
    if (one_step_action) one_step_action[i] = static_cast<T>(e - flow.average(e, 1, 0));
    if (z_r) z_r[i] = static_cast<T>(flow.at(x, from, to));
    return {};
  }
};

template <class T>
GaussianFlowRows<T> gaussian_flow_rows(const MeanflowGaussianOracle<T>& op) {
  GaussianFlowRows<T> rows{};
  rows.z = op.z.begin();
  rows.t = op.t.begin();
  rows.r = op.r.begin();
  rows.noise = op.noise.begin();
  rows.flow = {op.mean, op.sigma * op.sigma};
  rows.velocity = data_of(op.velocity);
  rows.u = data_of(op.u);
  rows.dudt = data_of(op.dudt);
  rows.one_step_action = data_of(op.one_step_action);
  rows.z_r = data_of(op.z_r);
  return rows;
}

// (e + c)^−p; 0 where that would be infinite.
BELFRY_HD inline double adaptive_weight(double e, double c, double p) {
  using std::pow;
  if (p == 0) return 1;
  return p > 0 && e + c == 0 ? 0 : pow(e + c, -p);
}

// One row of the average-velocity objective; the target and the weight take no gradient. A null
// dudt is 0.
template <class T>
struct MeanflowRows {
  const T *u, *dudt, *velocity, *t, *r;
  double p, c, inverse_rows;
  bool mean_of_dims;
  int64_t dims;
  T *target, *per_sample, *weight, *grad;

  BELFRY_HD double span(int64_t row) const {
    const double apart = static_cast<double>(t[row]) - static_cast<double>(r[row]);
    return apart < 0 ? 0 : apart > 1 ? 1 : apart;
  }
  BELFRY_HD T target_at(int64_t i, double span) const {
    if (span == 0 || !dudt) return velocity[i];
    return static_cast<T>(static_cast<double>(velocity[i]) - span * static_cast<double>(dudt[i]));
  }
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    const double apart = span(row), share = mean_of_dims ? inverse_count(dims) : 1;
    const double e = share * sum_over(lanes, dims, [&](int64_t j) {
                       const int64_t i = row * dims + j;
                       const T y = target_at(i, apart);
                       if (target) target[i] = y;
                       const double error = static_cast<double>(u[i]) - static_cast<double>(y);
                       return error * error;
                     });
    const double w = adaptive_weight(e, c, p);
    if (lanes.first() == 0) {
      if (per_sample) per_sample[row] = static_cast<T>(e);
      if (weight) weight[row] = static_cast<T>(w);
    }
    for (int64_t j = lanes.first(); grad && j < dims; j += lanes.step()) {
      const int64_t i = row * dims + j;
      const double error = static_cast<double>(u[i]) - static_cast<double>(target_at(i, apart));
      grad[i] = static_cast<T>(2 * error * w * share * inverse_rows);
    }
    return {w * e, 0};
  }
};

template <class T>
MeanflowRows<T> meanflow_rows(const MeanflowLoss<T>& op) {
  MeanflowRows<T> rows{};
  rows.u = op.u.begin();
  rows.dudt = op.dudt.begin();
  rows.velocity = op.velocity.begin();
  rows.t = op.t.begin();
  rows.r = op.r.begin();
  rows.p = op.p;
  rows.c = op.c;
  rows.mean_of_dims = op.reduce == DimReduction::mean;
  rows.dims = op.u.dims[1];
  rows.inverse_rows = inverse_count(op.u.dims[0]);
  rows.target = data_of(op.u_target);
  rows.per_sample = data_of(op.per_sample);
  rows.weight = data_of(op.weight);
  rows.grad = data_of(op.grad_u);
  return rows;
}

}  // namespace belfry::math
