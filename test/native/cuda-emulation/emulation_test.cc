// The execution model: order of threads, barriers, warp operations, atomics, shared memory.
#include "emulation.h"

#include <doctest/doctest.h>

#include <numeric>
#include <set>
#include <vector>

#include "cuda/device/launch.cuh"
#include "device_array.h"

using belfry::cuda::dynamic_shared;
using belfry::cuda::launch;
using belfry::cuda::LaunchShape;
using belfry::emulation::DeviceArray;
using belfry::emulation::set_seed;

namespace {

constexpr unsigned kThreads = 128;
constexpr int kSeeds = 8;

std::vector<unsigned> one_to_n(std::size_t n) {
  std::vector<unsigned> values(n);
  std::iota(values.begin(), values.end(), 1u);
  return values;
}

// A tree sum, with or without the barrier each level needs.
template <bool kWithBarrier>
__global__ void block_sum(const unsigned* in, unsigned* out) {
  __shared__ unsigned partial[kThreads];
  const unsigned t = threadIdx.x;
  partial[t] = in[blockIdx.x * kThreads + t];
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if constexpr (kWithBarrier) __syncthreads();
    if (t < half) partial[t] += partial[t + half];
  }
  if (t == 0) out[blockIdx.x] = partial[0];
}

template <bool kWithBarrier>
int wrong_sums(int seed) {
  set_seed(static_cast<std::uint64_t>(seed));
  constexpr unsigned kBlocks = 3;
  const DeviceArray<unsigned> in(one_to_n(kBlocks * kThreads));
  const DeviceArray<unsigned> out(kBlocks);
  CHECK(launch(block_sum<kWithBarrier>, LaunchShape{kBlocks, kThreads}, nullptr, in.data(),
               out.data()) == cudaSuccess);
  int wrong = 0;
  for (unsigned block = 0; block < kBlocks; ++block) {
    const unsigned first = block * kThreads + 1;
    if (out.read()[block] != kThreads * first + (kThreads - 1) * kThreads / 2) ++wrong;
  }
  return wrong;
}

__global__ void record_order(int* order, int* next) {
  order[(*next)++] = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
}

std::vector<int> order_with(std::uint64_t seed) {
  set_seed(seed);
  const DeviceArray<int> order(4 * 40);
  const DeviceArray<int> next(std::vector<int>{0});
  launch(record_order, LaunchShape{4, 40}, nullptr, order.data(), next.data());
  return order.read();
}

struct Indices {
  uint3 thread, block;
};

__global__ void record_indices(Indices* out) {
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  out[block * blockDim.x * blockDim.y * blockDim.z + thread] = {threadIdx, blockIdx};
}

__global__ void shuffles(float* out) {
  const int lane = static_cast<int>(threadIdx.x);
  const auto value = static_cast<float>(lane);
  float* row = out + lane * 7;
  row[0] = __shfl_sync(~0u, value, 5);
  row[1] = __shfl_up_sync(~0u, value, 3);
  row[2] = __shfl_down_sync(~0u, value, 3);
  row[3] = __shfl_xor_sync(~0u, value, 9);
  row[4] = __shfl_sync(~0u, value, 9, 8);
  row[5] = __shfl_up_sync(~0u, value, 3, 8);
  row[6] = __shfl_down_sync(~0u, value, 3, 8);
}

__global__ void shuffle_types(int* failures) {
  const unsigned lane = threadIdx.x;
  const unsigned other = lane ^ 1u;
  const long long big = (1LL << 40) + lane;
  const unsigned long long bits = ~0ULL - lane;
  if (__shfl_xor_sync(~0u, big, 1) != (1LL << 40) + other) atomicAdd(failures, 1);
  if (__shfl_xor_sync(~0u, bits, 1) != ~0ULL - other) atomicAdd(failures, 1);
  if (__shfl_xor_sync(~0u, 0.1 * lane, 1) != 0.1 * other) atomicAdd(failures, 1);
  if (__shfl_xor_sync(~0u, -static_cast<int>(lane), 1) != -static_cast<int>(other)) {
    atomicAdd(failures, 1);
  }
}

