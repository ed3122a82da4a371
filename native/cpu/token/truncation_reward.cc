// truncation_reward: truncated samples get r · coef, or the constant coef < 0, arXiv 2510.15110.
#include "cpu/run.h"
#include "math/flags.h"
#include "math/rewards.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

template <class T>
Status truncation_reward(const TruncationReward<T>& op) {
  if (!op.shaped) return {};
  const auto truncated = math::read_flags(op.truncated, false);
  for (int64_t i = 0; i < op.rewards.dims[0]; ++i) {
    op.shaped[i] = static_cast<T>(
        math::truncation_reward(static_cast<double>(op.rewards[i]), truncated(i), op.coef));
  }
  return {};
}

}  // namespace

template <>
Status run(const TruncationReward<float>& op, CpuContext&) {
  return truncation_reward(op);
}
template <>
Status run(const TruncationReward<double>& op, CpuContext&) {
  return truncation_reward(op);
}

}  // namespace belfry::cpu
