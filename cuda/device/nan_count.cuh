// Fills `nan_count`, see ops/nan_count.h.
#pragma once

#include "cuda/device/context.cuh"
#include "ops/nan_count.h"

namespace belfry::cuda {

Status count_nans(const NanPlan& plan, const void* op, CudaContext& context);

}  // namespace belfry::cuda
