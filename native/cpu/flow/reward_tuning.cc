// reward_tuning: moments and the range of episode returns in one walk over the data set, then the
// transforms. Memory bound: one value read twice and five written.
#include <cmath>

#include "cpu/run.h"
#include "math/flags.h"
#include "math/reward_tuning.h"

namespace belfry::cpu {

namespace {

template <class T>
math::RewardFacts facts_of(const RewardTuning<T>& op) {
  const math::FlagReader terminated = math::read_flags(op.terminated, false);
  math::RewardFacts facts;
  for (int64_t i = 0; i < op.rewards.size(); ++i) {
    facts.add(static_cast<double>(op.rewards[i]), terminated(i));
  }
  return facts;
}

template <class T>
Status reward_tuning(const RewardTuning<T>& op, CpuContext& context) {
  const math::RewardFacts facts = facts_of(op);
  const double inverse_std = facts.inverse_std(), scale = facts.locomotion_scale();
  const auto put = [](const Out<T, 1>& out, int64_t i, double value) {
    if (out) out[i] = static_cast<T>(value);
  };
  for (int64_t i = 0; i < op.rewards.size(); ++i) {
    const double r = static_cast<double>(op.rewards[i]);
    put(op.normalize, i, (r - facts.moments.mean) * inverse_std);
    put(op.iql_antmaze, i, r - 1);
    put(op.iql_locomotion, i, r * scale);
    put(op.cql_antmaze, i, (r - 0.5) * 4);
    put(op.antmaze, i, (r - 0.25) * 2);
  }
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const RewardTuning<float>& op, CpuContext& context) {
  return reward_tuning(op, context);
}
template <>
Status run(const RewardTuning<double>& op, CpuContext& context) {
  return reward_tuning(op, context);
}

}  // namespace belfry::cpu
