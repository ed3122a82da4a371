// Group statistics, filters and selections, rewards and their shaping.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using TokenGroupOps = OpList<>;
// On the host.
using TokenGroupHostOps = OpList<>;

}  // namespace belfry
