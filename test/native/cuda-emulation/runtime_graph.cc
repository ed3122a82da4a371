// Graphs: chains of kernels and WHILE nodes. Launched, they run on the stream's thread.
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "runtime_state.h"

using namespace belfry::emulation;

struct CUgraphNode_st {
  std::function<void()> kernel;    // null in a WHILE node
  const void* function = nullptr;  // of a kernel that was not recorded
  std::shared_ptr<unsigned> condition;
  std::shared_ptr<CUgraph_st> body;
};

struct CUgraph_st {
  std::vector<std::shared_ptr<CUgraphNode_st>> nodes;
  std::vector<std::shared_ptr<unsigned>> conditions;

  void run() const {
    for (const auto& node : nodes) {
      if (node->kernel) node->kernel();
      while (node->condition && *node->condition != 0) node->body->run();
    }
  }
  // Whether work with these dependencies comes after all there is.
  bool continues(const cudaGraphNode_t* dependencies, std::size_t count) const {
    if (nodes.empty()) return count == 0;
    return count == 1 && dependencies[0] == nodes.back().get();
  }
};

struct CUgraphExec_st {
  CUgraph_st graph;
  std::shared_ptr<CUgraph_st> source;  // its nodes name those of `graph`

  // What it makes for a node of the source; null: there is no such node.
  std::shared_ptr<CUgraphNode_st>* find(cudaGraphNode_t node) {
    for (std::size_t i = 0; i < source->nodes.size() && i < graph.nodes.size(); ++i) {
      if (source->nodes[i].get() == node) return &graph.nodes[i];
    }
    return nullptr;
  }
};

namespace belfry::emulation {
namespace {

// A condition that nobody has set may be anything.
constexpr unsigned kNeverSet = 0xa5a5a5a5u;

struct Graphs {
  std::mutex mutex;
  std::map<cudaGraph_t, std::shared_ptr<CUgraph_st>> graphs;  // bodies too
  std::set<cudaGraphExec_t> executables;
};

Graphs& all() {
  static Graphs graphs;
  return graphs;
}

std::atomic<std::uint64_t> num_launches{0}, num_updates{0};

thread_local cudaStream_t recorded_stream = nullptr;
thread_local CUgraph_st* recording = nullptr;

CUgraph_st* add_graph() {
  const auto graph = std::make_shared<CUgraph_st>();
  const std::lock_guard lock(all().mutex);
  all().graphs.emplace(graph.get(), graph);
  return graph.get();
}

std::shared_ptr<CUgraph_st> find(cudaGraph_t graph) {
  const std::lock_guard lock(all().mutex);
  const auto found = all().graphs.find(graph);
  return found == all().graphs.end() ? nullptr : found->second;
}

cudaError_t forget(cudaGraph_t graph) {
  const auto kept = find(graph);
  if (!kept) return cudaErrorInvalidValue;
  for (const auto& node : kept->nodes) {
    if (node->body) forget(node->body.get());
  }
  const std::lock_guard lock(all().mutex);
  all().graphs.erase(graph);
  return cudaSuccess;
}

std::shared_ptr<unsigned> condition_of(const CUgraph_st& graph, cudaGraphConditionalHandle handle) {
  for (const auto& condition : graph.conditions) {
    if (reinterpret_cast<cudaGraphConditionalHandle>(condition.get()) == handle) return condition;
  }
  return nullptr;
}

}  // namespace

bool thread_records() { return recording != nullptr; }

bool record(cudaStream_t stream, std::function<void()> kernel) {
  if (!recording || stream != recorded_stream) return false;
  auto node = std::make_shared<CUgraphNode_st>();
  node->kernel = std::move(kernel);
  recording->nodes.push_back(std::move(node));
  return true;
}

void count_graphs(Counters& counters) {
  const std::lock_guard lock(all().mutex);
  counters.graph_launches = num_launches;
  counters.node_updates = num_updates;
  counters.graphs = all().graphs.size() + all().executables.size();
}

}  // namespace belfry::emulation

