// Loops on the device: as a graph, block by block, stopped, and refused in every place.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "cuda/device/loop.cu"
#include "emulation.h"
#include "test_context.h"

namespace belfry::cuda {
namespace {

using emulation::counters;
using emulation::DeviceArray;

constexpr int64_t kSize = 70;

// Wrong if a buffer is taken for the other, or a step is left out.
BELFRY_HD float next_value(const float* now, int64_t i) {
  return now[(i + 1) % kSize] * 0.5f + static_cast<float>(i);
}

__global__ void make_step(const float* now, float* next, int64_t* steps) {
  for (int64_t i : grid_stride(kSize)) next[i] = next_value(now, i);
  if (threadIdx.x == 0) *steps += 1;
}

struct JudgeSteps {
  const int64_t* steps;
  int64_t enough;

  __device__ bool operator()(int64_t, double* residual) const {
    *residual = static_cast<double>(enough - *steps);
    return *steps < enough;
  }
};

class LoopContext : public TestContext {
 public:
  explicit LoopContext(const Monitor* monitor = nullptr) {
    cudaStreamCreate(&stream_);
    cudaHostAlloc(&loop_state_, sizeof(LoopState), cudaHostAllocMapped);
    monitor_ = monitor;
  }
  ~LoopContext() {
    cudaStreamDestroy(stream_);
    cudaFreeHost(loop_state_);
  }
};

struct Outcome {
  Status status;
  int64_t made = 0;
  std::vector<float> values;
};

Outcome run_steps(const Loop& loop, int64_t enough, const Monitor* monitor = nullptr,
                  int calls_before_refusal = 0) {
  LoopContext context(monitor);
  const DeviceArray<float> buffers(std::vector<float>(2 * kSize, 0.0f));
  const DeviceArray<int64_t> steps(std::vector<int64_t>{0});
  float *now = buffers.data(), *next = now + kSize;
  const auto step = [&] {
    std::swap(now, next);
    return launch(make_step, LaunchShape{dim3(1), dim3(64)}, context.stream(),
                  static_cast<const float*>(next), now, steps.data());
  };
  Outcome outcome;
  emulation::fail_call(calls_before_refusal, cudaErrorNotSupported);
  outcome.status = run_loop(loop, step, JudgeSteps{steps.data(), enough}, context, &outcome.made);
  emulation::clear_failures();
  CHECK(steps.read()[0] == outcome.made);
  const std::vector<float> both = buffers.read();
  const auto begin = both.begin() + (now - buffers.data());
  outcome.values.assign(begin, begin + kSize);
  return outcome;
}

std::vector<float> plain_steps(int64_t count) {
  std::vector<float> now(kSize, 0.0f), next(kSize);
  for (int64_t n = 0; n < count; ++n) {
    for (int64_t i = 0; i < kSize; ++i) next[static_cast<size_t>(i)] = next_value(now.data(), i);
    now.swap(next);
  }
  return now;
}

// The end of the first block at which there are enough.
int64_t steps_of(const Loop& loop, int64_t enough) {
  int64_t made = std::min(loop.first, loop.most);
  while (made < enough && made < loop.most) made += std::min(loop.block, loop.most - made);
  return made;
}

struct NoGraphs {
  NoGraphs() { setenv("BELFRY_CUDA_GRAPH", "0", 1); }
  ~NoGraphs() { unsetenv("BELFRY_CUDA_GRAPH"); }
};

// `most` and `enough` around the ends of blocks.
void check_loops(int64_t first, bool as_graphs) {
  for (int64_t most = 0; most < 15; ++most) {
    for (const int64_t enough : {1, 3, 4, 5, 8, 9, 12, 100}) {
      CAPTURE(most);
      CAPTURE(enough);
      const Loop loop{"loop", first, 4, most};
      const auto launches = counters().graph_launches;
      const Outcome found = run_steps(loop, enough);
      CHECK(found.status.ok());
      CHECK(found.made == steps_of(loop, enough));
      CHECK(found.values == plain_steps(found.made));
      const bool has_more = first + 4 <= most;
      CHECK(counters().graph_launches == launches + (as_graphs && has_more ? 1 : 0));
    }
  }
}

}  // namespace

TEST_CASE("a loop is one graph launch behind its first block") {
  const auto before = counters();
  check_loops(4, true);
  check_loops(1, true);
  CHECK(counters().graphs == before.graphs);
}

TEST_CASE("BELFRY_CUDA_GRAPH=0: the same block by block") {
  const NoGraphs none;
  check_loops(4, false);
  check_loops(1, false);
}

TEST_CASE("whichever call refuses the graph, the loop goes on block by block") {
  const Loop loop{"loop", 1, 2, 9};
  const auto before = counters();
  // Two launches of the first block come before, the wait for the queue after.
  for (int call = 3; call <= 17; ++call) {
    CAPTURE(call);
    const Outcome found = run_steps(loop, 6, nullptr, call);
    CHECK(found.status.ok());
    CHECK(found.made == 7);
    CHECK(found.values == plain_steps(7));
    CHECK(counters().graphs == before.graphs);
  }
  CHECK(counters().graph_launches == before.graph_launches);
  const Outcome accepted = run_steps(loop, 6);
  CHECK(accepted.values == plain_steps(7));
  CHECK(counters().graph_launches == before.graph_launches + 1);
  CHECK(run_steps(loop, 6, nullptr, 1).status.code == Code::device_error);
}

namespace {

struct Listener {
  std::vector<int64_t> iterations;
  double residual = 0;
  int64_t total = 0;
  bool wants_stop = false;  // once something was reported

  Monitor monitor() {
    return {this, [](void* self) { return static_cast<Listener*>(self)->stops(); },
            [](void* self, int64_t iteration, int64_t all, double rest) {
              auto& own = *static_cast<Listener*>(self);
              own.iterations.push_back(iteration);
              own.total = all;
              own.residual = rest;
            }};
  }
  bool stops() const { return wants_stop && !iterations.empty(); }
};

void check_monitored(bool stops) {
  Listener listener;
  listener.wants_stop = stops;
  const Monitor monitor = listener.monitor();
  // To be stopped, it must be one that goes on for ever otherwise.
  const int64_t enough = stops ? int64_t{1} << 60 : 400;
  const Loop loop{"loop", 4, 4, stops ? enough : 1000, 10, 77};
  const Outcome found = run_steps(loop, enough, &monitor);
  CHECK(found.status.code == (stops ? Code::aborted : Code::ok));
  CHECK(found.values == plain_steps(found.made));
  CHECK(found.made % 4 == 0);
  REQUIRE(!listener.iterations.empty());
  CHECK(std::is_sorted(listener.iterations.begin(), listener.iterations.end()));
  CHECK(listener.iterations.back() == 10 + found.made);
  CHECK(listener.residual == static_cast<double>(enough - found.made));
  CHECK(listener.total == 77);
}

}  // namespace

TEST_CASE("a loop reports and stops when it is told to") {
  check_monitored(false);
  check_monitored(true);
  const NoGraphs none;
  check_monitored(false);
  check_monitored(true);
}

}  // namespace belfry::cuda
