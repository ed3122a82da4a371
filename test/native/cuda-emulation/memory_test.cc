// The caching allocator: which block comes back, and what happens when the device is full. Copies
// through pinned memory: small ones share a buffer and wait for nothing.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/device/memory.cu"
#include "device_array.h"
#include "emulation.h"

namespace belfry::cuda {
namespace {

using emulation::counters;
using emulation::DeviceArray;
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

struct Copies {
  Copies() {
    REQUIRE(staging.open() == cudaSuccess);
    REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  }
  ~Copies() {
    emulation::clear_failures();
    staging.close();
    cudaStreamDestroy(stream);
  }
  cudaError_t upload(DeviceArray<int32_t>& to, const std::vector<int32_t>& from) {
    return staging.upload(to.data(), from.data(), bytes_of(from), stream);
  }
  std::vector<int32_t> download(const DeviceArray<int32_t>& from, size_t count) {
    std::vector<int32_t> host(count);
    REQUIRE(staging.download(host.data(), from.data(), bytes_of(host), stream) == cudaSuccess);
    return host;
  }
  static int64_t bytes_of(const std::vector<int32_t>& numbers) {
    return static_cast<int64_t>(numbers.size() * sizeof(int32_t));
  }

  Staging staging;
  cudaStream_t stream = nullptr;
};

std::vector<int32_t> counted(size_t count, int32_t from) {
  std::vector<int32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), from);
  return numbers;
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

TEST_CASE("a small upload is one call of the runtime: it waits for no event") {
  Copies copies;
  DeviceArray<int32_t> device(100);
  emulation::fail_call(11, cudaErrorUnknown);
  for (int32_t i = 0; i < 10; ++i) {
    CHECK(copies.upload(device, counted(100, i)) == cudaSuccess);
  }
  CHECK(copies.upload(device, counted(100, 0)) == cudaErrorUnknown);
}

TEST_CASE("uploads of any size arrive as they are, beyond the end of a buffer too") {
  Copies copies;
  int32_t first = 0;
  for (const size_t count : {3u, 1000000u, 100u, 50000u, 2500000u, 1u, 3000000u}) {
    DeviceArray<int32_t> device(count);
    const std::vector<int32_t> numbers = counted(count, first++);
    REQUIRE(copies.upload(device, numbers) == cudaSuccess);
    CHECK(copies.download(device, count) == numbers);
  }
}

TEST_CASE("an upload into a buffer that travels reports the error of its wait") {
  Copies copies;
  constexpr size_t kFull = (4 << 20) / sizeof(int32_t);
  DeviceArray<int32_t> device(kFull);
  const std::vector<int32_t> numbers = counted(kFull, 0);
  CHECK(copies.upload(device, numbers) == cudaSuccess);
  emulation::fail_call(2, cudaErrorUnknown);  // the event is recorded, then the other awaited
  CHECK(copies.upload(device, numbers) == cudaErrorUnknown);
}

}  // namespace belfry::cuda
