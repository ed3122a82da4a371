// Fills `nan_count`, see ops/nan_count.h.
#pragma once

#include "cpu/context.h"
#include "ops/nan_count.h"

namespace belfry::cpu {

void count_nans(const NanPlan& plan, const void* op, CpuContext& context);

}  // namespace belfry::cpu
