// Smallest, largest, first, last and order of an int32 array on the device: what argument checks
// need to know of indices and offsets.
#pragma once

#include "cuda/device/context.cuh"

namespace belfry::cuda {

Status scan_int32(CudaContext& context, const int32_t* data, int64_t count, const int32_t* skip,
                  IntFacts* out);

}  // namespace belfry::cuda
