// Matrix games, Shapley iteration, equilibria, restless bandits, multi-agent inverse Q-learning.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using BellmanGameOps = OpList<>;
// On the host.
using BellmanGameHostOps = OpList<>;

}  // namespace belfry
