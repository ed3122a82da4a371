// group_advantage as a step of other ops, in float64.
#pragma once

#include "cpu/run.h"
#include "ops/token/core.h"

namespace belfry::cpu {

// What those ops pass on.
struct GroupAdvantageRule {
  GroupEstimator estimator = GroupEstimator::grpo;
  Singleton singleton = Singleton::raw;
  int64_t ddof = 1;
  double eps = 1e-6;
};

// `rewards` and `advantages` hold one number a sample.
inline Status group_advantage_of(const double* rewards, const In<int32_t, 1>& group_ids,
                                 const In<int32_t, 1>& lengths, const GroupAdvantageRule& rule,
                                 double* advantages, CpuContext& context) {
  const auto fill = [&](RawView& view, const void* data) {
    view.data = const_cast<void*>(data);
    view.dims[0] = group_ids.dims[0];
    view.dtype = DType::f64;
    view.rank = 1;
    view.present = true;
  };
  GroupAdvantage<double> call{};
  fill(call.rewards, rewards);
  fill(call.advantages, advantages);
  call.group_ids = group_ids;
  call.lengths = lengths;
  call.estimator = rule.estimator;
  call.singleton = rule.singleton;
  call.ddof = rule.ddof;
  call.eps = rule.eps;
  call.normalize = true;
  call.k = 1;
  return run(call, context);
}

}  // namespace belfry::cpu
