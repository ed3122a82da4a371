// Potential-based shaping and the sub-goal bonus, one step at a time.
#pragma once

#include "math/flags.h"
#include "math/fqi.h"
#include "ops/bellman/specification.h"

namespace belfry::math {

// r + γ Φ(s') − Φ(s); Φ of a terminal state is 0 and is not read.
template <class T>
struct ShapedRewards {
  const T *rewards, *potential, *next_potential;
  FlagReader terminated;
  double gamma;
  T* shaped;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    const bool terminal = terminated(i);
    const double later = terminal ? 0 : static_cast<double>(next_potential[i]);
    const double r = fqi_bootstrap(static_cast<double>(rewards[i]), gamma, later, terminal);
    shaped[i] = static_cast<T>(r - static_cast<double>(potential[i]));
    return {};
  }
};

template <class T>
ShapedRewards<T> shaped_rewards(const RewardShaping<T>& op) {
  return {op.rewards.begin(),
          op.potential.begin(),
          op.next_potential.begin(),
          read_flags(op.terminated, false),
          op.gamma,
          op.shaped_reward.begin()};
}

// Steps count from the last reset before them; index −1 is the start.
template <class T>
struct SubgoalSteps {
  const T* rewards;
  FlagReader completed, terminated, truncated;
  double alpha, inverse_limit;
  T* augmented;
  int32_t* steps;

  BELFRY_HD bool resets(int64_t i) const { return completed(i) || terminated(i) || truncated(i); }
  BELFRY_HD void write(int64_t i, int64_t last_reset) const {
    const int64_t k = i - last_reset;
    if (steps) steps[i] = static_cast<int32_t>(k);
    if (!augmented) return;
    const double bonus = alpha * (1 - static_cast<double>(k) * inverse_limit);
    augmented[i] = static_cast<T>(static_cast<double>(rewards[i]) + (completed(i) ? bonus : 0));
  }
};

template <class T>
SubgoalSteps<T> subgoal_steps(const RewardShapingSubgoal<T>& op) {
  SubgoalSteps<T> steps{};
  steps.rewards = op.rewards.begin();
  steps.completed = read_flags(op.completed, false);
  steps.terminated = read_flags(op.terminated, false);
  steps.truncated = read_flags(op.truncated, false);
  steps.alpha = op.alpha;
  steps.inverse_limit = 1 / static_cast<double>(op.max_steps);
  steps.augmented = op.augmented_reward ? op.augmented_reward.begin() : nullptr;
  steps.steps = op.steps ? op.steps.begin() : nullptr;
  return steps;
}

}  // namespace belfry::math
