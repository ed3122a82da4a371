// reward_shaping: r + γ Φ(s') − Φ(s), or a bonus for completed sub-goals (math/shaping.h).
//
// The steps since the last sub-goal are a running count over the stream: pieces of a fixed length
// find their last reset first, then each counts on from the piece before. Memory bound: 4 values a
// step for potentials; 1 value, 2 to 3 flags and 2 results a step for sub-goals.
#include "math/shaping.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kSteps = 32768;

template <class T>
Status reward_shaping(const RewardShaping<T>& op, CpuContext& context) {
  if (op.shaped_reward) sum_rows(math::shaped_rewards(op), op.rewards.dims[0], 4, context);
  return finished(context);
}

template <class T>
Status subgoal_bonus(const RewardShapingSubgoal<T>& op, CpuContext& context) {
  const auto steps = math::subgoal_steps(op);
  const int64_t count = op.rewards.dims[0];
  const int64_t pieces = (count + kSteps - 1) / kSteps;
  auto* last_reset = context.scratch<int64_t>(pieces);  // before the end of each piece; −1: none
  context.parallel(count, kSteps, [&](int64_t begin, int64_t end, int64_t piece) {
    int64_t i = end - 1;
    while (i >= begin && !steps.resets(i)) --i;
    last_reset[piece] = i >= begin ? i : -1;
  });
  if (context.stopped()) return aborted();
  for (int64_t piece = 1; piece < pieces; ++piece) {
    if (last_reset[piece] < 0) last_reset[piece] = last_reset[piece - 1];
  }
  context.parallel(count, kSteps, [&](int64_t begin, int64_t end, int64_t piece) {
    int64_t reset = piece > 0 ? last_reset[piece - 1] : -1;
    for (int64_t i = begin; i < end; ++i) {
      steps.write(i, reset);
      if (steps.resets(i)) reset = i;
    }
  });
  return finished(context);
}

}  // namespace

template <>
Status run(const RewardShaping<float>& op, CpuContext& context) {
  return reward_shaping(op, context);
}
template <>
Status run(const RewardShaping<double>& op, CpuContext& context) {
  return reward_shaping(op, context);
}

template <>
Status run(const RewardShapingSubgoal<float>& op, CpuContext& context) {
  return subgoal_bonus(op, context);
}
template <>
Status run(const RewardShapingSubgoal<double>& op, CpuContext& context) {
  return subgoal_bonus(op, context);
}

}  // namespace belfry::cpu