// The halves of the warp work apart, then some lanes leave and the rest goes on.
__global__ void votes(unsigned* out) {
  const unsigned lane = threadIdx.x;
  const unsigned half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
  unsigned* row = out + lane * 6;
  row[0] = __ballot_sync(half, lane % 3 == 0);
  row[1] = __match_any_sync(half, lane % 4);
  for (unsigned i = 0; i < lane; ++i) __syncwarp(1u << lane);
  row[2] = static_cast<unsigned>(__any_sync(~0u, lane == 31));
  row[3] = static_cast<unsigned>(__all_sync(~0u, lane < 31));
  row[4] = __activemask();
  if (lane % 2 == 1) return;
  row[5] = __ballot_sync(~0u, 1);
}

__global__ void block_votes(int* out) {
  const int odd = static_cast<int>(threadIdx.x % 2);
  const int any = __syncthreads_or(threadIdx.x == 7);
  const int none = __syncthreads_or(0);
  const int all = __syncthreads_and(threadIdx.x < 40);
  const int not_all = __syncthreads_and(threadIdx.x < 39);
  const int count = __syncthreads_count(odd);
  if (threadIdx.x != 3) return;
  out[0] = any;
  out[1] = none;
  out[2] = all;
  out[3] = not_all;
  out[4] = count;
}

struct Totals {
  int sum, highest, lowest, bits, last;
  unsigned wrapped;
  unsigned long long wide;
  float real;
  double exact;
};

__global__ void atomics(Totals* totals) {
  const int n = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  atomicAdd(&totals->sum, n);
  atomicMax(&totals->highest, n);
  atomicMin(&totals->lowest, n);
  atomicOr(&totals->bits, 1 << n % 20);
  atomicAdd(&totals->wide, 1ULL << 33);
  atomicAdd(&totals->real, 0.5f);
  atomicAdd(&totals->exact, 0.25);
  atomicInc(&totals->wrapped, 6);
  int seen = totals->last;
  while (true) {
    const int before = atomicCAS(&totals->last, seen, seen + 2);
    if (before == seen) break;
    seen = before;
  }
}

__global__ void append(int* list, unsigned* length) {
  list[atomicAdd(length, 1u)] = static_cast<int>(threadIdx.x);
}

__global__ void read_fresh_shared(unsigned* out) {
  __shared__ unsigned fixed[4];
  auto* dynamic = dynamic_shared<unsigned>();
  out[blockIdx.x * 2] = fixed[1];
  out[blockIdx.x * 2 + 1] = dynamic[1];
  fixed[1] = 0;
  dynamic[1] = 0;
}

}  // namespace

TEST_CASE("a block reduction is right under every seed") {
  for (int seed = 0; seed < kSeeds; ++seed) CHECK(wrong_sums<true>(seed) == 0);
}

TEST_CASE("a missing barrier gives a wrong result") {
  int wrong = 0;
  for (int seed = 0; seed < kSeeds; ++seed) wrong += wrong_sums<false>(seed) > 0 ? 1 : 0;
  MESSAGE("seeds that show the missing barrier: ", wrong, " of ", kSeeds);
  CHECK(wrong >= 1);
}

TEST_CASE("the seed decides the order of threads and blocks") {
  std::vector<int> ascending(160);
  std::iota(ascending.begin(), ascending.end(), 0);
  CHECK(order_with(0) == ascending);
  const std::vector<int> one = order_with(1);
  CHECK(one != ascending);
  CHECK(one == order_with(1));
  CHECK(one != order_with(2));
  CHECK(std::set<int>(one.begin(), one.end()).size() == 160);
  CHECK(one[0] / 40 == one[39] / 40);  // blocks do not interleave
}

TEST_CASE("grids and blocks have three dimensions") {
  const dim3 grid(2, 3, 2);
  const dim3 block(5, 2, 3);
  const DeviceArray<Indices> out(12 * 30);
  CHECK(launch(record_indices, {grid, block}, nullptr, out.data()) == cudaSuccess);
  const std::vector<Indices> seen = out.read();
  for (unsigned i = 0; i < seen.size(); ++i) {
    const auto [thread, at] = seen[i];
    CHECK(i == (at.x + 2 * (at.y + 3 * at.z)) * 30 + thread.x + 5 * (thread.y + 2 * thread.z));
  }
}

