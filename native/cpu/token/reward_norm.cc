// reward_norm: (r − μ)/(σ + ε), each of group, batch, stream or neither (arXiv 2508.08221).
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/sample_groups.h"
#include "ops/token/statistics.h"

namespace belfry::cpu {

namespace {

template <class T>
struct Norm {
  const RewardNorm<T>& op;
  const Spread& batch;
  const Spread& group;

  bool has_scope(NormScope scope) const { return op.mean == scope || op.std == scope; }
  double centred(double reward) const {
    switch (op.mean) {
      case NormScope::group: return group.count == 1 ? reward : group.from_mean(reward);
      case NormScope::batch: return batch.from_mean(reward);
      case NormScope::running: return reward - static_cast<double>(op.running_mean[0]);
      default: return reward;
    }
  }
  double scaled(double centred) const {
    const double ddof = static_cast<double>(op.ddof);
    switch (op.std) {
      case NormScope::group: return centred / (group.deviation(ddof) + op.eps);
      case NormScope::batch: return centred / (batch.deviation(ddof) + op.eps);
      case NormScope::running: return centred / (static_cast<double>(op.running_std[0]) + op.eps);
      default: return centred;
    }
  }
  // Equal numbers have no deviation to divide by.
  bool flat() const {
    const Spread& source = op.std == NormScope::group ? group : batch;
    const bool divides = op.std == NormScope::group || op.std == NormScope::batch;
    return op.mean != NormScope::off && divides && source.equal && source.count > 1;
  }
  double operator()(double reward) const {
    if (!std::isfinite(reward) || flat()) return 0;
    const bool alone = group.count == 1 && has_scope(NormScope::group);
    if (alone && op.singleton == Singleton::zero) return 0;
    return scaled(centred(reward));
  }
};

template <class T>
Status reward_norm(const RewardNorm<T>& op, CpuContext& context) {
  if (!op.normalized) return {};
  const int64_t samples = op.rewards.dims[0];
  const auto reward = [&](int64_t i) { return static_cast<double>(op.rewards[i]); };
  const Spread batch = spread_of(samples, reward);
  const SampleGroups groups = group_samples(op.group_ids.begin(), samples, context);
  for (int64_t g = 0; g < groups.count; ++g) {
    const int64_t* members = groups.members(g);
    const Spread group = spread_of(groups.size(g), [&](int64_t i) { return reward(members[i]); });
    const Norm<T> norm{op, batch, group};
    for (int64_t i = 0; i < groups.size(g); ++i) {
      op.normalized[members[i]] = static_cast<T>(norm(reward(members[i])));
    }
  }
  return {};
}

}  // namespace

template <>
Status run(const RewardNorm<float>& op, CpuContext& context) {
  return reward_norm(op, context);
}
template <>
Status run(const RewardNorm<double>& op, CpuContext& context) {
  return reward_norm(op, context);
}

}  // namespace belfry::cpu
