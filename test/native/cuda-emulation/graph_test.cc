// Graphs of the emulated runtime: what may be recorded, and how it runs.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cuda/device/launch.cuh"
#include "device_array.h"
#include "emulation.h"

using belfry::cuda::launch;
using belfry::cuda::LaunchShape;
using belfry::emulation::counters;
using belfry::emulation::DeviceArray;

namespace {

__global__ void add(int* out, int value) { *out += value; }
__global__ void go_on_below(cudaGraphConditionalHandle condition, const int* value, int limit) {
  cudaGraphSetConditional(condition, *value < limit ? 1u : 0u);
}

LaunchShape one() { return {dim3(1), dim3(1)}; }

struct Stream {
  Stream() { cudaStreamCreate(&handle); }
  ~Stream() { cudaStreamDestroy(handle); }
  cudaStream_t handle = nullptr;
};

struct Graph {
  Graph() { cudaGraphCreate(&handle, 0); }
  ~Graph() { cudaGraphDestroy(handle); }
  cudaGraph_t handle = nullptr;
};

cudaError_t begin(cudaStream_t stream, cudaGraph_t graph) {
  return cudaStreamBeginCaptureToGraph(stream, graph, nullptr, nullptr, 0,
                                       cudaStreamCaptureModeRelaxed);
}

}  // namespace

TEST_CASE("a graph runs its WHILE node as long as a kernel says so") {
  const auto before = counters();
  {
    const Stream stream;
    const Graph graph;
    const DeviceArray<int> value(std::vector<int>{5});
    cudaGraphConditionalHandle condition = 0;
    CHECK(cudaGraphConditionalHandleCreate(&condition, graph.handle) == cudaSuccess);
    const auto judge = [&] {
      return launch(go_on_below, one(), stream.handle, condition, value.data(), 20);
    };

    CHECK(begin(stream.handle, graph.handle) == cudaSuccess);
    CHECK(judge() == cudaSuccess);
    cudaGraph_t recorded = nullptr;
    CHECK(cudaStreamEndCapture(stream.handle, &recorded) == cudaSuccess);
    CHECK(recorded == graph.handle);
    cudaGraphNode_t first = nullptr;
    std::size_t count = 1;
    CHECK(cudaGraphGetNodes(graph.handle, &first, &count) == cudaSuccess);
    CHECK(count == 1);

    cudaGraphNodeParams params{};
    params.type = cudaGraphNodeTypeConditional;
    params.conditional.handle = condition;
    params.conditional.type = cudaGraphCondTypeWhile;
    params.conditional.size = 1;
    cudaGraphNode_t loop = nullptr;
    // A node that does not wait for the first might run before it.
    CHECK(cudaGraphAddNode(&loop, graph.handle, nullptr, nullptr, 0, &params) ==
          cudaErrorNotSupported);
    CHECK(cudaGraphAddNode(&loop, graph.handle, &first, nullptr, 1, &params) == cudaSuccess);
    CHECK(begin(stream.handle, params.conditional.phGraph_out[0]) == cudaSuccess);
    CHECK(launch(add, one(), stream.handle, value.data(), 4) == cudaSuccess);
    CHECK(judge() == cudaSuccess);
    CHECK(cudaStreamEndCapture(stream.handle, &recorded) == cudaSuccess);
    CHECK(value.read() == std::vector<int>{5});

    cudaGraphExec_t executable = nullptr;
    CHECK(cudaGraphInstantiate(&executable, graph.handle) == cudaSuccess);
    CHECK(cudaGraphLaunch(executable, stream.handle) == cudaSuccess);
    CHECK(cudaStreamSynchronize(stream.handle) == cudaSuccess);
    CHECK(value.read() == std::vector<int>{21});
    CHECK(cudaGraphExecDestroy(executable) == cudaSuccess);
    CHECK(counters().graph_launches == before.graph_launches + 1);
  }
  CHECK(counters().graphs == before.graphs);
}

TEST_CASE("a thread that records may launch and nothing else") {
  const Stream stream;
  const Graph graph;
  const DeviceArray<int> value(std::vector<int>{5});
  CHECK(begin(stream.handle, graph.handle) == cudaSuccess);
  void* memory = nullptr;
  CHECK(cudaMalloc(&memory, 8) == cudaErrorStreamCaptureUnsupported);
  CHECK(cudaMemsetAsync(value.data(), 0, 4, stream.handle) == cudaErrorStreamCaptureUnsupported);
  CHECK(cudaStreamSynchronize(stream.handle) == cudaErrorStreamCaptureUnsupported);
  CHECK(std::string(cudaGetErrorName(cudaGetLastError())) == "cudaErrorStreamCaptureUnsupported");
  CHECK(launch(add, one(), nullptr, value.data(), 1) == cudaSuccess);  // another stream
  cudaGraph_t recorded = nullptr;
  CHECK(cudaStreamEndCapture(stream.handle, &recorded) == cudaSuccess);
  CHECK(cudaStreamEndCapture(stream.handle, &recorded) == cudaErrorInvalidValue);
  CHECK(value.read() == std::vector<int>{6});
}
