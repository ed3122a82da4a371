// A training step on the emulated device, through the backend's own table: one launch of a graph
// from the second call on, with the bits it has launch by launch.
#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "../cuda-emulation/emulation.h"
#include "../numbers.h"
#include "belfry/backend.h"
#include "ops/fitted_q/neural.h"

extern "C" const belfry::Backend* belfry_backend_init(uint32_t abi);

namespace belfry {
namespace {

using emulation::counters;
using test::numbers;

const Backend& backend() { return *belfry_backend_init(BELFRY_BACKEND_ABI); }

const OpEntry& entry(const char* name, const char* form) {
  for (int32_t i = 0; i < backend().num_ops; ++i) {
    const OpEntry& op = backend().ops[i];
    if (std::strcmp(op.name, name) == 0 && std::strcmp(op.form, form) == 0) return op;
  }
  FAIL("no such op");
  return backend().ops[0];
}

class Device {
 public:
  Device() { REQUIRE(backend().open(0, &context_).ok()); }
  ~Device() { backend().close(context_); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Context* context() const { return context_; }
  template <class T>
  T* upload(const std::vector<T>& from) const {
    void* to = nullptr;
    const auto bytes = static_cast<int64_t>(from.size() * sizeof(T));
    REQUIRE(backend().memory->allocate(context_, bytes, &to).ok());
    REQUIRE(backend().memory->upload(context_, to, from.data(), bytes).ok());
    return static_cast<T*>(to);
  }
  std::vector<float> read(const RawView& view) const {
    std::vector<float> to(static_cast<size_t>(view.size()));
    const auto bytes = static_cast<int64_t>(to.size() * sizeof(float));
    REQUIRE(backend().memory->download(context_, to.data(), view.data, bytes).ok());
    return to;
  }

 private:
  Context* context_ = nullptr;
};

template <class V>
V view_of(void* data, DType dtype, std::initializer_list<int64_t> dims) {
  V view;
  view.data = data;
  view.dtype = dtype;
  for (const int64_t n : dims) view.dims[view.rank++] = n;
  view.present = true;
  return view;
}

// A Q-network whose parameters and Adam's state stay on the device and change in place.
class Learner {
 public:
  Learner() {
    for (size_t l = 0; l + 1 < sizes_.size(); ++l) add_layer(sizes_[l], sizes_[l + 1]);
    x_ = device_.upload(numbers<float>(kMostRows * sizes_.front(), 7));
    target_ = device_.upload(numbers<float>(kMostRows, 8));
    std::vector<int32_t> actions;
    for (int32_t i = 0; i < kMostRows; ++i) actions.push_back(i % 2);
    actions_ = device_.upload(actions);
    loss_ = device_.upload(std::vector<float>{0});
  }

  // One step, with the first `rows` of the data.
  Status step(int64_t number, int64_t rows) {
    NeuralFqiStep<float> op{};
    op.x = view_of<In<float, 2>>(x_, DType::f32, {rows, sizes_.front()});
    op.actions = view_of<In<int32_t, 1>>(actions_, DType::i32, {rows});
    op.target = view_of<In<float, 1>>(target_, DType::f32, {rows});
    op.w = lists_[0].weights();
    op.b = lists_[0].biases();
    op.first_w = lists_[1].weights();
    op.first_b = lists_[1].biases();
    op.second_w = lists_[2].weights();
    op.second_b = lists_[2].biases();
    op.step = number;
    op.lr = 0.01;
    op.beta1 = 0.9;
    op.beta2 = 0.999;
    op.eps = 1e-8;
    op.loss = view_of<Out<float, 0>>(loss_, DType::f32, {});
    op.new_w = lists_[0].new_weights();
    op.new_b = lists_[0].new_biases();
    op.new_first_w = lists_[1].new_weights();
    op.new_first_b = lists_[1].new_biases();
    op.new_second_w = lists_[2].new_weights();
    op.new_second_b = lists_[2].new_biases();
    return entry("neural_fqi_step", "loss").run[0](device_.context(), &op, nullptr);
  }

  std::vector<std::vector<float>> read() const {
    std::vector<std::vector<float>> all{
        device_.read(view_of<Out<float, 0>>(loss_, DType::f32, {}))};
    for (const Arrays& list : lists_) {
      for (const auto& view : list.weight) all.push_back(device_.read(view));
      for (const auto& view : list.bias) all.push_back(device_.read(view));
    }
    return all;
  }

