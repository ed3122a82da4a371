// Copies through pinned memory: small ones share a buffer and wait for nothing.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "cuda/device/memory.cu"
#include "device_array.h"
#include "emulation.h"

namespace belfry::cuda {
namespace {

using emulation::DeviceArray;

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

}  // namespace
}  // namespace belfry::cuda
