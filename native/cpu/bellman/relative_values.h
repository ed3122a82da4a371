// Relative value iteration, shared by the ops that ask for an average reward.
#pragma once

#include <limits>

#include "cpu/bellman/csr_model.h"

namespace belfry::cpu {

struct RelativeOptions {
  int64_t ref_state = 0;
  double tau = 0.9, stop_span = 1e-9;
  int64_t max_iterations = 1000000;
};

struct RelativeResult {
  double gain_lower = 0, gain_upper = 0;
  int64_t iterations = 0;
  bool converged = false, not_unichain = false, stopped = false;

  double gain() const { return gain_lower + (gain_upper - gain_lower) / 2; }
};

// Whether the span has all but stopped falling: over windows that grow with the run, so that a
// chain that mixes slowly has the time it needs. What a solve that goes on remembers.
struct Stall {
  double sweeps = 0, window = 500;
  double mark = std::numeric_limits<double>::infinity();

  bool judge(double span);
};

// Every allowed row must have mass one, every state an allowed action: an error names the first
// that does not.
Status check_recurrent(const CsrModel& model, double slack);

// h <- (1−τ) h + τ T h − shift, h(ref) = 0, from `bias` into it; `policy` is greedy in it.
RelativeResult relative_values(const CsrModel& model, const RelativeOptions& options, Stall& stall,
                               double* bias, int32_t* policy, CpuContext& context);

// Stationary distribution of a policy: of its first recurrent class, by lowest state.
void stationary_distribution(const CsrModel& model, const int32_t* policy, double* stationary,
                             CpuContext& context);

}  // namespace belfry::cpu
