// Kernels with mistakes that must end the process, with words that help to find them.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cuda/device/launch.cuh"
#include "death_test.h"
#include "device_array.h"
#include "sanitizer.h"

using belfry::cuda::dynamic_shared;
using belfry::cuda::launch;
using belfry::cuda::LaunchShape;
using belfry::emulation::contains;
using belfry::emulation::DeviceArray;
using belfry::emulation::last_words;

namespace {

__global__ void leave_before_barrier() {
  if (threadIdx.x == 3) return;
  __syncthreads();
}

__global__ void two_barriers() {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

__global__ void barrier_in_one_warp(int* out) {
  if (threadIdx.x < 32) __syncthreads();
  *out = __shfl_sync(~0u, 1, 0);
  __syncwarp();
  if (threadIdx.x >= 32) __syncthreads_or(1);
}

__global__ void lane_missing_from_mask() { __syncwarp(0xfffffffeu); }
__global__ void masks_differ() { __shfl_sync(threadIdx.x < 4 ? 0xffu : 0xfeu, 1, 0); }
__global__ void lane_never_comes() {
  if (threadIdx.x != 0) __syncwarp();
  if (threadIdx.x == 0) __syncthreads();
}
__global__ void spin(int* flag) {
  while (atomicAdd(flag, 0) == 0) {
  }
}
__global__ void trap() { __trap(); }

}  // namespace

TEST_CASE("threads that wait in vain stop the process and name the kernel") {
  const LaunchShape shape{2, 64};
  std::string words = last_words([&] { launch(leave_before_barrier, shape, nullptr); });
  CHECK(contains(words, "exited that others of the block wait for"));
  CHECK(contains(words, "leave_before_barrier"));
  CHECK(contains(words, "threads: 63, the first is (0,0,0): wait at __syncthreads in"));
  CHECK(contains(words, "threads: 1, the first is (3,0,0): exited"));

  words = last_words([&] { launch(two_barriers, shape, nullptr); });
  CHECK(contains(words, "at different barriers"));
  words = last_words([&] { launch(lane_never_comes, LaunchShape{1, 32}, nullptr); });
  CHECK(contains(words, "wait for each other"));
  const DeviceArray<int> cell(std::vector<int>{0});
  words = last_words([&] { launch(barrier_in_one_warp, shape, nullptr, cell.data()); });
  CHECK(contains(words, "barrier_in_one_warp"));
  CHECK(contains(words, "at different barriers"));
  words = last_words([&] { launch(spin, LaunchShape{1, 2}, nullptr, cell.data()); });
  CHECK(contains(words, "spin without end"));
}

TEST_CASE("wrong warp operations and traps stop the process") {
  const LaunchShape shape{1, 32};
  CHECK(contains(last_words([&] { launch(lane_missing_from_mask, shape, nullptr); }),
                 "not in the mask of its own"));
  CHECK(contains(last_words([&] {
                   launch(masks_differ, LaunchShape{1, 8}, nullptr);
                 }),
                 "name different masks"));
  CHECK(contains(last_words([&] { launch(trap, shape, nullptr); }), "__trap"));
  CHECK(contains(last_words([] { __syncthreads(); }), "outside a kernel"));
}

#if defined(BELFRY_ASAN)
namespace {

__global__ void write_shared(int index) { dynamic_shared<int>()[index] = 1; }
__global__ void write_static_shared(int index, int* out) {
  __shared__ int small[10];
  small[index] = 1;
  *out = small[index];
}
__global__ void write_global(int* data, int index) { data[index] = 1; }

}  // namespace

TEST_CASE("AddressSanitizer sees accesses out of bounds") {
  const LaunchShape shape{.grid = 1, .block = 1, .shared_bytes = 40};
  CHECK(last_words([&] { launch(write_shared, shape, nullptr, 9); }).empty());
  CHECK(contains(last_words([&] { launch(write_shared, shape, nullptr, 10); }),
                 "heap-buffer-overflow"));
  const DeviceArray<int> data(5);
  const auto write_static = [&](int index) {
    return last_words([&] { launch(write_static_shared, shape, nullptr, index, data.data()); });
  };
  CHECK(write_static(9).empty());
  const std::string words = write_static(10);  // UndefinedBehaviorSanitizer may be the first to see
  CHECK((contains(words, "global-buffer-overflow") || contains(words, "out of bounds")));
  CHECK(last_words([&] { launch(write_global, shape, nullptr, data.data(), 4); }).empty());
  CHECK(contains(last_words([&] { launch(write_global, shape, nullptr, data.data(), 5); }),
                 "heap-buffer-overflow"));
  CHECK(contains(last_words([&] { data.data()[0] = 1; }), "use-after-poison"));
}
#endif
