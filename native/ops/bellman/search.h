// Search and selection: Q* search, tree selection, task selection, exploration, belief states.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using BellmanSearchOps = OpList<>;
// On the host.
using BellmanSearchHostOps = OpList<>;

}  // namespace belfry
