// multi_reward_advantage: group advantages of samples with several rewards, summed before or after
// they are normalised (GDPO, arXiv 2601.05242).
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/group_advantage_of.h"
#include "cpu/token/sample_groups.h"
#include "cpu/token/weighted_sum.h"
#include "ops/token/statistics.h"

namespace belfry::cpu {

namespace {

// Component `column` of each sample, normalised in its group; NaN where it cannot be scored.
template <class T>
void normalize_column(const MultiRewardAdvantage<T>& op, const SampleGroups& groups, int64_t column,
                      double* normalized) {
  const int64_t width = op.components.dims[1];
  const double ddof = static_cast<double>(op.ddof);
  for (int64_t g = 0; g < groups.count; ++g) {
    const int64_t* members = groups.members(g);
    const auto value = [&](int64_t i) {
      return static_cast<double>(op.components[members[i] * width + column]);
    };
    const Spread spread = spread_of(groups.size(g), value);
    for (int64_t i = 0; i < groups.size(g); ++i) {
      double& x = normalized[members[i] * width + column];
      const double scale = spread.deviation(ddof) + op.eps;
      if (!std::isfinite(value(i)))
        x = value(i);
      else if (spread.count == 1)
        x = op.singleton == Singleton::raw ? value(i) / scale : 0;
      else
        x = spread.equal ? 0 : spread.from_mean(value(i)) / scale;
    }
  }
}

template <class T>
void standardize(const MultiRewardAdvantage<T>& op, const double* sums, double* advantages) {
  const int64_t samples = op.components.dims[0];
  const Spread batch = spread_of(samples, [&](int64_t i) { return sums[i]; });
  const double scale = batch.deviation(static_cast<double>(op.ddof)) + op.eps;
  for (int64_t i = 0; i < samples; ++i) {
    const bool flat = batch.equal || !std::isfinite(sums[i]);
    advantages[i] = flat ? 0 : batch.from_mean(sums[i]) / scale;
  }
}

template <class T>
Status multi_reward_advantage(const MultiRewardAdvantage<T>& op, CpuContext& context) {
  if (!op.advantages) return {};
  const int64_t samples = op.components.dims[0], width = op.components.dims[1];
  double* sums = context.scratch<double>(samples);
  double* advantages = context.scratch<double>(samples);
  if (op.mode == MultiRewardMode::sum_then_normalize) {
    for (int64_t i = 0; i < samples; ++i) {
      sums[i] = weighted_sum(op.components.begin() + i * width, op.weights.begin(), width);
    }
    const GroupAdvantageRule rule{op.estimator, op.singleton, op.ddof, op.eps};
    Status status = group_advantage_of(sums, op.group_ids, op.lengths, rule, advantages, context);
    if (!status.ok()) return status;
  } else {
    const SampleGroups groups = group_samples(op.group_ids.begin(), samples, context);
    double* normalized = context.scratch<double>(samples * width);
    for (int64_t column = 0; column < width; ++column) {
      normalize_column(op, groups, column, normalized);
    }
    for (int64_t i = 0; i < samples; ++i) {
      sums[i] = weighted_sum(normalized + i * width, op.weights.begin(), width);
    }
    standardize(op, sums, advantages);
  }
  for (int64_t i = 0; i < samples; ++i) op.advantages[i] = static_cast<T>(advantages[i]);
  return {};
}

}  // namespace

template <>
Status run(const MultiRewardAdvantage<float>& op, CpuContext& context) {
  return multi_reward_advantage(op, context);
}
template <>
Status run(const MultiRewardAdvantage<double>& op, CpuContext& context) {
  return multi_reward_advantage(op, context);
}

}  // namespace belfry::cpu
