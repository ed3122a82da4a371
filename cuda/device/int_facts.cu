#include "cuda/device/int_facts.cuh"

#include "cuda/device/reduce.cuh"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

struct Merge {
  __device__ IntFacts operator()(IntFacts a, const IntFacts& b) const {
    a.min = b.min < a.min ? b.min : a.min;
    a.max = b.max > a.max ? b.max : a.max;
    a.monotone = a.monotone && b.monotone;
    return a;
  }
};

__global__ void int_facts(const int32_t* data, int64_t count, int32_t skip, bool skips,
                          IntFacts* partial) {
  __shared__ IntFacts shared[kThreads / kWarpSize];
  IntFacts facts;
  for (const int64_t i : grid_stride(count)) {
    const int32_t x = data[i];
    if (!skips || x != skip) {
      facts.min = x < facts.min ? x : facts.min;
      facts.max = x > facts.max ? x : facts.max;
    }
    if (i + 1 < count && data[i + 1] < x) facts.monotone = false;
  }
  facts = block_reduce(facts, Merge{}, IntFacts{}, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = facts;
}

__global__ void int_facts_merge(const IntFacts* partial, int num_partial, const int32_t* data,
                                int64_t count, IntFacts* out) {
  __shared__ IntFacts shared[kThreads / kWarpSize];
  IntFacts facts;
  for (int i = static_cast<int>(threadIdx.x); i < num_partial; i += kThreads) {
    facts = Merge{}(facts, partial[i]);
  }
  facts = block_reduce(facts, Merge{}, IntFacts{}, shared);
  if (threadIdx.x == 0) {
    facts.first = data[0];
    facts.last = data[count - 1];
    *out = facts;
  }
}

}  // namespace

Status scan_int32(CudaContext& context, const int32_t* data, int64_t count, const int32_t* skip,
                  IntFacts* out) {
  *out = IntFacts{};
  if (count == 0) return {};
  const unsigned blocks = blocks_for(count, kThreads);
  auto* partial = context.scratch<IntFacts>(static_cast<int64_t>(blocks) + 1);
  if (!partial) return context.failure();
  IntFacts* result = partial + blocks;
  cudaError_t error = launch(int_facts, {dim3(blocks), dim3(kThreads)}, context.stream(), data,
                             count, skip ? *skip : 0, skip != nullptr, partial);
  if (error == cudaSuccess) {
    error = launch(int_facts_merge, {dim3(1), dim3(kThreads)}, context.stream(),
                   static_cast<const IntFacts*>(partial), static_cast<int>(blocks), data, count,
                   result);
  }
  if (error != cudaSuccess) return device_status(error, "int_facts");
  return context.read_back(out, result, sizeof *out);
}

}  // namespace belfry::cuda
