// Ops as one graph launch: the same bits as launch by launch, and what the driver is asked to do.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <thread>
#include <vector>

#include "cuda/device/launch.cuh"
#include "cuda/device/launch_graph.cu"
#include "cuda/device/stream_copies.cuh"
#include "device_array.h"
#include "emulation.h"

namespace belfry::cuda {
namespace {

using emulation::Counters;
using emulation::counters;
using emulation::DeviceArray;

constexpr int64_t kSize = 37;

__global__ void square(const float* in, int64_t count, float* out) {
  for (int64_t i : grid_stride(count)) out[i] = in[i] * in[i] - 0.5f;
}

struct Rule {
  float rate;
  int64_t step;
};

__global__ void descend(float* w, const float* grad, int64_t count, Rule rule) {
  const float rate = rule.rate / static_cast<float>(rule.step);
  for (int64_t i : grid_stride(count)) w[i] -= rate * grad[i];
}

// What an op keeps on the device, and its step: six launches, of which two know the step's number.
struct Model {
  cudaStream_t stream;
  DeviceArray<float> w{std::vector<float>(kSize, 0.75f)};
  DeviceArray<float> v{std::vector<float>(kSize, -0.25f)};
  DeviceArray<float> scratch{std::vector<float>(2 * kSize, 0.0f)};

  ~Model() { cudaStreamSynchronize(stream); }
  cudaError_t step(int64_t number, unsigned blocks) {
    const LaunchShape shape{dim3(blocks), dim3(32)}, none{dim3(0), dim3(32)};
    float *const a = scratch.data(), *const b = a + kSize;
    const Rule rule{0.125f, number};
    return in_order([&] { return launch(square, shape, stream, w.data(), kSize, a); },
                    [&] { return launch(square, none, stream, a, int64_t{0}, w.data()); },
                    [&] { return launch(square, shape, stream, v.data(), kSize, b); },
                    [&] { return launch(descend, shape, stream, w.data(), b, kSize, rule); },
                    [&] { return launch(square, shape, stream, a, kSize, b); },
                    [&] { return launch(descend, shape, stream, v.data(), b, kSize, rule); },
                    [&] { return launch(square, shape, stream, v.data(), kSize, a); });
  }
  std::vector<std::vector<float>> read() const {
    cudaStreamSynchronize(stream);
    return {w.read(), v.read(), scratch.read()};
  }
};
constexpr uint64_t kLaunches = 6, kWithNumber = 2;

struct Stream {
  Stream() { cudaStreamCreate(&handle); }
  ~Stream() { cudaStreamDestroy(handle); }
  cudaStream_t handle = nullptr;
};

// The side of a context that runs an op.
struct Runner {
  Stream stream;
  LaunchGraphs graphs;
  Recording recording;

  ~Runner() { cudaStreamSynchronize(stream.handle); }

  template <class Work>
  cudaError_t run(const Work& work) {
    const RecordingScope scope(&recording, stream.handle);
    return in_order(work, [&] { return graphs.queue(recording, stream.handle); });
  }
};

// One step by graphs, and the same without; true if all memory has the same bits.
struct Twins {
  Runner runner;
  Stream stream;
  Model model{runner.stream.handle}, plain{stream.handle};
  int64_t steps = 0;

