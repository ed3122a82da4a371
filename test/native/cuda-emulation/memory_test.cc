// The caching allocator: which block comes back, and what happens when the device is full.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "cuda/device/memory.cu"
#include "emulation.h"

namespace belfry::cuda {
namespace {

using emulation::counters;
using Use = CachingAllocator::Use;

void* take(CachingAllocator& memory, int64_t bytes, Use use) {
  void* block = nullptr;
  CHECK(memory.allocate(bytes, use, nullptr, &block) == cudaSuccess);
  return block;
}

// The scratch memory of an op, handed back as a context does.
std::vector<void*> scratch_of_op(CachingAllocator& memory, const std::vector<int64_t>& sizes) {
  std::vector<void*> blocks;
  for (const int64_t bytes : sizes) blocks.push_back(take(memory, bytes, Use::scratch));
  for (std::size_t i = blocks.size(); i-- > 0;) memory.free(blocks[i]);
  return blocks;
}

}  // namespace

TEST_CASE("an op gets the same scratch blocks again, whatever others do between") {
  const auto before = counters();
  {
    CachingAllocator memory;
    const std::vector<int64_t> small{100, 100, 3000, 100}, large{3000, 100, 100, 100, 100, 9000};
    const auto first = scratch_of_op(memory, small);
    CHECK(scratch_of_op(memory, small) == first);
    const auto other = scratch_of_op(memory, large);
    std::vector<void*> tensors;
    for (int step = 0; step < 3; ++step) {
      tensors.push_back(take(memory, 100, Use::tensor));  // kept, as a loss is
      memory.free(take(memory, 3000, Use::tensor));
      CHECK(scratch_of_op(memory, small) == first);
      CHECK(scratch_of_op(memory, large) == other);
    }
    CHECK(counters().device_allocations == before.device_allocations + 6 + 4);
    for (void* tensor : tensors) memory.free(tensor);
  }
  CHECK(counters().device_allocations == before.device_allocations);
}

TEST_CASE("the tensor freed last comes back first") {
  CachingAllocator memory;
  void* const a = take(memory, 600, Use::tensor);
  void* const b = take(memory, 600, Use::tensor);
  memory.free(a);
  memory.free(b);
  CHECK(take(memory, 600, Use::tensor) == b);
  CHECK(take(memory, 600, Use::tensor) == a);
}

TEST_CASE("a full device gets back what is cached for either use") {
  CachingAllocator memory;
  const auto before = counters();
  const auto limit = std::to_string(before.device_bytes + 4096);
  setenv("BELFRY_EMULATION_MEMORY_BYTES", limit.c_str(), 1);
  memory.free(take(memory, 1024, Use::scratch));
  memory.free(take(memory, 2048, Use::tensor));
  CHECK(counters().device_allocations == before.device_allocations + 2);
  void* const large = take(memory, 4096, Use::tensor);
  CHECK(counters().device_allocations == before.device_allocations + 1);
  void* none = nullptr;
  CHECK(memory.allocate(1024, Use::scratch, nullptr, &none) == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaSuccess);
  memory.free(large);
  take(memory, 1024, Use::scratch);
  unsetenv("BELFRY_EMULATION_MEMORY_BYTES");
}

}  // namespace belfry::cuda
