// Quality-diversity, shaping, curricula and other small computations of the papers.
#pragma once

#include "ops/op.h"

namespace belfry {

// On every backend.
using BellmanDiversityOps = OpList<>;
// On the host.
using BellmanDiversityHostOps = OpList<>;

}  // namespace belfry
