// weighted_reward_sum: r_i = Σ_j w_j c_ij over the components that are not NaN.
//
// Bytes per sample: read 4 K, write 4; 2 K flops.
#include "cpu/run.h"
#include "cpu/token/weighted_sum.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

template <class T>
Status weighted_reward_sum(const WeightedRewardSum<T>& op, CpuContext& context) {
  if (!op.rewards) return {};
  const int64_t samples = op.components.dims[0], width = op.components.dims[1];
  context.parallel(samples, chunk_for(2 * width + 2), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      op.rewards[i] = static_cast<T>(
          weighted_sum(op.components.begin() + i * width, op.weights.begin(), width));
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const WeightedRewardSum<float>& op, CpuContext& context) {
  return weighted_reward_sum(op, context);
}
template <>
Status run(const WeightedRewardSum<double>& op, CpuContext& context) {
  return weighted_reward_sum(op, context);
}

}  // namespace belfry::cpu
