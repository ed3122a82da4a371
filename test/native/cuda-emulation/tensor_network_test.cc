// Networks on tensor cores, with weights in bf16 or with everything rounded to tf32, against plain
// float32: layers that fill no tile, that are too wide or too many for one kernel, norms and
// activations.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cuda/flow/network.cu"
#include "cuda/flow/norm_rows.cu"
#include "cuda/flow/small_network.cu"
// Behind those whose functions have constants of the same names.
#include "cuda/flow/tensor_network.cu"
#include "emulation.h"
#include "test_context.h"

using belfry::Activation;
using belfry::Norm;
using belfry::emulation::DeviceArray;
using belfry::emulation::set_seed;

namespace belfry::cuda {

namespace {

using Memory = std::unique_ptr<DeviceArray<float>>;

Memory on_device(const std::vector<float>& values) {
  return std::make_unique<DeviceArray<float>>(values);
}

// A network twice: its weights as floats, and as bf16 `skip` elements behind an aligned address.
struct TwoNetworks {
  Network<float> network;
  std::vector<const Bf16*> weights;
  std::vector<Memory> floats;
  std::vector<std::unique_ptr<DeviceArray<Bf16>>> halves;

  explicit TwoNetworks(const std::vector<int64_t>& widths, Norm norm = Norm::none,
                       size_t skip = 0) {
    for (size_t i = 0; i + 1 < widths.size(); ++i) {
      const int64_t inputs = widths[i], outputs = widths[i + 1];
      const auto seed = static_cast<uint32_t>(i);
      std::vector<float> exact;
      std::vector<Bf16> stored(skip);
      for (const float x : numbers<float>(inputs * outputs, seed)) {
        const auto scale = static_cast<float>(std::sqrt(3.0 / static_cast<double>(inputs)));
        stored.push_back({math::float_to_bf16(x * scale)});
        exact.push_back(to_real(stored.back()));
      }
      halves.push_back(std::make_unique<DeviceArray<Bf16>>(stored));
      weights.push_back(halves.back()->data() + skip);
      Layer<float> layer;
      layer.weight = keep(exact);
      layer.inputs = layer.stride = inputs;
      layer.outputs = outputs;
      if (i != 1) layer.add = keep(numbers<float>(outputs, seed + 10));
      if (i + 2 < widths.size()) {
        layer.activation = Activation::mish;
        layer.norm = norm;
        layer.gamma = keep(numbers<float>(outputs, seed + 20));
        layer.beta = keep(numbers<float>(outputs, seed + 30));
      }
      network.layers.push_back(layer);
    }
  }
  const float* keep(const std::vector<float>& values) {
    floats.push_back(on_device(values));
    return floats.back()->data();
  }
};

void check_close(const std::vector<float>& found, const std::vector<float>& wanted) {
  REQUIRE(found.size() == wanted.size());
  for (size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    REQUIRE(std::isnan(found[i]) == std::isnan(wanted[i]));
    if (std::isnan(found[i]) || found[i] == wanted[i]) continue;
    REQUIRE(std::fabs(found[i] - wanted[i]) <= 2e-6f + 1e-5f * std::fabs(wanted[i]));
  }
}

void check_outputs(const TwoNetworks& two, const std::vector<float>& x) {
  const int64_t inputs = two.network.inputs(), outputs = two.network.outputs();
  const auto rows = static_cast<int64_t>(x.size()) / std::max<int64_t>(inputs, 1);
  CAPTURE(rows);
  CAPTURE(inputs);
  const Memory device_x = on_device(x);
  const DeviceArray<float> found(static_cast<size_t>(rows * outputs));
  const DeviceArray<float> wanted(static_cast<size_t>(rows * outputs));
  TestContext context;
  Work work(context, "test");
  forward_halves(two.network, two.weights, device_x->data(), rows, found.data(), work);
  forward(two.network, device_x->data(), rows, wanted.data(), work);
  REQUIRE(work.ok());
  check_close(found.read(), wanted.read());
}

void check_network(const TwoNetworks& two, int64_t rows) {
  check_outputs(two, numbers<float>(rows * two.network.inputs(), 40));
}

std::vector<float> forward_in(bool tf32, const TwoNetworks& two, const Memory& x, int64_t rows) {
  const DeviceArray<float> y(static_cast<size_t>(rows * two.network.outputs()));
  TestContext context(tf32);
  Work work(context, "test");
  forward(two.network, x->data(), rows, y.data(), work);
  REQUIRE(work.ok());
  return y.read();
}

// Close to float32, and not the same.
void check_tf32(const TwoNetworks& two, int64_t rows) {
  CAPTURE(rows);
  CAPTURE(two.network.inputs());
  const Memory x = on_device(numbers<float>(rows * two.network.inputs(), 40));
  const auto found = forward_in(true, two, x, rows), plain = forward_in(false, two, x, rows);
  float most = 0, apart = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    most = std::fmax(most, std::fabs(plain[i]));
    apart = std::fmax(apart, std::fabs(found[i] - plain[i]));
  }
  CHECK(apart <= 0x1p-8f * most);
  if (most > 0) CHECK(apart > 0x1p-18f * most);
}

}  // namespace

