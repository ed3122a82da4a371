// A fused linear layer of halves (on tensor cores, but for those of two types) against the same
// numbers in float32: sizes that fill no tile, several tiles and chunks, rows without label, what
// is no number.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "cuda/token/fused_linear.cu"
#include "cuda/token/plain_products.cu"
#include "cuda/token/tensor_products.cu"
#include "emulation.h"
#include "test_context.h"

using belfry::DType;
using belfry::LinearSoftmaxOptions;
using belfry::RawView;
using belfry::emulation::DeviceArray;
using belfry::emulation::set_seed;

namespace belfry::cuda {

namespace {

constexpr int32_t kIgnored = -100;

float as_float(DType type, uint16_t half) {
  return type == DType::bf16 ? math::bf16_to_float(half) : math::f16_to_float(half);
}

// A matrix of halves, also as float32. `skip`: elements before its first one in memory.
struct Halves {
  Halves(int64_t rows, int64_t columns, DType of_type, uint32_t seed, double scale, size_t skip)
      : dims{rows, columns}, type(of_type), before(skip) {
    halves.resize(skip);
    for (const float x : numbers<float>(rows * columns, seed)) put(x * static_cast<float>(scale));
  }
  void put(float x) {
    halves.push_back(type == DType::bf16 ? math::float_to_bf16(x) : math::float_to_f16(x));
    floats.push_back(as_float(type, halves.back()));
  }
  void set(int64_t row, int64_t column, float x) {
    const auto at = static_cast<size_t>(row * dims[1] + column);
    halves[before + at] = type == DType::bf16 ? math::float_to_bf16(x) : math::float_to_f16(x);
    floats[at] = x;
  }
  RawView view(const void* data, DType stored) const {
    RawView view{};
    view.data = const_cast<void*>(data);
    view.dtype = stored;
    view.rank = 2;
    view.dims[0] = dims[0];
    view.dims[1] = dims[1];
    view.present = true;
    return view;
  }

  int64_t dims[2];
  DType type;
  size_t before;
  std::vector<uint16_t> halves;
  std::vector<float> floats;
};

struct Layer {
  Layer(int64_t rows, int64_t words, int64_t size, DType of_hidden, DType of_weight,
        size_t skip = 0)
      : hidden(rows, size, of_hidden, 1, 1, skip),
        weight(words, size, of_weight, 2, 2, skip),
        bias(numbers<float>(words, 3)),
        upstream(numbers<float>(rows, 4)),
        upstream_entropy(numbers<float>(rows, 5)) {
    for (int64_t i = 0; i < rows; ++i) {
      labels.push_back(i % 4 == 2 ? kIgnored : static_cast<int32_t>(i * 7 % words));
    }
  }

