// The launches of an op as one launch of a graph.
//
// An op of many small kernels costs the host more than the device: a launch takes the driver some
// two microseconds. Ops that say one_graph() in their declaration are recorded instead
// (recording.cuh). The first time their launches are queued as they are. The second time with the
// same kernels and shapes a graph is made of them, a chain of kernel nodes. From then on a call
// tells the graph the arguments that have changed (the number of a step, an address) and launches
// it. Another structure, of another batch size say, begins anew. The kernels and their order are
// the same either way, so the results have the same bits.
//
// Scratch memory is free again as soon as an op's launches are queued. That is no danger to a graph
// which remembers addresses: each call compares all arguments with those of the graph before it is
// launched, so that a kernel never sees an address of an earlier call.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "cuda/device/recording.cuh"

namespace belfry::cuda {

/// False: BELFRY_CUDA_GRAPH=0.
bool graphs_wanted();

/// A recording that has been seen, and its graph from the second time on.
class LaunchGraph {
 public:
  LaunchGraph() = default;
  ~LaunchGraph() { release(); }
  LaunchGraph(const LaunchGraph&) = delete;
  LaunchGraph& operator=(const LaunchGraph&) = delete;

  bool is_of(const Recording& recorded) const { return held_.is_like(recorded); }
  bool is_built() const { return executable_ != nullptr; }
  // Takes what the graph now has for arguments, and hands out what it had before.
  void hold(Recording& recorded) { std::swap(held_, recorded); }

  cudaError_t build(Recording& recorded);
  // Tells it the arguments that differ from those held.
  cudaError_t update(Recording& recorded);
  cudaError_t launch(cudaStream_t stream) { return cudaGraphLaunch(executable_, stream); }
  // Waits for the graph, which may be running.
  void release(cudaStream_t stream);

  std::uint64_t last_use = 0;

 private:
  void release();

  Recording held_;
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
  std::vector<cudaGraphNode_t> nodes_;
};

/// The graphs of one op, of the structures it had last: steps of several kinds, or networks of
/// several sizes, may take turns.
class LaunchGraphs {
 public:
  /// Queues what was recorded; leaves it with other contents. A graph that the driver refuses is
  /// no error: the launches are queued one by one, now and from then on.
  cudaError_t queue(Recording& recorded, cudaStream_t stream);

 private:
  LaunchGraph* find(const Recording& recorded);
  void remember(Recording& recorded, cudaStream_t stream);

  LaunchGraph graphs_[4];
  std::uint64_t calls_ = 0;
  bool refused_ = false;
};

}  // namespace belfry::cuda
