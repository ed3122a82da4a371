// judge_reward: what each judgement of retrieved text earns, and the sum over a rollout, arXiv
// 2510.00568.
#include "cpu/run.h"
#include "math/flags.h"
#include "math/rewards.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

template <class T>
Status judge_reward(const JudgeReward<T>& op) {
  const auto useful = math::read_flags(op.judgement, false);
  const auto correct = math::read_flags(op.answer_correct, false);
  for (int64_t rollout = 0; rollout + 1 < op.offsets.dims[0]; ++rollout) {
    double total = 0;
    for (int64_t i = op.offsets[rollout]; i < op.offsets[rollout + 1]; ++i) {
      const double reward =
          math::judge_reward(useful(i), correct(rollout), static_cast<double>(op.similarity[i]),
                             op.threshold, op.positive, op.negative);
      total += reward;
      if (op.rewards) op.rewards[i] = static_cast<T>(reward);
    }
    if (op.total) op.total[rollout] = static_cast<T>(total);
  }
  return {};
}

}  // namespace

template <>
Status run(const JudgeReward<float>& op, CpuContext&) {
  return judge_reward(op);
}
template <>
Status run(const JudgeReward<double>& op, CpuContext&) {
  return judge_reward(op);
}

}  // namespace belfry::cpu
