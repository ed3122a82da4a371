// router_reward: format first, then outcome, then cost, arXiv 2506.09033.
#include "cpu/run.h"
#include "math/rewards.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

template <class T>
Status router_reward(const RouterReward<T>& op) {
  if (!op.rewards) return {};
  for (int64_t i = 0; i < op.score.dims[0]; ++i) {
    op.rewards[i] = static_cast<T>(math::router_reward(
        static_cast<double>(op.score[i]), static_cast<double>(op.format_reward[i]),
        static_cast<double>(op.cost_reward[i]), op.cost_coef));
  }
  return {};
}

}  // namespace

template <>
Status run(const RouterReward<float>& op, CpuContext&) {
  return router_reward(op);
}
template <>
Status run(const RouterReward<double>& op, CpuContext&) {
  return router_reward(op);
}

}  // namespace belfry::cpu
