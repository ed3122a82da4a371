// affine_reward: clip((r + bias) · scale, −clip, clip), as in AReaL.
#include <cmath>

#include "cpu/run.h"
#include "math/rewards.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

template <class T>
Status affine_reward(const AffineReward<T>& op) {
  if (!op.shaped) return {};
  const double bound = op.clip.present ? op.clip.value : HUGE_VAL;
  for (int64_t i = 0; i < op.rewards.dims[0]; ++i) {
    op.shaped[i] = static_cast<T>(
        math::affine_reward(static_cast<double>(op.rewards[i]), op.bias, op.scale, bound));
  }
  return {};
}

}  // namespace

template <>
Status run(const AffineReward<float>& op, CpuContext&) {
  return affine_reward(op);
}
template <>
Status run(const AffineReward<double>& op, CpuContext&) {
  return affine_reward(op);
}

}  // namespace belfry::cpu
