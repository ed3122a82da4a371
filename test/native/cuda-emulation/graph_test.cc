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

namespace {

struct KernelNode {
  cudaError_t add_to(cudaGraph_t graph, cudaGraphNode_t before,
                     const cudaKernelNodeParams& params) {
    return cudaGraphAddKernelNode(&handle, graph, before ? &before : nullptr, before ? 1 : 0,
                                  &params);
  }
  cudaGraphNode_t handle = nullptr;
};

// `add` with one thread; the arguments must live as long.
cudaKernelNodeParams adding(void** arguments) {
  belfry::emulation::make_known(add);
  return {reinterpret_cast<void*>(add), dim3(1), dim3(1), 0, arguments, nullptr};
}

}  // namespace

TEST_CASE("kernel nodes run one after the other with copies of their arguments") {
  const auto before = counters();
  const Stream stream;
  const DeviceArray<int> value(std::vector<int>{5});
  int* at = value.data();
  int amount = 3;
  void* arguments[] = {&at, &amount};
  const Graph graph;
  KernelNode first, second;
  CHECK(first.add_to(graph.handle, nullptr, adding(arguments)) == cudaSuccess);
  amount = 100;
  CHECK(second.add_to(graph.handle, first.handle, adding(arguments)) == cudaSuccess);
  cudaGraphExec_t executable = nullptr;
  CHECK(cudaGraphInstantiate(&executable, graph.handle) == cudaSuccess);
  amount = 7000;
  const auto run = [&] {
    CHECK(cudaGraphLaunch(executable, stream.handle) == cudaSuccess);
    CHECK(cudaStreamSynchronize(stream.handle) == cudaSuccess);
    return value.read()[0];
  };
  CHECK(run() == 108);
  auto params = adding(arguments);
  CHECK(cudaGraphExecKernelNodeSetParams(executable, second.handle, &params) == cudaSuccess);
  amount = 1;
  CHECK(run() == 108 + 7003);
  CHECK(run() == 108 + 2 * 7003);
  CHECK(cudaGraphExecDestroy(executable) == cudaSuccess);
  CHECK(counters().graph_launches == before.graph_launches + 3);
  CHECK(counters().node_updates == before.node_updates + 1);
  CHECK(counters().plain_launches == before.plain_launches);
  CHECK(counters().launches == before.launches + 6);
}

TEST_CASE("kernel nodes: mistakes are told") {
  const DeviceArray<int> value(std::vector<int>{5});
  int* at = value.data();
  int amount = 3;
  void* arguments[] = {&at, &amount};
  const Graph graph, other;
  KernelNode node, more, foreign, none;
  const auto good = adding(arguments);
  auto bad = good;
  CHECK(node.add_to(graph.handle, nullptr, good) == cudaSuccess);
  CHECK(foreign.add_to(other.handle, nullptr, good) == cudaSuccess);
  CHECK(none.add_to(graph.handle, nullptr, good) == cudaErrorNotSupported);
  CHECK(none.add_to(graph.handle, foreign.handle, good) == cudaErrorNotSupported);
  bad.func = arguments;
  CHECK(none.add_to(graph.handle, node.handle, bad) == cudaErrorInvalidDeviceFunction);
  bad = good;
  bad.blockDim = dim3(2000);
  CHECK(none.add_to(graph.handle, node.handle, bad) == cudaErrorInvalidConfiguration);
  bad = good;
  bad.sharedMemBytes = 200'000;
  CHECK(none.add_to(graph.handle, node.handle, bad) == cudaErrorInvalidValue);
  bad = good;
  bad.kernelParams = nullptr;
  CHECK(none.add_to(graph.handle, node.handle, bad) == cudaErrorInvalidValue);

  cudaGraphExec_t executable = nullptr;
  CHECK(cudaGraphInstantiate(&executable, graph.handle) == cudaSuccess);
  const auto set = [&](const KernelNode& which, const cudaKernelNodeParams& params) {
    return cudaGraphExecKernelNodeSetParams(executable, which.handle, &params);
  };
  CHECK(set(node, good) == cudaSuccess);
  CHECK(set(foreign, good) == cudaErrorInvalidValue);
  CHECK(more.add_to(graph.handle, node.handle, good) == cudaSuccess);
  CHECK(set(more, good) == cudaErrorInvalidValue);  // not there when it was instantiated
  belfry::emulation::make_known(go_on_below);
  bad = good;
  bad.func = reinterpret_cast<void*>(go_on_below);
  cudaGraphConditionalHandle condition = 0;
  int limit = 0;
  void* others[] = {&condition, &at, &limit};
  bad.kernelParams = others;
  CHECK(set(node, bad) == cudaErrorInvalidValue);
  CHECK(cudaGraphExecDestroy(executable) == cudaSuccess);
  CHECK(set(node, good) == cudaErrorInvalidValue);

  cudaGraph_t gone = nullptr;
  CHECK(cudaGraphCreate(&gone, 0) == cudaSuccess);
  CHECK(none.add_to(gone, nullptr, good) == cudaSuccess);
  CHECK(cudaGraphInstantiate(&executable, gone) == cudaSuccess);
  CHECK(cudaGraphDestroy(gone) == cudaSuccess);
  CHECK(set(none, good) == cudaErrorInvalidValue);
  CHECK(none.add_to(gone, nullptr, good) == cudaErrorInvalidValue);
  CHECK(cudaGraphExecDestroy(executable) == cudaSuccess);
  belfry::emulation::clear_failures();
}
