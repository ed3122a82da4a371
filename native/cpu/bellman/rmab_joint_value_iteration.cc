// rmab_joint_value_iteration: V(s) = Σ_j r_j(s_j) + γ max_a E[V(s')] over the joint states of J
// arms. The expectation applies the kernel of one arm after the other, J·S^{J+1} multiply-adds in
// place of S^{2J}, and actions that begin alike share the products of what they have in common.
#include <algorithm>
#include <cmath>

#include "cpu/bellman/fixed_point.h"
#include "cpu/run.h"
#include "ops/bellman/games.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kMostStates = int64_t{1} << 24;
constexpr int64_t kMostArms = 4096;
// Actions whose values differ by less, relatively, differ by rounding.
constexpr double kTie = 1e-12;

// Σ_{k ≤ budget} C(num_arms, k), at most one more than kMostStates.
int64_t count_actions(int64_t num_arms, int64_t budget) {
  double total = 0, ways = 1;
  for (int64_t k = 0; k <= std::min(budget, num_arms); ++k) {
    total += ways;
    if (total > static_cast<double>(kMostStates)) return kMostStates + 1;
    ways *= static_cast<double>(num_arms - k) / static_cast<double>(k + 1);
  }
  return static_cast<int64_t>(total);
}

template <class T>
class JointSolver {
 public:
  JointSolver(const RmabJointValueIteration<T>& op, int64_t num_joint, CpuContext& context)
      : op_(op),
        context_(context),
        arms_(op.reward_state.dims[0]),
        size_(op.reward_state.dims[1]),
        num_joint_(num_joint),
        reward_(context.scratch<double>(num_joint)),
        layers_(context.scratch<double>(num_joint * arms_)) {
    for (int64_t s = 0; s < num_joint_; ++s) {
      reward_[s] = 0;
      for (int64_t j = 0, rest = num_joint_ / std::max<int64_t>(size_, 1), digits = s; j < arms_;
           ++j, rest /= std::max<int64_t>(size_, 1)) {
        reward_[s] += static_cast<double>(op.reward_state[j * size_ + digits / rest]);
        digits %= rest;
      }
    }
  }

  Status run() {
    double* values = context_.scratch<double>(num_joint_);
    std::fill_n(values, num_joint_, 0.0);
    const auto sweep = [&](const double* before, double* after) { backup(before, after, nullptr); };
    const FixedPoint star = iterate_to_fixed_point(values, num_joint_, op_.gamma, op_.tolerance,
                                                   op_.max_iterations, context_, sweep);
    if (star.aborted) return aborted();
    if (op_.v_star) {
      for (int64_t s = 0; s < num_joint_; ++s) op_.v_star[s] = static_cast<T>(star.values[s]);
    }
    if (op_.joint_action) write_actions(star.values);
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(star.iterations);
    if (op_.converged) op_.converged[0] = star.converged;
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  // `best_action`: null, or the bits of each state's first best action.
  void backup(const double* before, double* after, uint64_t* best_action) {
    after_ = after;
    best_action_ = best_action;
    first_leaf_ = true;
    descend(0, before, 0, 0);
    for (int64_t s = 0; s < num_joint_; ++s) after[s] = reward_[s] + op_.gamma * after[s];
  }

  // Arms before `arm` have been decided and their kernels applied to `values`.
  void descend(int64_t arm, const double* values, int64_t num_active, uint64_t action) {
    if (context_.stopped()) return;
    if (arm == arms_) return offer(values, action);
    for (int64_t a = 0; a < 2; ++a) {
      if (num_active + a > op_.budget) return;
      double* next = layers_ + arm * num_joint_;
      apply(arm, a, values, next);
      // Beyond 64 arms there is one joint state, and the first action, all 0, is best.
      const uint64_t bit = arm < 64 ? static_cast<uint64_t>(a) << arm : 0;
      descend(arm + 1, next, num_active + a, action | bit);
    }
  }

  // out(.., s, ..) = Σ_t P(t|s,a) in(.., t, ..) along the digit of one arm.
  void apply(int64_t arm, int64_t a, const double* in, double* out) const {
    int64_t stride = 1;
    for (int64_t j = arm + 1; j < arms_; ++j) stride *= size_;
    const int64_t block = stride * size_;
    std::fill_n(out, num_joint_, 0.0);
    for (int64_t base = 0; base < num_joint_; base += block) {
      for (int64_t s = 0; s < size_; ++s) {
        const T* row = op_.prob.begin() + ((arm * size_ + s) * 2 + a) * size_;
        double* to = out + base + s * stride;
        for (int64_t t = 0; t < size_; ++t) {
          const auto p = static_cast<double>(row[t]);
          const double* from = in + base + t * stride;
          for (int64_t k = 0; k < stride; ++k) to[k] += p * from[k];
        }
      }
    }
  }

  void offer(const double* values, uint64_t action) {
    for (int64_t s = 0; s < num_joint_; ++s) {
      const double best = first_leaf_ ? 0 : after_[s];
      const double margin = best_action_ ? kTie * std::fabs(best) : 0;
      const bool better = !(values[s] <= best + margin) && best == best;
      if (!first_leaf_ && !better) continue;
      after_[s] = values[s];
      if (best_action_) best_action_[s] = action;
    }
    first_leaf_ = false;
  }

  void write_actions(const double* values) {
    auto* best = context_.scratch<uint64_t>(num_joint_);
    backup(values, context_.scratch<double>(num_joint_), best);
    if (context_.stopped()) return;
    for (int64_t s = 0; s < num_joint_; ++s) {
      for (int64_t j = 0; j < arms_; ++j) {
        const bool served = j < 64 && (best[s] >> j & 1) != 0;
        op_.joint_action[s * arms_ + j] = served ? 1 : 0;
      }
    }
  }

  const RmabJointValueIteration<T>& op_;
  CpuContext& context_;
  int64_t arms_, size_, num_joint_;
  double *reward_, *layers_, *after_ = nullptr;
  uint64_t* best_action_ = nullptr;
  bool first_leaf_ = true;
};

template <class T>
Status rmab_joint_value_iteration(const RmabJointValueIteration<T>& op, CpuContext& context) {
  const int64_t num_arms = op.reward_state.dims[0], size = op.reward_state.dims[1];
  int64_t num_joint = 1;
  for (int64_t j = 0; j < num_arms && num_joint <= kMostStates && size != 1; ++j) num_joint *= size;
  if (num_arms > kMostArms || num_joint > kMostStates ||
      count_actions(num_arms, op.budget) > kMostStates) {
    return Status::error(Code::bad_value, "prob",
                         "is of %lld arms with %lld states: more than 2^24 joint states or "
                         "actions, or more than 4096 arms",
                         static_cast<long long>(num_arms), static_cast<long long>(size));
  }
  if (num_joint == 0) {
    if (op.iterations) op.iterations[0] = 0;
    if (op.converged) op.converged[0] = 1;
    return {};
  }
  return JointSolver<T>(op, num_joint, context).run();
}

}  // namespace

template <>
Status run(const RmabJointValueIteration<float>& op, CpuContext& context) {
  return rmab_joint_value_iteration(op, context);
}
template <>
Status run(const RmabJointValueIteration<double>& op, CpuContext& context) {
  return rmab_joint_value_iteration(op, context);
}

}  // namespace belfry::cpu