  static constexpr int64_t kMostRows = 200;

 private:
  // Of the network, or of one of its two states.
  struct Arrays {
    std::vector<In<float, 2>> weight;
    std::vector<In<float, 1>> bias;
    std::vector<Out<float, 2>> new_weight;
    std::vector<Out<float, 1>> new_bias;

    List<In<float, 2>> weights() { return {weight.data(), count()}; }
    List<In<float, 1>> biases() { return {bias.data(), count()}; }
    List<Out<float, 2>> new_weights() { return {new_weight.data(), count()}; }
    List<Out<float, 1>> new_biases() { return {new_bias.data(), count()}; }
    int64_t count() const { return static_cast<int64_t>(weight.size()); }
  };

  void add_layer(int64_t inputs, int64_t outputs) {
    for (Arrays& list : lists_) {
      const bool state = &list != &lists_[0];
      const auto values = [&](int64_t count, uint32_t seed) {
        return state ? std::vector<float>(static_cast<size_t>(count)) : numbers<float>(count, seed);
      };
      float* const weight = device_.upload(values(inputs * outputs, 1));
      float* const bias = device_.upload(values(outputs, 2));
      list.weight.push_back(view_of<In<float, 2>>(weight, DType::f32, {outputs, inputs}));
      list.bias.push_back(view_of<In<float, 1>>(bias, DType::f32, {outputs}));
      list.new_weight.push_back(view_of<Out<float, 2>>(weight, DType::f32, {outputs, inputs}));
      list.new_bias.push_back(view_of<Out<float, 1>>(bias, DType::f32, {outputs}));
    }
  }

  Device device_;
  const std::vector<int64_t> sizes_{3, 8, 5, 2};
  Arrays lists_[3];
  float *x_, *target_, *loss_;
  int32_t* actions_;
};

struct WithoutGraphs {
  WithoutGraphs() { setenv("BELFRY_CUDA_GRAPH", "0", 1); }
  ~WithoutGraphs() { unsetenv("BELFRY_CUDA_GRAPH"); }
};

// Two learners in step, one of them without graphs.
struct Twins {
  Learner learner, plain;
  int64_t steps = 0;

  // What the driver was asked to do for the first.
  emulation::Counters step(int64_t rows) {
    ++steps;
    const auto before = counters();
    CHECK(learner.step(steps, rows).ok());
    auto made = counters();
    made.plain_launches -= before.plain_launches;
    made.graph_launches -= before.graph_launches;
    made.node_updates -= before.node_updates;
    const WithoutGraphs none;
    CHECK(plain.step(steps, rows).ok());
    CHECK(learner.read() == plain.read());
    return made;
  }
};

}  // namespace

TEST_CASE("the third training step is one launch, and only the optimiser hears its number") {
  const auto before = counters();
  {
    Twins twins;
    CHECK(twins.step(12).plain_launches > 10);
    const auto second = twins.step(12);
    CHECK(second.plain_launches == 0);
    CHECK(second.graph_launches == 1);
    for (int i = 0; i < 3; ++i) {
      const auto later = twins.step(12);
      CHECK(later.plain_launches == 0);
      CHECK(later.graph_launches == 1);
      CHECK(later.node_updates == 1);
    }
  }
  CHECK(counters().graphs == before.graphs);
  CHECK(counters().device_allocations == before.device_allocations);
}

TEST_CASE("batches of other sizes in between") {
  Twins twins;
  std::vector<uint64_t> graphs;
  // 5 and 6 rows have the same shapes.
  for (const int64_t rows : {200, 5, 200, 5, 200, 6, 0, 200, 200, 90, 5, 6, 5}) {
    graphs.push_back(twins.step(rows).graph_launches);
  }
  CHECK(graphs == std::vector<uint64_t>{0, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1});
}

TEST_CASE("a failure while a step is queued is an error of the step") {
  int failures = 0;
  for (int call = 2;; ++call, ++failures) {
    Twins twins;
    twins.step(12);
    twins.step(12);
    emulation::fail_call(call, cudaErrorIllegalAddress);
    const Status status = twins.learner.step(3, 12);
    emulation::clear_failures();
    if (status.ok()) break;  // a step makes fewer calls
    CHECK(status.code == Code::device_error);
    CHECK(std::strstr(status.message, "neural_fqi_step failed on the GPU") != nullptr);
  }
  CHECK(failures >= 2);
}

}  // namespace belfry
