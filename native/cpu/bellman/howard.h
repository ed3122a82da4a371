// Howard's policy iteration, the loop that several solvers share: evaluate exactly, improve
// greedily, keep the action in force unless another is better by more than a threshold.
#pragma once

#include <functional>

#include "cpu/bellman/policy_system.h"

namespace belfry::cpu {

struct HowardOptions {
  double gamma = 1;
  double improvement = 1e-10;   // an action must be better by more than this
  int64_t max_policies = 1000;  // evaluated before giving up
  SolveLimits solve_limits;     // of one evaluation
  bool ends = false;            // with γ = 1: every policy that comes up is known to end
  double mass_slack = 1e-9;     // ... or must show it by missing more mass than this
  std::function<void(const int32_t*)> on_policy;  // called for each policy evaluated
  int32_t* next_policy = nullptr;                 // receives the improvement on the last policy
};

struct HowardResult {
  int64_t policies = 0;
  // The last policy was evaluated exactly and no action improves on it.
  bool converged = false;
  bool stopped = false;
};

// `policy` holds the first policy (−1 where no action is allowed) and receives the last one;
// `values` [S] holds a start for iterative solves and receives the value of the last policy.
HowardResult howard(const CsrModel& model, const HowardOptions& options, int32_t* policy,
                    double* values, CpuContext& context);

// The policy that is greedy in the rewards alone.
void greedy_in_rewards(const CsrModel& model, int32_t* policy);

}  // namespace belfry::cpu
