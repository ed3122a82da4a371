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