cudaError_t cudaGraphCreate(cudaGraph_t* graph, unsigned flags) {
  return runtime_call([&] {
    if (flags != 0) return cudaErrorInvalidValue;
    *graph = add_graph();
    return cudaSuccess;
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return runtime_call([&] { return forget(graph); });
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, std::size_t* count) {
  return runtime_call([&] {
    const auto found = find(graph);
    if (!found) return cudaErrorInvalidValue;
    if (nodes) {
      for (std::size_t i = 0; i < *count; ++i) {
        nodes[i] = i < found->nodes.size() ? found->nodes[i].get() : nullptr;
      }
    }
    if (!nodes || found->nodes.size() < *count) *count = found->nodes.size();
    return cudaSuccess;
  });
}

cudaError_t cudaGraphConditionalHandleCreate(cudaGraphConditionalHandle* handle, cudaGraph_t graph,
                                             unsigned default_value, unsigned flags) {
  return runtime_call([&] {
    const auto found = find(graph);
    if (!found || default_value != 0) return cudaErrorInvalidValue;
    if (flags != 0) return cudaErrorNotSupported;
    found->conditions.push_back(std::make_shared<unsigned>(kNeverSet));
    *handle = reinterpret_cast<cudaGraphConditionalHandle>(found->conditions.back().get());
    return cudaSuccess;
  });
}

cudaError_t cudaGraphAddNode(cudaGraphNode_t* node, cudaGraph_t graph,
                             const cudaGraphNode_t* dependencies, const cudaGraphEdgeData* edges,
                             std::size_t count, cudaGraphNodeParams* params) {
  return runtime_call([&] {
    const auto found = find(graph);
    const auto condition = found ? condition_of(*found, params->conditional.handle) : nullptr;
    if (!condition || params->conditional.size != 1) return cudaErrorInvalidValue;
    const bool is_loop = params->type == cudaGraphNodeTypeConditional &&
                         params->conditional.type == cudaGraphCondTypeWhile;
    if (!is_loop || edges || !found->continues(dependencies, count)) return cudaErrorNotSupported;
    auto loop = std::make_shared<CUgraphNode_st>();
    loop->condition = condition;
    loop->body = find(add_graph());
    *node = loop.get();
    // CUDA owns the array; here it has the node's lifetime as well.
    static thread_local cudaGraph_t bodies[1];
    bodies[0] = loop->body.get();
    params->conditional.phGraph_out = bodies;
    found->nodes.push_back(std::move(loop));
    return cudaSuccess;
  });
}

cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t* node, cudaGraph_t graph,
                                   const cudaGraphNode_t* dependencies, std::size_t count,
                                   const cudaKernelNodeParams* params) {
  return runtime_call([&] {
    const auto found = find(graph);
    if (!found) return cudaErrorInvalidValue;
    if (!found->continues(dependencies, count)) return cudaErrorNotSupported;
    auto added = std::make_shared<CUgraphNode_st>();
    added->function = params->func;
    const cudaError_t status = make_kernel_work(*params, &added->kernel);
    if (status != cudaSuccess) return status;
    *node = added.get();
    found->nodes.push_back(std::move(added));
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t executable, cudaGraphNode_t node,
                                             const cudaKernelNodeParams* params) {
  return runtime_call([&] {
    // A launch that runs has nodes of its own: they are replaced, not changed.
    auto changed = std::make_shared<CUgraphNode_st>();
    changed->function = params->func;
    const cudaError_t status = make_kernel_work(*params, &changed->kernel);
    if (status != cudaSuccess) return status;
    const std::lock_guard lock(all().mutex);
    const bool lives =
        all().executables.contains(executable) && all().graphs.contains(executable->source.get());
    auto* const held = lives ? executable->find(node) : nullptr;
    if (!held || (*held)->function != params->func) return cudaErrorInvalidValue;
    *held = std::move(changed);
    ++num_updates;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamBeginCaptureToGraph(cudaStream_t stream, cudaGraph_t graph,
                                          const cudaGraphNode_t* dependencies,
                                          const cudaGraphEdgeData* edges, std::size_t count,
                                          cudaStreamCaptureMode) {
  return runtime_call([&] {
    const auto found = find(graph);
    if (!found) return cudaErrorInvalidValue;
    if (edges || !found->continues(dependencies, count)) return cudaErrorNotSupported;
    recorded_stream = stream;
    recording = found.get();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  // Over in any case.
  *graph = stream == recorded_stream ? std::exchange(recording, nullptr) : nullptr;
  return runtime_call([&] { return *graph ? cudaSuccess : cudaErrorInvalidValue; });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long flags) {
  return runtime_call([&] {
    const auto found = find(graph);
    if (!found || flags != 0) return cudaErrorInvalidValue;
    *executable = new CUgraphExec_st{*found, found};
    const std::lock_guard lock(all().mutex);
    all().executables.insert(*executable);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return runtime_call([&] {
    const std::lock_guard lock(all().mutex);
    if (!all().executables.contains(executable)) return cudaErrorInvalidValue;
    const auto run = [graph = executable->graph] { graph.run(); };
    if (!run_later(stream, run)) return cudaErrorInvalidResourceHandle;
    ++num_launches;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return runtime_call([&] {
    {
      const std::lock_guard lock(all().mutex);
      if (all().executables.erase(executable) == 0) return cudaErrorInvalidValue;
    }
    delete executable;
    return cudaSuccess;
  });
}

void cudaGraphSetConditional(cudaGraphConditionalHandle handle, unsigned value) {
  *reinterpret_cast<unsigned*>(handle) = value;
}
