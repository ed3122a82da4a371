// Bounds of a reduced model's sums (goal_model.h), of probabilities or expected costs, in one call
// or several.
#pragma once

#include "cpu/bellman/bound_sweeps.h"
#include "cpu/bellman/goal_model.h"
#include "cpu/bellman/howard.h"
#include "cpu/bellman/in_place_sweeps.h"
#include "cpu/bellman/optimistic_bounds.h"

namespace belfry::cpu {

struct GoalOptions {
  double mass_slack = 1e-9;
  // Width of the bounds to stop at; of costs above one, relative to them.
  double eps = 1e-8;
  bool optimistic = false;  // bounds by sweeps alone, guessed and proved
  bool bounded = true;      // bounds are wanted
  bool proper = false;      // greatest costs are over the policies that surely reach the goal
  int64_t max_policies = 1000;
  int64_t max_sweeps = 1000000;  // of bounds
  int64_t pause_after = 0;       // sweeps and policies after which the call ends; 0: never
};

struct GoalResult {
  int64_t policies = 0, sweeps = 0;  // evaluated; of bounds
  bool converged = false, stopped = false, paused = false;
};

// What a solve is doing, in this order.
enum class SumPhase : int64_t { begin, follow, best, policies, close_in, optimistic, finished };
constexpr int64_t kSumStateSize = 8;

// All that a solve goes on from: [S] each, and where it stands.
struct SumProgress {
  double *values = nullptr, *lower = nullptr, *upper = nullptr, *guess = nullptr;
  int32_t* policy = nullptr;  // of the reduced model
  SumPhase phase = SumPhase::begin;
  int64_t policies = 0;
  SweepCount count;         // of the sweeps of this phase
  OptimisticState guesses;  // and all sweeps of bounds

  SumProgress(int64_t num_states, CpuContext& context);
  void read(const double* state);
  void write(double* state) const;
};

class SumBounds {
 public:
  // `sums` is `goal_model` with rewards: costs, or the probabilities of stepping into the goal.
  SumBounds(const GoalModel& goal_model, const CsrModel& sums, bool costs,
            const GoalOptions& options, SumProgress& progress, CpuContext& context);

  // `progress` receives values (costs only: within their bounds), bounds and the policy.
  GoalResult run();

 private:
  static constexpr int64_t kWindow = 512, kLook = 16;

  void begin();
  Outcome advance();
  Outcome sweep_first(bool best);
  Outcome improve_policies();
  Outcome close_in();
  void take_greedy();
  void settle_values();
  BothBounds bounds() const { return {progress_.lower, progress_.upper}; }
  bool done() const { return sweeps_.width(bounds()) <= options_.eps; }
  HowardOptions howard_options() const;
  void next(SumPhase phase);

  const GoalModel& goal_model_;
  const CsrModel& model_;
  const bool costs_;
  const GoalOptions& options_;
  SumProgress& progress_;
  CpuContext& context_;
  const int64_t n_;
  int32_t* leaving_;
  const std::vector<int32_t> order_;
  const BoundSweeps sweeps_;
  Allowance allowance_;
};

}  // namespace belfry::cpu