  Halves hidden, weight;
  std::vector<float> bias, upstream, upstream_entropy;
  std::vector<int32_t> labels;
  LinearSoftmaxOptions options{0.7, kIgnored, {}};
};

struct Outputs {
  std::vector<float> log_probs, entropy, of_hidden, of_weight, of_bias;
};

Outputs run_layer(const Layer& layer, bool halves) {
  const DeviceArray<uint16_t> hidden_halves(layer.hidden.halves), halves_w(layer.weight.halves);
  const DeviceArray<float> hidden_floats(layer.hidden.floats), floats_w(layer.weight.floats);
  const DeviceArray<float> bias(layer.bias), g(layer.upstream), h(layer.upstream_entropy);
  const DeviceArray<int32_t> labels(layer.labels);
  const DeviceArray<float> log_probs(layer.labels.size()), entropy(layer.labels.size());
  const DeviceArray<float> of_hidden(layer.hidden.floats.size());
  const DeviceArray<float> of_weight(layer.weight.floats.size()), of_bias(layer.bias.size());
  FusedOperands<float> operands;
  operands.hidden =
      halves ? layer.hidden.view(hidden_halves.data() + layer.hidden.before, layer.hidden.type)
             : layer.hidden.view(hidden_floats.data(), DType::f32);
  operands.weight =
      halves ? layer.weight.view(halves_w.data() + layer.weight.before, layer.weight.type)
             : layer.weight.view(floats_w.data(), DType::f32);
  operands.bias = bias.data();
  operands.labels = labels.data();
  TestContext context;
  FusedLinear<float> fused(operands, layer.options, "test", context);
  REQUIRE(fused.forward({log_probs.data(), entropy.data()}).ok());
  REQUIRE(fused.backward({g.data(), h.data()}, {of_hidden.data(), of_weight.data(), of_bias.data()})
              .ok());
  return {log_probs.read(), entropy.read(), of_hidden.read(), of_weight.read(), of_bias.read()};
}

// Both NaN, or apart by less than a golden case allows.
void check_close(const std::vector<float>& found, const std::vector<float>& wanted) {
  REQUIRE(found.size() == wanted.size());
  for (size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    REQUIRE(std::isnan(found[i]) == std::isnan(wanted[i]));
    if (std::isnan(found[i]) || found[i] == wanted[i]) continue;
    REQUIRE(std::fabs(found[i] - wanted[i]) <= 3e-5f + 3e-4f * std::fabs(wanted[i]));
  }
}

void check_layer(const Layer& layer) {
  CAPTURE(layer.hidden.dims[0]);
  CAPTURE(layer.weight.dims[0]);
  CAPTURE(layer.weight.dims[1]);
  CAPTURE(static_cast<int>(layer.hidden.type));
  CAPTURE(static_cast<int>(layer.weight.type));
  const Outputs found = run_layer(layer, true), wanted = run_layer(layer, false);
  check_close(found.log_probs, wanted.log_probs);
  check_close(found.entropy, wanted.entropy);
  check_close(found.of_hidden, wanted.of_hidden);
  check_close(found.of_weight, wanted.of_weight);
  check_close(found.of_bias, wanted.of_bias);
}

constexpr DType kPairs[][2] = {{DType::bf16, DType::bf16},
                               {DType::f16, DType::f16},
                               {DType::bf16, DType::f16},
                               {DType::f16, DType::bf16}};

}  // namespace

TEST_CASE("a layer of halves on tensor cores is the layer of the same floats") {
  for (const auto& pair : kPairs) {
    check_layer({5, 37, 19, pair[0], pair[1]});
    check_layer({33, 70, 40, pair[0], pair[1]});
    check_layer({1, 1, 1, pair[0], pair[1]});
    check_layer({0, 5, 3, pair[0], pair[1]});
    check_layer({3, 5, 0, pair[0], pair[1]});
    check_layer({4, 20, 16, pair[0], pair[1], 1});  // from an address that is no multiple of 16
  }
}

TEST_CASE("tensor cores multiply where both operands are of one half type") {
  TestContext context;
  Work work(context, "test");
  const auto view = [](DType type) {
    return Halves(2, 3, DType::bf16, 1, 1, 0).view(nullptr, type);
  };
  const auto products = [&](DType hidden, DType weight) {
    return tile_products<float>(view(hidden), view(weight), {2, 2}, work);
  };
  const auto bf16 = products(DType::bf16, DType::bf16), f16 = products(DType::f16, DType::f16);
  CHECK(dynamic_cast<TensorProducts<Bf16>*>(bf16.get()) != nullptr);
  CHECK(dynamic_cast<TensorProducts<F16>*>(f16.get()) != nullptr);
  for (const DType type : {DType::f32, DType::f16}) {
    const auto plain = products(type, DType::bf16);
    CHECK(dynamic_cast<PlainProducts<float>*>(plain.get()) != nullptr);
  }
}

TEST_CASE("several tiles of words and chunks of rows, under several schedules") {
  for (const unsigned seed : {0u, 1u, 7u}) {
    set_seed(seed);
    check_layer({7, 4096 + 45, 9, DType::bf16, DType::bf16});
  }
  set_seed(0);
  check_layer({7, 4096 + 45, 9, DType::f16, DType::f16});
  check_layer({1500, 21, 8, DType::bf16, DType::f16});
}

TEST_CASE("soft cap and logits that are no numbers") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const auto& pair : kPairs) {
    for (const bool capped : {false, true}) {
      Layer layer(9, 35, 20, pair[0], pair[1]);
      layer.options.softcap = {4.0, capped};
      check_layer(layer);
      layer.hidden.set(1, 3, NAN);
      layer.hidden.set(2, 3, NAN);  // a row that is left out
      layer.hidden.set(4, 0, infinity);
      check_layer(layer);
      layer.weight.set(6, 5, -infinity);
      check_layer(layer);
    }
  }
}

}  // namespace belfry::cuda
