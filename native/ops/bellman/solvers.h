// Solvers: policy iteration, average reward, shortest paths, reachability, constraints, learned
// models.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using BellmanSolverOps = OpList<>;
// On the host.
using BellmanSolverHostOps = OpList<>;

}  // namespace belfry
