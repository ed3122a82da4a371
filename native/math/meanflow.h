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

}  // namespace belfry::math
