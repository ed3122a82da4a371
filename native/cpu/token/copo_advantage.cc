// copo_advantage: advantages of a group among groups and of a sample in its group, weighted by how
// consistent the answers of the group are (arXiv 2508.04138). Sorts the answers of each group.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/group_advantage_of.h"
#include "cpu/token/sample_groups.h"
#include "ops/token/statistics.h"

namespace belfry::cpu {

namespace {

// −Σ p log₂ p over the distinct numbers; sorts them.
double entropy_bits(int32_t* answers, int64_t count) {
  std::sort(answers, answers + count);
  double entropy = 0;
  for (int64_t first = 0; first < count;) {
    const int64_t last =
        std::upper_bound(answers + first, answers + count, answers[first]) - answers;
    const double p = static_cast<double>(last - first) / static_cast<double>(count);
    if (last - first < count) entropy -= p * std::log2(p);
    first = last;
  }
  return entropy;
}

// mean(r)(1 − λ H), λ = (1 − 1/k)/log₂ k
double consistent_reward(const Spread& rewards, double entropy) {
  const double k = rewards.count;
  const double lambda = k > 1 ? (1 - 1 / k) / std::log2(k) : 0;
  return rewards.average() * (1 - lambda * entropy);
}

struct GroupNumbers {
  double *reward, *entropy;  // NaN and 0 for a group without a scorable sample
};

template <class T>
void measure_groups(const CopoAdvantage<T>& op, const SampleGroups& groups, GroupNumbers numbers,
                    CpuContext& context) {
  int32_t* answers = context.scratch<int32_t>(op.rewards.dims[0]);
  for (int64_t g = 0; g < groups.count; ++g) {
    const int64_t* members = groups.members(g);
    const auto reward = [&](int64_t i) { return static_cast<double>(op.rewards[members[i]]); };
    int64_t count = 0;
    for (int64_t i = 0; i < groups.size(g); ++i) {
      if (std::isfinite(reward(i))) answers[count++] = op.answer_ids[members[i]];
    }
    numbers.entropy[g] = entropy_bits(answers, count);
    const Spread rewards = spread_of(groups.size(g), reward);
    numbers.reward[g] = count > 0 ? consistent_reward(rewards, numbers.entropy[g]) : NAN;
  }
}

template <class T>
void write_global(const CopoAdvantage<T>& op, const SampleGroups& groups,
                  const GroupNumbers& numbers) {
  const Spread all = spread_of(groups.count, [&](int64_t g) { return numbers.reward[g]; });
  const double scale = all.deviation(static_cast<double>(op.ddof)) + op.eps;
  for (int64_t g = 0; g < groups.count; ++g) {
    const bool scored = std::isfinite(numbers.reward[g]);
    const double advantage = scored && !all.equal ? all.from_mean(numbers.reward[g]) / scale : 0;
    for (int64_t i = 0; i < groups.size(g); ++i) {
      const int64_t sample = groups.members(g)[i];
      const bool scorable = std::isfinite(op.rewards[sample]);
      if (op.global_reward)
        op.global_reward[sample] = static_cast<T>(scored ? numbers.reward[g] : 0);
      if (op.entropy) op.entropy[sample] = static_cast<T>(numbers.entropy[g]);
      if (op.global_advantages) {
        op.global_advantages[sample] = static_cast<T>(scorable ? advantage : 0);
      }
    }
  }
}

template <class T>
Status copo_advantage(const CopoAdvantage<T>& op, CpuContext& context) {
  const int64_t samples = op.rewards.dims[0];
  const SampleGroups groups = group_samples(op.group_ids.begin(), samples, context);
  const GroupNumbers numbers{context.scratch<double>(groups.count),
                             context.scratch<double>(groups.count)};
  measure_groups(op, groups, numbers, context);
  write_global(op, groups, numbers);
  if (!op.local_advantages) return {};
  double* rewards = context.scratch<double>(samples);
  double* advantages = context.scratch<double>(samples);
  std::copy_n(op.rewards.begin(), samples, rewards);
  const GroupAdvantageRule rule{GroupEstimator::grpo, op.singleton, op.ddof, op.eps};
  Status status = group_advantage_of(rewards, op.group_ids, {}, rule, advantages, context);
  for (int64_t i = 0; i < samples; ++i) op.local_advantages[i] = static_cast<T>(advantages[i]);
  return status;
}

}  // namespace

template <>
Status run(const CopoAdvantage<float>& op, CpuContext& context) {
  return copo_advantage(op, context);
}
template <>
Status run(const CopoAdvantage<double>& op, CpuContext& context) {
  return copo_advantage(op, context);
}

}  // namespace belfry::cpu
