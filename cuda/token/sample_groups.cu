#include "cuda/token/sample_groups.cuh"

#include <algorithm>
#include <numeric>
#include <vector>

#include "cuda/device/stream_copies.cuh"

namespace belfry::cuda {

namespace {

// Device copy of a host array, complete when this returns.
Status upload(const std::vector<int32_t>& from, const int32_t** to, CudaContext& context) {
  auto* data = context.scratch<int32_t>(static_cast<int64_t>(from.size()));
  if (!data) return context.failure();
  *to = data;
  const cudaError_t error =
      upload_on(context.stream(), data, from.data(), from.size() * sizeof(int32_t));
  return device_status(error, "groups of samples");
}

}  // namespace

Status group_samples(const In<int32_t, 1>& ids, SampleGroups& groups, CudaContext& context) {
  std::vector<int32_t> host(static_cast<size_t>(ids.dims[0]));
  const int64_t bytes = ids.dims[0] * int64_t{sizeof(int32_t)};
  if (Status s = context.read_back(host.data(), ids.begin(), bytes); !s.ok()) return s;
  std::vector<int32_t> order(host.size()), start;
  std::iota(order.begin(), order.end(), 0);
  const auto id = [&](int32_t sample) { return host[static_cast<size_t>(sample)]; };
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return id(a) < id(b); });
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || id(order[i]) != id(order[i - 1])) start.push_back(static_cast<int32_t>(i));
  }
  groups.count = static_cast<int64_t>(start.size());
  start.push_back(static_cast<int32_t>(order.size()));
  if (Status s = upload(order, &groups.order, context); !s.ok()) return s;
  return upload(start, &groups.start, context);
}

}  // namespace belfry::cuda
