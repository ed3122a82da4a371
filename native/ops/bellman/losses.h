// Losses and their gradients: DQN, bisimulation, contrastive, sequence and preference losses.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using BellmanLossOps = OpList<>;
// On the host.
using BellmanLossHostOps = OpList<>;

}  // namespace belfry
