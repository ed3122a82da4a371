// Solvers: policy iteration, average reward, shortest paths, reachability, constraints, learned
// models. The declarations lie in files by subject; the lists are here.
#pragma once

#include "ops/bellman/finite_models.h"
#include "ops/bellman/goals.h"
#include "ops/bellman/policies.h"
#include "ops/bellman/sweeps.h"

namespace belfry {

// On every backend.
using BellmanSolverOps = OpList<>;
// On the host. Forms of one name in the order in which a call tries them.
using BellmanSolverHostOps =
    OpList<KnownMdpsAverage, KnownMdps, ModifiedPolicyIteration, InexactPolicyIteration,
           PolicyIteration, AverageRewardRvi, StochasticShortestPath, ReachConsensus, ReachCost,
           Reachability, PrioritizedSweeping, ConstrainedMdpLp, EffectiveHorizonSticky,
           EffectiveHorizon, LqrRiccati, InPlaceValueIteration, TopologicalValueIteration,
           AndersonValueIteration, ActionElimination>;

}  // namespace belfry
