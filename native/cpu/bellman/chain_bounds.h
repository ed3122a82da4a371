// Bounds of a sum where nothing is to choose and the chain is small, by elimination.
#pragma once

#include "cpu/bellman/bound_sweeps.h"
#include "cpu/bellman/goal_model.h"

namespace belfry::cpu {

constexpr int64_t kNoRow = -1, kSeveralRows = -2;
// The allowed row of a state, where there is one only.
int64_t only_row(const CsrModel& model, int64_t state);

// What of a row leads out of the model: all of it into the goal, or also what is missing by more
// than `slack`.
struct ChainEnds {
  bool all_in_goal = false;
  double slack = 1e-9;
};

// `sums` is `goal_model` with rewards. Writes nothing, and is false, where a state has a choice or
// never ends, or the states are many; `values` and `bounds` are of states that act.
bool bound_chain(const GoalModel& goal_model, const CsrModel& sums, const ChainEnds& ends,
                 double* values, const BothBounds& bounds, CpuContext& context);

}  // namespace belfry::cpu