TEST_CASE("shuffles") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    set_seed(seed);
    const DeviceArray<float> out(32 * 7);
    CHECK(launch(shuffles, LaunchShape{1, 32}, nullptr, out.data()) == cudaSuccess);
    const std::vector<float> got = out.read();
    for (int lane = 0; lane < 32; ++lane) {
      const int expected[] = {5,
                              lane < 3 ? lane : lane - 3,
                              lane > 28 ? lane : lane + 3,
                              lane ^ 9,
                              lane / 8 * 8 + 1,
                              lane % 8 < 3 ? lane : lane - 3,
                              lane % 8 > 4 ? lane : lane + 3};
      for (int i = 0; i < 7; ++i) {
        CHECK(got[static_cast<std::size_t>(lane * 7 + i)] == static_cast<float>(expected[i]));
      }
    }
  }
  const DeviceArray<int> failures(std::vector<int>{0});
  CHECK(launch(shuffle_types, LaunchShape{1, 32}, nullptr, failures.data()) == cudaSuccess);
  CHECK(failures.read()[0] == 0);
}

TEST_CASE("votes, also in parts of a warp and after lanes have left") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    set_seed(seed);
    const DeviceArray<unsigned> out(32 * 6);
    CHECK(launch(votes, LaunchShape{1, 32}, nullptr, out.data()) == cudaSuccess);
    const std::vector<unsigned> got = out.read();
    for (unsigned lane = 0; lane < 32; ++lane) {
      const unsigned half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
      CHECK(got[lane * 6] == (0x49249249u & half));
      CHECK(got[lane * 6 + 1] == ((0x11111111u << lane % 4) & half));
      CHECK(got[lane * 6 + 2] == 1);
      CHECK(got[lane * 6 + 3] == 0);
      CHECK((got[lane * 6 + 4] & 1u << lane) != 0);
      if (lane % 2 == 0) CHECK(got[lane * 6 + 5] == 0x55555555u);
    }
  }
}

TEST_CASE("barriers that count") {
  const DeviceArray<int> out(5);
  CHECK(launch(block_votes, LaunchShape{1, 40}, nullptr, out.data()) == cudaSuccess);
  CHECK(out.read() == std::vector<int>{1, 0, 1, 0, 20});
}

TEST_CASE("atomics") {
  const DeviceArray<Totals> device(std::vector<Totals>{{0, -1, 1000, 0, 0, 0, 0, 0, 0}});
  CHECK(launch(atomics, LaunchShape{3, 100}, nullptr, device.data()) == cudaSuccess);
  const Totals totals = device.read()[0];
  CHECK(totals.sum == 299 * 150);
  CHECK(totals.highest == 299);
  CHECK(totals.lowest == 0);
  CHECK(totals.bits == (1 << 20) - 1);
  CHECK(totals.wide == 300ULL << 33);
  CHECK(totals.real == 150.0f);
  CHECK(totals.exact == 75.0);
  CHECK(totals.wrapped == 300 % 7);
  CHECK(totals.last == 600);
}

TEST_CASE("the order in which atomics arrive depends on the seed") {
  std::set<std::vector<int>> lists;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    set_seed(seed);
    const DeviceArray<int> list(64);
    const DeviceArray<unsigned> length(std::vector<unsigned>{0});
    launch(append, LaunchShape{1, 64}, nullptr, list.data(), length.data());
    const std::vector<int> got = list.read();
    CHECK(std::set<int>(got.begin(), got.end()).size() == 64);
    lists.insert(got);
  }
  CHECK(lists.size() > 1);
}

TEST_CASE("shared memory holds garbage when a block begins") {
  const DeviceArray<unsigned> out(8);
  const LaunchShape shape{.grid = 4, .block = 1, .shared_bytes = 16};
  CHECK(launch(read_fresh_shared, shape, nullptr, out.data()) == cudaSuccess);
  const std::set<unsigned> garbage = {0xffffffffu, 0x7f7f7f7fu, 0xa5a5a5a5u};
  for (const unsigned word : out.read()) CHECK(garbage.contains(word));
}
