// Cost of one policy: one linear solve and one backup of every row.
//
// The threshold of improvement grows with the rounding of the values, without which two equal
// actions could take turns for ever. With γ = 1 a policy that need not end has no value: the loop
// then stops and claims nothing.
#include "cpu/bellman/howard.h"

#include <cmath>
#include <limits>

namespace belfry::cpu {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// False: no unique value; `values` then holds what sweeps from 0 come to.
bool evaluate(const CsrModel& model, const HowardOptions& options, const int32_t* policy,
              double* values, CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const PolicyModel chain = follow_policy(model, policy, context);
  const DiscountedSystem system{chain.rows, model.num_states, options.gamma};
  if (options.gamma >= 1 && !options.ends &&
      !every_state_ends(chain.rows, model.num_states, options.mass_slack, context)) {
    std::fill_n(values, model.num_states, 0.0);
    sweep_until_still(system, chain.rewards, values, options.solve_limits, context);
    return false;
  }
  return PolicySystem(system, options.solve_limits, context).solve(chain.rewards, values);
}

// The improved policy; whether any state takes another action in it.
bool improve(const CsrModel& model, const double* q, double threshold, const int32_t* policy,
             int32_t* improved) {
  bool changed = false;
  for (int64_t s = 0; s < model.num_states; ++s) {
    improved[s] = policy[s];
    if (policy[s] < 0) continue;
    math::GreedyChoice<double> best;
    const int64_t first = s * model.num_actions;
    for (int64_t a = 0; a < model.num_actions; ++a) {
      if (!model.mask(first + a)) continue;
      best.offer(static_cast<int32_t>(a), math::greedy_key(q[first + a], model.minimise));
    }
    const double now = math::greedy_key(q[first + policy[s]], model.minimise);
    if (best.action == policy[s] || best.key <= now + threshold) continue;
    improved[s] = best.action;
    changed = true;
  }
  return changed;
}

}  // namespace

HowardResult howard(const CsrModel& model, const HowardOptions& options, int32_t* policy,
                    double* values, CpuContext& context) {
  HowardResult result;
  double* q = context.scratch<double>(model.num_rows());
  auto* improved =
      options.next_policy ? options.next_policy : context.scratch<int32_t>(model.num_states);
  std::copy_n(policy, model.num_states, improved);
  Sweeper sweeper(model, options.gamma, context);
  for (;;) {
    const bool solved_it = evaluate(model, options, policy, values, context);
    result.stopped = context.stopped();
    if (result.stopped) return result;
    ++result.policies;
    if (options.on_policy) options.on_policy(policy);
    if (!solved_it && options.gamma >= 1 && !options.ends) return result;
    sweeper.q_values(values, q);
    const double rounding = 16 * kEpsilon * inf_norm(values, model.num_states);
    const bool changed = improve(model, q, options.improvement + rounding, policy, improved);
    context.report(result.policies, options.max_policies, changed ? 1 : 0);
    if (!changed) result.converged = solved_it;
    if (!changed || result.policies >= options.max_policies) return result;
    std::copy_n(improved, model.num_states, policy);
  }
}

void greedy_in_rewards(const CsrModel& model, int32_t* policy) {
  for (int64_t s = 0; s < model.num_states; ++s) {
    math::GreedyChoice<double> best;
    for (int64_t a = 0; a < model.num_actions; ++a) {
      const int64_t row = s * model.num_actions + a;
      if (!model.mask(row)) continue;
      best.offer(static_cast<int32_t>(a), math::greedy_key(model.rewards[row], model.minimise));
    }
    policy[s] = best.action;
  }
}

}  // namespace belfry::cpu
