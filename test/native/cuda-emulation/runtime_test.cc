// The runtime API: memory, streams, events, errors, and the failures a test can ask for.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "cuda/device/check.cuh"
#include "cuda/device/launch.cuh"
#include "device_array.h"
#include "emulation.h"

using belfry::cuda::launch;
using belfry::cuda::LaunchShape;
using belfry::emulation::counters;
using belfry::emulation::DeviceArray;
using belfry::emulation::KernelLaunch;

namespace {

__global__ void set(int* out, int value) { *out = value; }
__global__ void nothing() {}

// Without the conveniences of launch.cuh.
cudaError_t raw_launch(dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream) {
  belfry::emulation::make_known(nothing);
  void* none[] = {nullptr};
  return belfry::emulation::launch_kernel(reinterpret_cast<const void*>(nothing), grid, block,
                                          shared_bytes, stream, none);
}

class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Environment() { unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("device memory is limited, counted and checked") {
  const auto before = counters();
  const Environment limit("BELFRY_EMULATION_MEMORY_BYTES", "1000");
  float* first = nullptr;
  float* second = nullptr;
  CHECK(cudaMalloc(&first, 600) == cudaSuccess);
  CHECK(cudaMalloc(&second, 401) == cudaErrorMemoryAllocation);
  CHECK(second == nullptr);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaSuccess);
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  CHECK(cudaMemGetInfo(&free_bytes, &total_bytes) == cudaSuccess);
  CHECK(free_bytes == 400);
  CHECK(total_bytes == 1000);
  CHECK(counters().device_allocations == before.device_allocations + 1);
  CHECK(cudaFreeAsync(first, nullptr) == cudaSuccess);
  CHECK(cudaFree(first) == cudaErrorInvalidValue);
  CHECK(cudaFree(nullptr) == cudaSuccess);
  CHECK(cudaMallocAsync(&second, 1000, nullptr) == cudaSuccess);
  CHECK(cudaFree(second) == cudaSuccess);
  CHECK(counters().device_bytes == before.device_bytes);
  cudaGetLastError();
}

TEST_CASE("fresh memory is not zero") {
  const DeviceArray<unsigned char> bytes(1000);
  for (const unsigned char byte : bytes.read()) CHECK(byte != 0);
}

TEST_CASE("copies") {
  std::vector<int> host = {1, 2, 3, 4};
  const DeviceArray<int> a(host);
  const DeviceArray<int> b(4);
  CHECK(cudaMemcpy(b.data(), a.data(), 16, cudaMemcpyDeviceToDevice) == cudaSuccess);
  CHECK(b.read() == host);
  CHECK(cudaMemset(b.data() + 1, 0, 8) == cudaSuccess);
  CHECK(b.read() == std::vector<int>{1, 0, 0, 4});
  CHECK(cudaMemcpy(b.data() + 1, a.data(), 16, cudaMemcpyDefault) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(b.data(), host.data(), 16, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(host.data(), a.data(), 16, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy2DAsync(b.data(), 8, host.data() + 2, 4, 4, 2, cudaMemcpyHostToDevice) ==
        cudaSuccess);
  CHECK(b.read() == std::vector<int>{3, 0, 4, 4});
  int* pinned = nullptr;
  CHECK(cudaMallocHost(&pinned, 16) == cudaSuccess);
  CHECK(cudaMemcpy(pinned, a.data(), 16, cudaMemcpyDefault) == cudaSuccess);
  CHECK(pinned[3] == 4);
  CHECK(cudaFree(pinned) == cudaErrorInvalidValue);
  CHECK(cudaFreeHost(pinned) == cudaSuccess);
  CHECK(counters().pinned_allocations == 0);
  cudaGetLastError();
}

TEST_CASE("launches with impossible shapes are refused") {
  const auto launches = counters().launches;
  CHECK(raw_launch(0, 32, 0, nullptr) == cudaErrorInvalidConfiguration);
  CHECK(raw_launch(1, 0, 0, nullptr) == cudaErrorInvalidConfiguration);
  CHECK(raw_launch(1, 1025, 0, nullptr) == cudaErrorInvalidConfiguration);
  CHECK(raw_launch(1, dim3(32, 33), 0, nullptr) == cudaErrorInvalidConfiguration);
  CHECK(raw_launch(dim3(1, 65536), 32, 0, nullptr) == cudaErrorInvalidConfiguration);
  CHECK(raw_launch(1, 32, 48 * 1024 + 1, nullptr) == cudaErrorInvalidValue);
  CHECK(cudaGetLastError() == cudaErrorInvalidValue);
  CHECK(counters().launches == launches);
  CHECK(raw_launch(1, 1024, 48 * 1024, nullptr) == cudaSuccess);
  CHECK(launch(nothing, {.grid = 1, .block = 32, .shared_bytes = 227 * 1024}, nullptr) ==
        cudaSuccess);
  CHECK(launch(nothing, {.grid = 1, .block = 32, .shared_bytes = 227 * 1024 + 1}, nullptr) ==
        cudaErrorInvalidValue);
  CHECK(cudaPeekAtLastError() == cudaSuccess);
  CHECK(counters().launches == launches + 2);
}

TEST_CASE("a launch is not blamed for the failure of an earlier call") {
  void* pointer = nullptr;
  CHECK(cudaMalloc(&pointer, ~std::size_t{0}) == cudaErrorMemoryAllocation);
  CHECK(launch(nothing, LaunchShape{1, 1}, nullptr) == cudaSuccess);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
}

TEST_CASE("an empty grid is no work and no error") {
  const auto launches = counters().launches;
  const unsigned blocks = belfry::cuda::blocks_for(0, 256);
  CHECK(launch(nothing, LaunchShape{blocks, 256}, nullptr) == cudaSuccess);
  CHECK(launch(nothing, LaunchShape{dim3(3, 0), 256}, nullptr) == cudaSuccess);
  CHECK(counters().launches == launches);
  CHECK(cudaPeekAtLastError() == cudaSuccess);
}

TEST_CASE("streams, events and host functions keep their order") {
  cudaStream_t stream = nullptr;
  cudaEvent_t start = nullptr;
  cudaEvent_t end = nullptr;
  CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  CHECK(cudaEventCreate(&start) == cudaSuccess);
  CHECK(cudaEventCreateWithFlags(&end, cudaEventDefault) == cudaSuccess);
  const DeviceArray<int> cell(1);
  CHECK(cudaEventRecord(start, stream) == cudaSuccess);
  CHECK(launch(set, LaunchShape{1, 1}, stream, cell.data(), 7) == cudaSuccess);

  struct Seen {
    std::atomic<bool> may_go{false};
    std::atomic<int> call{-1};
  } seen;
  const auto callback = [](void* pointer) {
    auto& self = *static_cast<Seen*>(pointer);
    while (!self.may_go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    self.call = cudaDeviceSynchronize();
  };
  CHECK(cudaLaunchHostFunc(stream, callback, &seen) == cudaSuccess);
  CHECK(cudaStreamQuery(stream) == cudaErrorNotReady);
  seen.may_go = true;
  CHECK(cudaEventRecord(end, stream) == cudaSuccess);
  CHECK(seen.call == cudaErrorNotPermitted);
  CHECK(cudaStreamWaitEvent(nullptr, end) == cudaSuccess);
  CHECK(cudaEventSynchronize(end) == cudaSuccess);
  float milliseconds = -1;
  CHECK(cudaEventElapsedTime(&milliseconds, start, end) == cudaSuccess);
  CHECK(milliseconds >= 0);
  CHECK(cudaStreamSynchronize(stream) == cudaSuccess);
  CHECK(cell.read()[0] == 7);
  CHECK(cudaEventDestroy(start) == cudaSuccess);
  CHECK(cudaEventDestroy(end) == cudaSuccess);
  CHECK(cudaStreamDestroy(stream) == cudaSuccess);
  CHECK(raw_launch(1, 1, 0, stream) == cudaErrorInvalidResourceHandle);
  CHECK(counters().streams == 0);
  CHECK(counters().events == 0);
  cudaGetLastError();
}

TEST_CASE("queries can be made to say \"not ready\" for a while") {
  const Environment delay("BELFRY_EMULATION_QUERY_DELAY", "2");
  cudaEvent_t event = nullptr;
  CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess);
  CHECK(cudaEventRecord(event) == cudaSuccess);
  CHECK(cudaEventQuery(event) == cudaErrorNotReady);
  CHECK(cudaEventQuery(event) == cudaErrorNotReady);
  CHECK(cudaEventQuery(event) == cudaSuccess);
  CHECK(cudaStreamQuery(nullptr) == cudaErrorNotReady);
  CHECK(cudaStreamSynchronize(nullptr) == cudaSuccess);
  CHECK(cudaStreamQuery(nullptr) == cudaSuccess);
  CHECK(cudaEventDestroy(event) == cudaSuccess);
  cudaGetLastError();
}

TEST_CASE("a machine without a GPU, and one without a driver") {
  int count = -1;
  int version = -1;
  void* pointer = nullptr;
  {
    const Environment devices("BELFRY_EMULATION_DEVICES", "0");
    CHECK(cudaGetDeviceCount(&count) == cudaErrorNoDevice);
    CHECK(count == 0);
    CHECK(cudaMalloc(&pointer, 8) == cudaErrorNoDevice);
  }
  {
    const Environment driver("BELFRY_EMULATION_DRIVER", "0");
    CHECK(cudaDriverGetVersion(&version) == cudaSuccess);
    CHECK(version == 0);
    CHECK(cudaGetDeviceCount(&count) == cudaErrorInsufficientDriver);
  }
  CHECK(cudaGetDeviceCount(&count) == cudaSuccess);
  CHECK(count == 1);
  cudaDeviceProp device{};
  CHECK(cudaGetDeviceProperties(&device, 0) == cudaSuccess);
  CHECK(std::strcmp(device.name, "emulated CUDA device") == 0);
  CHECK(device.major == 9);
  CHECK(cudaGetDeviceProperties(&device, 1) == cudaErrorInvalidDevice);
  int processors = 0;
  CHECK(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, 0) == cudaSuccess);
  CHECK(processors == device.multiProcessorCount);
  cudaGetLastError();
}

TEST_CASE("failures on request") {
  belfry::emulation::fail_call(2, cudaErrorMemoryAllocation);
  CHECK(cudaDeviceSynchronize() == cudaSuccess);
  CHECK(cudaDeviceSynchronize() == cudaErrorMemoryAllocation);
  CHECK(cudaDeviceSynchronize() == cudaSuccess);
  CHECK_FALSE(belfry::cuda::is_device_lost(cudaErrorMemoryAllocation));

  belfry::emulation::fail_call(1, cudaErrorIllegalAddress);
  CHECK(launch(nothing, LaunchShape{1, 1}, nullptr) == cudaErrorIllegalAddress);
  CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
  CHECK(cudaGetLastError() == cudaErrorIllegalAddress);
  CHECK(cudaGetLastError() == cudaErrorIllegalAddress);
  CHECK(belfry::cuda::is_device_lost(cudaErrorIllegalAddress));
  belfry::emulation::clear_failures();
  CHECK(cudaDeviceSynchronize() == cudaSuccess);
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST_CASE("launches from several threads do not disturb each other") {
  const DeviceArray<int> cells(4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&cells, i] {
      for (int round = 0; round < 50; ++round) {
        launch(set, LaunchShape{2, 64}, nullptr, cells.data() + i, i + round);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(cells.read() == std::vector<int>{49, 50, 51, 52});
}

TEST_CASE("check.cuh") {
  std::string ran;
  const auto step = [&](const char* name, cudaError_t status) {
    return [&ran, name, status] {
      ran += name;
      return status;
    };
  };
  CHECK(belfry::cuda::in_order(step("a", cudaSuccess), step("b", cudaSuccess)) == cudaSuccess);
  CHECK(belfry::cuda::in_order(step("c", cudaSuccess), step("d", cudaErrorNotReady),
                               step("e", cudaSuccess)) == cudaErrorNotReady);
  CHECK(ran == "abcd");
  char text[64];
  belfry::cuda::describe(cudaErrorMemoryAllocation, text, sizeof(text));
  CHECK(std::string(text) == "cudaErrorMemoryAllocation: out of memory");
}
