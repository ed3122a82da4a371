// Graphs of an op's launches: see launch_graph.cuh.
#include "cuda/device/launch_graph.cuh"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace belfry::cuda {

namespace {

// Fewer launches cost no more than that of a graph; more keep the device busy, and would fill its
// memory with nodes.
constexpr std::size_t kFewest = 4, kMost = 4096;

cudaKernelNodeParams node_of(const KernelCall& call) {
  cudaKernelNodeParams node{};
  node.func = const_cast<void*>(call.kernel);
  node.gridDim = call.shape.grid;
  node.blockDim = call.shape.block;
  node.sharedMemBytes = static_cast<unsigned>(call.shape.shared_bytes);
  node.kernelParams = call.arguments;
  return node;
}

}  // namespace

bool graphs_wanted() {
  const char* const setting = std::getenv("BELFRY_CUDA_GRAPH");
  return !setting || std::strcmp(setting, "0") != 0;
}

cudaError_t LaunchGraph::build(Recording& recorded) {
  cudaError_t status = cudaGraphCreate(&graph_, 0);
  for (std::size_t i = 0; i < recorded.size() && ok(status); ++i) {
    const KernelCall call = recorded.call(i);
    const cudaKernelNodeParams params = node_of(call);
    const cudaGraphNode_t* const before = nodes_.empty() ? nullptr : &nodes_.back();
    cudaGraphNode_t node = nullptr;
    status = in_order(
        [&] { return ask_for_shared_memory(call); },
        [&] { return cudaGraphAddKernelNode(&node, graph_, before, before ? 1 : 0, &params); });
    nodes_.push_back(node);
  }
  return ok(status) ? cudaGraphInstantiate(&executable_, graph_, 0) : status;
}

cudaError_t LaunchGraph::update(Recording& recorded) {
  cudaError_t status = cudaSuccess;
  for (std::size_t i = 0; i < recorded.size() && ok(status); ++i) {
    if (recorded.has_arguments_of(held_, i)) continue;
    const KernelCall call = recorded.call(i);
    const cudaKernelNodeParams params = node_of(call);
    status =
        in_order([&] { return ask_for_shared_memory(call); },
                 [&] { return cudaGraphExecKernelNodeSetParams(executable_, nodes_[i], &params); });
  }
  return status;
}

void LaunchGraph::release() {
  if (executable_) cudaGraphExecDestroy(executable_);
  if (graph_) cudaGraphDestroy(graph_);
  executable_ = nullptr;
  graph_ = nullptr;
  nodes_.clear();
}

void LaunchGraph::release(cudaStream_t stream) {
  if (executable_) cudaStreamSynchronize(stream);
  release();
}

LaunchGraph* LaunchGraphs::find(const Recording& recorded) {
  for (LaunchGraph& graph : graphs_) {
    if (graph.is_of(recorded)) return &graph;
  }
  return nullptr;
}

// In the place of the one that was used longest ago.
void LaunchGraphs::remember(Recording& recorded, cudaStream_t stream) {
  const auto before = [](const LaunchGraph& a, const LaunchGraph& b) {
    return a.last_use < b.last_use;
  };
  LaunchGraph& oldest = *std::min_element(std::begin(graphs_), std::end(graphs_), before);
  oldest.release(stream);
  oldest.hold(recorded);
  oldest.last_use = calls_;
}

cudaError_t LaunchGraphs::queue(Recording& recorded, cudaStream_t stream) {
  const std::size_t size = recorded.size();
  if (refused_ || size < kFewest || size > kMost) return recorded.queue(stream);
  ++calls_;
  LaunchGraph* const graph = find(recorded);
  if (!graph) {
    const cudaError_t status = recorded.queue(stream);
    if (ok(status)) remember(recorded, stream);
    return status;
  }
  graph->last_use = calls_;
  const cudaError_t status =
      in_order([&] { return graph->is_built() ? graph->update(recorded) : graph->build(recorded); },
               [&] { return graph->launch(stream); });
  if (ok(status)) {
    graph->hold(recorded);
    return status;
  }
  static_cast<void>(cudaGetLastError());
  refused_ = true;
  return recorded.queue(stream);
}

}  // namespace belfry::cuda
