// Losses of tokens and sequences with their gradients, and importance corrections.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using TokenLossOps = OpList<>;
// On the host.
using TokenLossHostOps = OpList<>;

}  // namespace belfry
