// Tiles for tensor cores in every storage type and order of memory, against plain loops.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "cuda/device/launch.cuh"
#include "cuda/device/tensor_core.cuh"
#include "death_test.h"
#include "emulation.h"
#include "test_context.h"

using belfry::emulation::contains;
using belfry::emulation::DeviceArray;
using belfry::emulation::last_words;
using belfry::emulation::set_seed;

namespace belfry::cuda {

namespace {

constexpr int kPitch = 24, kLines = kTensorTile;

float value_of(Bf16 x) { return to_real(x); }
float value_of(F16 x) { return to_real(x); }
float value_of(Tf32 x) { return x.value; }

template <class S>
S stored_as(float x) {
  if constexpr (sizeof(S) == 2)
    return from_real<S>(x);
  else
    return S{std::ldexp(std::round(std::ldexp(x, 10)), -10)};
}

// The units read shared memory.
template <class S>
__device__ void copy_tile(const S* from, int count, S* to) {
  for (int i = static_cast<int>(threadIdx.x); i < count; i += static_cast<int>(blockDim.x)) {
    to[i] = from[i];
  }
  __syncthreads();
}

// Warp w multiplies the same operands w + 1 times.
template <class S, bool kA, bool kB>
__global__ void multiply_tiles(const S* a, const S* b, float* out) {
  __shared__ __align__(32) S tiles[2][kLines * kPitch];
  copy_tile(a, kLines * kPitch, tiles[0]);
  copy_tile(b, kLines * kPitch, tiles[1]);
  TensorOperand<S, TensorSide::a, kA> of_a;
  TensorOperand<S, TensorSide::b, kB> of_b;
  TensorSums<S> sums;
  of_a.load(tiles[0], kPitch);
  of_b.load(tiles[1], kPitch);
  for (int i = 0; i <= warp_id(); ++i) sums.add_product(of_a, of_b);
  sums.store(out + warp_id() * kLines * kPitch, kPitch);
}

// Element [line, k] of an operand.
int place(bool along_depth, int line, int k) {
  return along_depth ? line * kPitch + k : k * kPitch + line;
}

template <class S, bool kA, bool kB>
void check_tiles() {
  constexpr int kDepth = kTensorDepth<S>, kWarps = 3;
  std::vector<S> a, b;
  for (const float x : numbers<float>(kLines * kPitch, 1)) a.push_back(stored_as<S>(x));
  for (const float x : numbers<float>(kLines * kPitch, 2)) b.push_back(stored_as<S>(x));
  a[0] = stored_as<S>(std::numeric_limits<float>::infinity());
  const DeviceArray<S> device_a(a), device_b(b);
  const DeviceArray<float> out(kWarps * kLines * kPitch);
  REQUIRE(launch(multiply_tiles<S, kA, kB>, {1, 32 * kWarps}, nullptr, device_a.data(),
                 device_b.data(), out.data()) == cudaSuccess);
  const auto found = out.read();
  for (int i = 0; i < kWarps * kLines * kLines; ++i) {
    const int warp = i / (kLines * kLines), row = i / kLines % kLines, column = i % kLines;
    float sum = 0;
    for (int times = 0; times <= warp; ++times) {
      for (int k = 0; k < kDepth; ++k) {
        sum += value_of(a[static_cast<size_t>(place(kA, row, k))]) *
               value_of(b[static_cast<size_t>(place(kB, column, k))]);
      }
    }
    CHECK(found[static_cast<size_t>((warp * kLines + row) * kPitch + column)] == sum);
  }
}

template <class S>
void check_orders() {
  check_tiles<S, false, false>();
  check_tiles<S, false, true>();
  check_tiles<S, true, false>();
  check_tiles<S, true, true>();
}

__global__ void round_operand(const Tf32* in, float* out) {
  __shared__ __align__(32) Tf32 tiles[2 * kLines * 8];
  copy_tile(in, 2 * kLines * 8, tiles);
  TensorOperand<Tf32, TensorSide::a, true> a;
  TensorOperand<Tf32, TensorSide::b, true> one;
  TensorSums<Tf32> sums;
  a.load(tiles, 8);
  one.load(tiles + kLines * 8, 8);
  sums.add_product(a, one);
  sums.store(out, kLines);
}

template <int kOffset, int kRowPitch>
__global__ void load_badly(const Bf16* from) {
  TensorOperand<Bf16, TensorSide::a, true> a;
  a.load(from + kOffset * (kOffset < 16 ? 1 : lane_id() / 31), kRowPitch);
}

}  // namespace

TEST_CASE("a product of tiles is that of plain loops, for every type and order") {
  for (const unsigned seed : {0u, 1u, 7u}) {
    set_seed(seed);
    check_orders<Bf16>();
    check_orders<F16>();
    check_orders<Tf32>();
  }
  set_seed(0);
}

TEST_CASE("a Tf32 operand is rounded to 11 bits, ties away from zero") {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> in = {1 + 0x1p-11f, 1 + 0x1p-12f, -1 - 0x1p-11f,   1 + 0x1p-10f,
                                 infinity,     -infinity,    0x1.fffffep127f, 0};
  const std::vector<float> rounded = {1 + 0x1p-10f, 1,         -1 - 0x1p-10f, 1 + 0x1p-10f,
                                      infinity,     -infinity, infinity,      0};
  std::vector<Tf32> tiles(2 * kLines * 8, Tf32{0});
  for (size_t i = 0; i < in.size(); ++i) {
    // Row i of A holds the number, B ones where it meets it: a number alone, without 0 · ∞.
    tiles[i * 8] = {in[i]};
    tiles[(kLines + i) * 8] = {1};
  }
  const DeviceArray<Tf32> device(tiles);
  const DeviceArray<float> out(kLines * kLines);
  REQUIRE(launch(round_operand, {1, 32}, nullptr, device.data(), out.data()) == cudaSuccess);
  const auto found = out.read();
  for (size_t i = 0; i < in.size(); ++i) CHECK(found[i * kLines] == rounded[i]);
}

TEST_CASE("a tile that the hardware could not load stops the process") {
  const DeviceArray<Bf16> device(1024);
  const auto words = [&](auto kernel) {
    return last_words([&] { launch(kernel, {1, 32}, nullptr, device.data()); });
  };
  CHECK(contains(words(load_badly<1, 16>), "not aligned"));
  CHECK(contains(words(load_badly<0, 20>), "not aligned"));
  CHECK(contains(words(load_badly<16, 16>), "different tiles"));
  CHECK(words(load_badly<0, 16>).empty());
}

}  // namespace belfry::cuda
