// What the checks of index and offset operands ask, answered at the speed of memory by several
// threads.
#pragma once

#include <cstdint>

#include "belfry/backend.h"

namespace belfry::cpu {

// min and max of the elements, those equal to *skip left out.
IntFacts range_of(const int32_t* data, int64_t count, const int32_t* skip);

// first, last, and whether the elements never fall.
IntFacts order_of(const int32_t* data, int64_t count);

}  // namespace belfry::cpu