  cudaError_t step(unsigned blocks = 2) {
    ++steps;
    CHECK(plain.step(steps, blocks) == cudaSuccess);
    return runner.run([&] { return model.step(steps, blocks); });
  }
  bool same() const { return model.read() == plain.read(); }
};

struct Made {
  uint64_t plain_launches, graph_launches, node_updates;
  bool operator==(const Made&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Made& made) {
  return out << made.plain_launches << " launches, " << made.graph_launches << " of graphs, "
             << made.node_updates << " updates";
}

// What a step asks of the driver besides the launches of the twin.
Made made_by_step(Twins& twins, unsigned blocks = 2) {
  const Counters before = counters();
  CHECK(twins.step(blocks) == cudaSuccess);
  const Counters after = counters();
  CHECK(twins.same());
  return {after.plain_launches - before.plain_launches - kLaunches,
          after.graph_launches - before.graph_launches, after.node_updates - before.node_updates};
}

constexpr Made kPlain{kLaunches, 0, 0}, kFirstGraph{0, 1, 0}, kGraph{0, 1, kWithNumber};

}  // namespace

TEST_CASE("from the second step on an op is one launch, and its graph hears what has changed") {
  const auto before = counters();
  {
    Twins twins;
    CHECK(made_by_step(twins) == kPlain);
    CHECK(made_by_step(twins) == kFirstGraph);
    CHECK(made_by_step(twins) == kGraph);
    CHECK(made_by_step(twins) == kGraph);
    --twins.steps;  // the same number again
    CHECK(made_by_step(twins) == kFirstGraph);
  }
  CHECK(counters().graphs == before.graphs);
}

TEST_CASE("four structures take turns, a fifth takes the place of the one not used for longest") {
  Twins twins;
  for (const unsigned blocks : {1u, 2u, 3u, 4u}) CHECK(made_by_step(twins, blocks) == kPlain);
  for (const unsigned blocks : {1u, 2u, 3u, 4u}) CHECK(made_by_step(twins, blocks) == kFirstGraph);
  for (const unsigned blocks : {3u, 2u, 4u, 1u, 4u}) CHECK(made_by_step(twins, blocks) == kGraph);
  const auto graphs = counters().graphs;
  CHECK(made_by_step(twins, 5) == kPlain);
  CHECK(counters().graphs == graphs - 2);  // a graph and its executable
  CHECK(made_by_step(twins, 5) == kFirstGraph);
  for (const unsigned blocks : {2u, 4u, 1u}) CHECK(made_by_step(twins, blocks) == kGraph);
  CHECK(made_by_step(twins, 3) == kPlain);
}

TEST_CASE("whichever call refuses the graph, its launches are queued one by one from then on") {
  // The first graph: created, six nodes, instantiated, launched; later: two updates, launched. Of
  // the twin there are six calls before.
  const int before = static_cast<int>(kLaunches);
  for (int call = 1; call <= 9 + 3; ++call) {
    CAPTURE(call);
    Twins twins;
    CHECK(made_by_step(twins) == kPlain);
    const bool later = call > 9;
    if (later) CHECK(made_by_step(twins) == kFirstGraph);
    emulation::fail_call(before + (later ? call - 9 : call), cudaErrorNotSupported);
    const Made refused = made_by_step(twins);
    CHECK(refused.plain_launches == kLaunches);
    CHECK(refused.graph_launches == 0);
    CHECK(cudaGetLastError() == cudaSuccess);
    CHECK(made_by_step(twins) == kPlain);
    CHECK(made_by_step(twins) == kPlain);
  }
}

TEST_CASE("a lost device is an error of the op") {
  for (int steps = 0; steps < 3; ++steps) {
    Twins twins;
    for (int i = 0; i < steps; ++i) CHECK(twins.step() == cudaSuccess);
    emulation::fail_call(static_cast<int>(kLaunches) + 1, cudaErrorIllegalAddress);
    CHECK(twins.step() == cudaErrorIllegalAddress);
    emulation::clear_failures();
  }
}

TEST_CASE("a launch that cannot be is an error, recorded or not, and is not remembered") {
  const DeviceArray<float> data(std::vector<float>{1, 2, 3, 4});
  Runner runner;
  const auto square_in = [&](unsigned threads) {
    return launch(square, LaunchShape{dim3(1), dim3(threads)}, runner.stream.handle, data.data(),
                  int64_t{4}, data.data());
  };
  CHECK(square_in(2000) == cudaErrorInvalidConfiguration);
  for (int turn = 0; turn < 3; ++turn) {
    const auto before = counters();
    const cudaError_t status = runner.run([&] {
      for (const unsigned threads : {32u, 32u, 2000u, 32u})
        CHECK(square_in(threads) == cudaSuccess);
      return cudaSuccess;
    });
    CHECK(status == cudaErrorInvalidConfiguration);
    CHECK(cudaGetLastError() == cudaSuccess);
    CHECK(counters().plain_launches == before.plain_launches + 2);
    CHECK(counters().graphs == before.graphs);
  }
}

TEST_CASE("a few launches are no graph, and no launches are nothing") {
  const DeviceArray<float> data(std::vector<float>{2});
  Runner runner;
  const auto squares = [&](int count) {
    return runner.run([&] {
      for (int i = 0; i < count; ++i) {
        launch(square, LaunchShape{dim3(1), dim3(32)}, runner.stream.handle, data.data(),
               int64_t{1}, data.data());
      }
      return cudaSuccess;
    });
  };
  const auto before = counters();
  for (const int count : {0, 0, 1, 1, 3, 3, 3}) CHECK(squares(count) == cudaSuccess);
  CHECK(counters().plain_launches == before.plain_launches + 11);
  for (int i = 0; i < 3; ++i) CHECK(squares(4) == cudaSuccess);
  CHECK(counters().plain_launches == before.plain_launches + 15);
  CHECK(counters().graph_launches == before.graph_launches + 2);
}

TEST_CASE("more shared memory than a kernel has without asking, in a graph too") {
  Twins twins;
  const auto shape = [](std::size_t bytes) { return LaunchShape{dim3(1), dim3(32), bytes}; };
  const auto before = counters();
  for (int turn = 0; turn < 4; ++turn) {
    const cudaError_t status = twins.runner.run([&] {
      for (const std::size_t bytes : {200'000u, 60'000u, 200'000u, 0u}) {
        launch(square, shape(bytes), twins.model.stream, twins.model.w.data(), int64_t{turn + 1},
               twins.model.w.data());
      }
      return cudaSuccess;
    });
    CHECK(status == cudaSuccess);
  }
  CHECK(counters().graph_launches == before.graph_launches + 3);
  CHECK(counters().node_updates == before.node_updates + 2 * 4);
}

TEST_CASE("what was recorded goes before a copy, and what follows is not recorded") {
  Twins twins;
  const DeviceArray<float> kept(static_cast<std::size_t>(kSize));
  Model& model = twins.model;
  for (int64_t number = 1; number < 4; ++number) {
    const auto before = counters();
    const cudaError_t status = twins.runner.run([&] {
      return in_order([&] { return model.step(number, 1); },
                      [&] {
                        return copy_on(model.stream, kept.data(), model.w.data(),
                                       kSize * sizeof(float), cudaMemcpyDeviceToDevice);
                      },
                      [&] { return fill_on(model.stream, model.w.data(), 0, 4); },
                      [&] { return model.step(number, 1); });
    });
    CHECK(status == cudaSuccess);
    CHECK(counters().plain_launches == before.plain_launches + 2 * kLaunches);
    CHECK(counters().graph_launches == before.graph_launches);
    CHECK(twins.plain.step(number, 1) == cudaSuccess);
    CHECK(kept.read() == twins.plain.w.read());
    fill_on(twins.plain.stream, twins.plain.w.data(), 0, 4);
    CHECK(twins.plain.step(number, 1) == cudaSuccess);
    CHECK(twins.same());
  }
}

TEST_CASE("other streams and other threads are not recorded") {
  Twins twins;
  const auto before = counters();
  {
    const RecordingScope scope(&twins.runner.recording, twins.model.stream);
    CHECK(twins.plain.step(1, 2) == cudaSuccess);
    std::thread([&] { CHECK(twins.model.step(1, 2) == cudaSuccess); }).join();
    CHECK(twins.same());
  }
  CHECK(counters().plain_launches == before.plain_launches + 2 * kLaunches);
  CHECK(twins.runner.recording.size() == 0);
}

TEST_CASE("BELFRY_CUDA_GRAPH=0 is the wish for no graphs") {
  CHECK(graphs_wanted());
  for (const char* value : {"0", "1", ""}) {
    setenv("BELFRY_CUDA_GRAPH", value, 1);
    CHECK(graphs_wanted() == (*value != '0'));
  }
  unsetenv("BELFRY_CUDA_GRAPH");
}

}  // namespace belfry::cuda
