// Scans along time: returns, V-trace, leave-one-out and optimal baselines.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using TokenScanOps = OpList<>;
// On the host.
using TokenScanHostOps = OpList<>;

}  // namespace belfry
