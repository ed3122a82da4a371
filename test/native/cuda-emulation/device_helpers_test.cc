// The headers of cuda/device, against plain loops.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "cuda/device/async.cuh"
#include "cuda/device/launch.cuh"
#include "cuda/device/reduce.cuh"
#include "cuda/device/scan.cuh"
#include "device_array.h"
#include "emulation.h"

using namespace belfry::cuda;
using belfry::emulation::DeviceArray;
using belfry::emulation::set_seed;

namespace {

// x -> mul * x + add, not commutative. 12 bytes with the tag, so it is no power of two either.
struct Affine {
  float mul = 1;
  float add = 0;
  int steps = 0;
};

struct Then {
  __device__ Affine operator()(Affine f, Affine g) const {
    return {f.mul * g.mul, f.add + f.mul * g.add, f.steps + g.steps};
  }
};

// The interval of indices combined: tells the order, and that nothing is lost or doubled.
struct Interval {
  int first = 0;
  int end = 0;  // empty if equal to first
  bool broken = false;
};

struct Join {
  __device__ Interval operator()(Interval a, Interval b) const {
    if (a.first == a.end) return b;
    if (b.first == b.end) return a;
    return {a.first, b.end, a.broken || b.broken || a.end != b.first};
  }
};

__device__ Interval own_interval() {
  const int t = thread_in_block();
  return {t, t + 1, false};
}

__global__ void reduce_intervals(Interval* out) {
  __shared__ Interval partial[32];
  const int t = thread_in_block();
  const int n = threads_in_block();
  // Twice with the same shared memory: it must be free again.
  out[t] = block_reduce(own_interval(), Join{}, Interval{}, partial);
  out[n + t] = block_reduce(own_interval(), Join{}, Interval{}, partial);
  out[2 * n + t] = warp_reduce(own_interval(), Join{});
  out[3 * n + t] = lanes_reduce<8>(own_interval(), Join{});
  out[4 * n + t] = lanes_reduce(own_interval(), Join{}, 4);
  out[5 * n + t] = lanes_reduce(own_interval(), Join{}, 1);
}

__global__ void scan_intervals(Interval* out) {
  auto* shared = dynamic_shared<Interval>();
  const int t = thread_in_block();
  const int n = threads_in_block();
  const auto forward = block_scan_forward(own_interval(), Join{}, Interval{}, shared);
  const auto reverse = block_scan_reverse(own_interval(), Join{}, Interval{}, shared);
  out[t] = forward.inclusive;
  out[n + t] = forward.total;
  out[2 * n + t] = reverse.inclusive;
  out[3 * n + t] = reverse.total;
  out[4 * n + t] = warp_scan_forward(own_interval(), Join{});
  out[5 * n + t] = warp_scan_reverse(own_interval(), Join{});
}

__global__ void backward_recurrence(const float* mul, const float* add, float last, float* x) {
  __shared__ Affine partial[32];
  const int t = thread_in_block();
  const Affine own{mul[t], add[t], 1};
  const auto scan = block_scan_reverse(own, Then{}, Affine{}, partial);
  x[t] = scan.inclusive.mul * last + scan.inclusive.add;
}

__global__ void extremes(const double* in, double* out) {
  __shared__ double partial[32];
  const double value = in[thread_in_block()];
  const double highest = block_reduce(value, Max{}, -HUGE_VAL, partial);
  const double lowest = block_reduce(value, Min{}, HUGE_VAL, partial);
  if (thread_in_block() == 0) out[0] = highest;
  if (thread_in_block() == 0) out[1] = lowest;
}

__global__ void sum_of_all(const float* in, float* out) {
  __shared__ float partial[32];
  const float sum = block_reduce(in[thread_in_block()], Add{}, 0.0f, partial);
  if (thread_in_block() == 0) *out = sum;
}

__global__ void count_visits(int* visits, int64_t count) {
  for (int64_t i : grid_stride(count)) visits[i] += 1;
}

__global__ void count_in_blocks(int* visits, int64_t rows, int64_t columns) {
  for (int64_t row : block_stride(rows)) {
    for (int64_t column : thread_stride(columns)) visits[row * columns + column] += 1;
    __syncthreads();
  }
}

template <bool kWait>
__global__ void reverse_pieces(const float4* in, float4* out) {
  auto* tile = dynamic_shared<float4>();
  copy_async_16(tile + threadIdx.x, in + threadIdx.x);
  copy_async_commit();
  if constexpr (kWait) copy_async_wait<0>();
  __syncthreads();
  out[threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

// Two groups are begun; after waiting for all but the younger one, the older one must be there.
__global__ void older_group(const float4* in, float4* out) {
  auto* tile = dynamic_shared<float4>();
  float4* own = tile + 2 * threadIdx.x;
  copy_async_16(own, in + threadIdx.x);
  copy_async_commit();
  copy_async_16(own + 1, in + threadIdx.x);
  copy_async_commit();
  copy_async_wait<1>();
  out[threadIdx.x] = own[0];
  copy_async_wait<0>();
}

bool is(const Interval& got, int first, int end) {
  return got.first == first && got.end == end && !got.broken;
}

std::vector<float4> pieces() {
  std::vector<float4> values;
  for (int i = 0; i < 64; ++i) values.push_back(make_float4(static_cast<float>(i), 1, 2, 3));
  return values;
}

}  // namespace

TEST_CASE("reductions combine every thread once, in order, and tell all threads") {
  for (const unsigned n : {32u, 96u, 256u, 1024u}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      set_seed(seed);
      const DeviceArray<Interval> out(6 * n);
      REQUIRE(launch(reduce_intervals, LaunchShape{1, n}, nullptr, out.data()) == cudaSuccess);
      const std::vector<Interval> got = out.read();
      int wrong = 0;
      for (unsigned t = 0; t < n; ++t) {
        const int warp = static_cast<int>(t / 32 * 32);
        const int group = static_cast<int>(t / 8 * 8), four = static_cast<int>(t / 4 * 4);
        const int own = static_cast<int>(t);
        const bool right =
            is(got[t], 0, static_cast<int>(n)) && is(got[n + t], 0, static_cast<int>(n)) &&
            is(got[2 * n + t], warp, warp + 32) && is(got[3 * n + t], group, group + 8) &&
            is(got[4 * n + t], four, four + 4) && is(got[5 * n + t], own, own + 1);
        if (!right) ++wrong;
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("scans combine in order, forward and in reverse, in blocks of two dimensions too") {
  for (const dim3 block : {dim3(32), dim3(8, 12), dim3(256), dim3(1024)}) {
    const unsigned n = block.x * block.y;
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      set_seed(seed);
      const DeviceArray<Interval> out(6 * n);
      const LaunchShape shape{1, block, n / 32 * sizeof(Interval)};
      REQUIRE(launch(scan_intervals, shape, nullptr, out.data()) == cudaSuccess);
      const std::vector<Interval> got = out.read();
      int wrong = 0;
      for (unsigned i = 0; i < n; ++i) {
        const int t = static_cast<int>(i);
        const int end = static_cast<int>(n);
        const int warp = t / 32 * 32;
        const bool right = is(got[i], 0, t + 1) && is(got[n + i], 0, end) &&
                           is(got[2 * n + i], t, end) && is(got[3 * n + i], 0, end) &&
                           is(got[4 * n + i], warp, t + 1) && is(got[5 * n + i], t, warp + 32);
        if (!right) ++wrong;
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("a backward recurrence as a reverse scan") {
  constexpr std::size_t kSteps = 256;
  std::vector<float> mul(kSteps);
  std::vector<float> add(kSteps);
  for (std::size_t t = 0; t < kSteps; ++t) {
    mul[t] = t % 50 == 49 ? 0.0f : 0.9f + 0.0001f * static_cast<float>(t);
    add[t] = static_cast<float>(t % 7) - 3;
  }
  const DeviceArray<float> device_mul(mul);
  const DeviceArray<float> device_add(add);
  const DeviceArray<float> out(kSteps);
  CHECK(launch(backward_recurrence, LaunchShape{1, kSteps}, nullptr, device_mul.data(),
               device_add.data(), 2.0f, out.data()) == cudaSuccess);
  const std::vector<float> got = out.read();
  double x = 2;
  for (std::size_t t = kSteps; t-- > 0;) {
    x = static_cast<double>(mul[t]) * x + static_cast<double>(add[t]);
    CHECK(static_cast<double>(got[t]) == doctest::Approx(x).epsilon(1e-5));
  }
}

TEST_CASE("the sum of a block has the same bits under every seed") {
  std::vector<float> values;
  for (int i = 0; i < 256; ++i) values.push_back(std::sin(static_cast<float>(i)) * 1e3f);
  const DeviceArray<float> in(values);
  float first = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    set_seed(seed);
    const DeviceArray<float> out(1);
    CHECK(launch(sum_of_all, LaunchShape{1, 256}, nullptr, in.data(), out.data()) == cudaSuccess);
    if (seed == 0) first = out.read()[0];
    CHECK(out.read()[0] == first);
  }
}

TEST_CASE("maximum and minimum let a NaN win") {
  std::vector<double> values(64);
  for (int i = 0; i < 64; ++i) values[static_cast<std::size_t>(i)] = (i * 37) % 64 - 20;
  const DeviceArray<double> out(2);
  const DeviceArray<double> plain(values);
  CHECK(launch(extremes, LaunchShape{1, 64}, nullptr, plain.data(), out.data()) == cudaSuccess);
  CHECK(out.read() == std::vector<double>{43, -20});
  values[41] = std::numeric_limits<double>::quiet_NaN();
  const DeviceArray<double> with_nan(values);
  launch(extremes, LaunchShape{1, 64}, nullptr, with_nan.data(), out.data());
  CHECK(std::isnan(out.read()[0]));
  CHECK(std::isnan(out.read()[1]));
}

TEST_CASE("strides visit every element once") {
  for (const int count : {0, 1, 255, 256, 257, 5000}) {
    const auto size = static_cast<std::size_t>(count);
    const DeviceArray<int> visits(std::vector<int>(size, 0));
    const unsigned blocks = count > 4000 ? 3 : blocks_for(count, 64);
    CHECK(launch(count_visits, LaunchShape{blocks, 64}, nullptr, visits.data(), count) ==
          cudaSuccess);
    CHECK(visits.read() == std::vector<int>(size, 1));
  }
  const DeviceArray<int> cells(std::vector<int>(7 * 100, 0));
  CHECK(launch(count_in_blocks, LaunchShape{2, 32}, nullptr, cells.data(), 7, 100) == cudaSuccess);
  CHECK(cells.read() == std::vector<int>(700, 1));
}

TEST_CASE("sizes of launches") {
  CHECK(blocks_for(0, 256) == 0);
  CHECK(blocks_for(1, 256) == 1);
  CHECK(blocks_for(256, 256) == 1);
  CHECK(blocks_for(257, 256) == 2);
  CHECK(blocks_for(int64_t{1} << 40, 256) == 4096);
  CHECK(threads_for(0, 256) == 32);
  CHECK(threads_for(33, 256) == 64);
  CHECK(threads_for(1000, 256) == 256);
}

TEST_CASE("asynchronous copies arrive by the wait, and a missing wait shows") {
  const std::vector<float4> values = pieces();
  const DeviceArray<float4> in(values);
  const LaunchShape shape{.grid = 1, .block = 64, .shared_bytes = 64 * sizeof(float4)};
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    set_seed(seed);
    const DeviceArray<float4> out(64);
    int wrong = 0;
    CHECK(launch(reverse_pieces<true>, shape, nullptr, in.data(), out.data()) == cudaSuccess);
    for (std::size_t i = 0; i < 64; ++i) wrong += out.read()[i].x != values[63 - i].x ? 1 : 0;
    CHECK(wrong == 0);
    launch(reverse_pieces<false>, shape, nullptr, in.data(), out.data());
    for (std::size_t i = 0; i < 64; ++i) wrong += out.read()[i].x != values[63 - i].x ? 1 : 0;
    CHECK(wrong > 0);
    const LaunchShape twice{.grid = 1, .block = 64, .shared_bytes = 128 * sizeof(float4)};
    CHECK(launch(older_group, twice, nullptr, in.data(), out.data()) == cudaSuccess);
    for (std::size_t i = 0; i < 64; ++i) CHECK(out.read()[i].x == values[i].x);
  }
}
