// From logits and hidden states: log-probabilities, divergences, fused losses.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using TokenLogitOps = OpList<>;
// On the host.
using TokenLogitHostOps = OpList<>;

}  // namespace belfry