TEST_CASE("narrow layers of bf16 are those of the same floats, for any number of rows") {
  for (const std::vector<int64_t>& widths : std::vector<std::vector<int64_t>>{
           {5, 33, 17, 3}, {64, 128, 1}, {1, 1}, {300, 257, 2}, {3, 4, 0}, {32, 288, 40}}) {
    const TwoNetworks two(widths);
    for (const int64_t rows : {0, 1, 33}) check_network(two, rows);
  }
  for (const Norm norm : {Norm::pre, Norm::post})
    check_network(TwoNetworks({6, 40, 35, 4}, norm), 9);
  check_network(TwoNetworks({16, 24, 8}, Norm::none, 1), 5);
}

TEST_CASE("narrow layers under several schedules") {
  const TwoNetworks two({24, 72, 70, 3}, Norm::post);
  for (const unsigned seed : {1u, 7u}) {
    set_seed(seed);
    check_network(two, 35);
  }
  set_seed(0);
}

TEST_CASE("layers that are too wide or too many for one kernel run one by one") {
  for (const Norm norm : {Norm::none, Norm::pre, Norm::post}) {
    check_network(TwoNetworks({9, 520, 7}, norm), 40);
  }
  check_network(TwoNetworks({9, 520, 16}, Norm::none, 1), 2);
  check_network(TwoNetworks({3, 5, 6, 5, 6, 5, 6, 5, 6, 2}), 33);
  check_network(TwoNetworks({3, 520, 0}), 2);
}

TEST_CASE("what is no number stays in its row") {
  const TwoNetworks two({20, 33, 4});
  auto x = numbers<float>(6 * 20, 40);
  x[3] = NAN;
  x[2 * 20 + 5] = std::numeric_limits<float>::infinity();
  x[4 * 20] = std::numeric_limits<float>::max();
  check_outputs(two, x);
}

TEST_CASE("networks in tf32 are close to float32, in one kernel and layer by layer") {
  for (const std::vector<int64_t>& widths : std::vector<std::vector<int64_t>>{
           {5, 33, 17, 3}, {64, 128, 1}, {300, 257, 2}, {55, 64, 6}}) {
    for (const int64_t rows : {0, 1, 33}) check_tf32(TwoNetworks(widths), rows);
  }
  for (const Norm norm : {Norm::pre, Norm::post}) check_tf32(TwoNetworks({6, 40, 35, 4}, norm), 9);
  check_tf32(TwoNetworks({9, 520, 7}, Norm::post), 40);
  check_tf32(TwoNetworks({3, 5, 6, 5, 6, 5, 6, 5, 6, 2}), 33);
  check_tf32(TwoNetworks({3, 4, 0}), 2);
}

TEST_CASE("a row of a network in tf32 has the same bits in any batch") {
  const TwoNetworks two({24, 72, 70, 3}, Norm::post);
  const Memory x = on_device(numbers<float>(70 * 24, 40));
  const auto many = forward_in(true, two, x, 70);
  for (const unsigned seed : {0u, 1u, 7u}) {
    set_seed(seed);
    const auto few = forward_in(true, two, x, 5);
    CHECK(std::equal(few.begin(), few.end(), many.begin()));
  }
  set_seed(0);
}

}  // namespace belfry::cuda
