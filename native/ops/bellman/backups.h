// Backups beyond the plain ones: soft, expectile, robust, risk-sensitive, in place.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using BellmanBackupOps = OpList<>;
// On the host.
using BellmanBackupHostOps = OpList<>;

}  // namespace belfry
