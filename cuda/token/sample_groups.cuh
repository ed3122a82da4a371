// Samples brought together by group. Groups may lie anywhere in the batch, so the ids are read back
// and a stable order is made on the host: a sort by atomics would not give the same bits twice.
#pragma once

#include "cuda/device/context.cuh"

namespace belfry::cuda {

// On the device. Groups by ascending id: group g holds order[start[g]] … order[start[g + 1] − 1],
// in the order of the batch.
struct SampleGroups {
  const int32_t* order = nullptr;
  const int32_t* start = nullptr;
  int64_t count = 0;
};

Status group_samples(const In<int32_t, 1>& ids, SampleGroups& groups, CudaContext& context);

}  // namespace belfry::cuda
