// Loops on the device, as graphs or block by block: see loop.cuh.
#include "cuda/device/loop.cuh"

#include <algorithm>
#include <chrono>
#include <thread>

#include "cuda/device/launch_graph.cuh"
#include "math/host_device.h"

namespace belfry::cuda {

namespace {

constexpr auto kPoll = std::chrono::microseconds(50);

// The other side writes it meanwhile.
template <class V>
BELFRY_HD V latest(const V& field) {
  return *static_cast<const volatile V*>(&field);
}

#if CUDART_VERSION >= 12040

// Goes on while a whole block more is wanted and allowed. The only kernel of this file, which is a
// module of its own: a driver that does not know cudaGraphSetConditional cannot load it.
__global__ void set_condition(cudaGraphConditionalHandle condition, const LoopState* state,
                              int64_t last) {
  const bool goes_on =
      latest(state->goes_on) && !latest(state->stop) && latest(state->steps) <= last;
  cudaGraphSetConditional(condition, goes_on ? 1u : 0u);
}

// condition → WHILE (block, judgement, condition).
class LoopGraph {
 public:
  explicit LoopGraph(cudaStream_t stream) : stream_(stream) {}
  ~LoopGraph() {
    if (executable_) cudaGraphExecDestroy(executable_);
    if (graph_) cudaGraphDestroy(graph_);
  }
  LoopGraph(const LoopGraph&) = delete;
  LoopGraph& operator=(const LoopGraph&) = delete;

  // All but cudaSuccess: nothing was queued.
  cudaError_t start(const Loop& loop, const QueueBlock& queue, const LoopState* state) {
    const auto judge = [&] {
      const LaunchShape one{dim3(1), dim3(1)};
      return launch(set_condition, one, stream_, condition_, state, loop.most - loop.block);
    };
    const auto block = [&] { return in_order([&] { return queue(loop.block); }, judge); };
    cudaGraphNode_t first = nullptr;
    size_t count = 1;
    cudaGraph_t body = nullptr;
    const cudaError_t status =
        in_order([&] { return cudaGraphCreate(&graph_, 0); },
                 [&] { return cudaGraphConditionalHandleCreate(&condition_, graph_, 0, 0); },
                 [&] { return record(graph_, judge); },
                 [&] { return cudaGraphGetNodes(graph_, &first, &count); },
                 [&] { return add_while(first, &body); }, [&] { return record(body, block); },
                 [&] { return cudaGraphInstantiate(&executable_, graph_, 0); },
                 [&] { return cudaGraphLaunch(executable_, stream_); });
    if (!ok(status)) static_cast<void>(cudaGetLastError());
    return status;
  }

 private:
  // Relaxed: other threads allocate as they please, and a kernel used for the first time is loaded.
  template <class Work>
  cudaError_t record(cudaGraph_t into, const Work& work) {
    const cudaError_t begun = cudaStreamBeginCaptureToGraph(stream_, into, nullptr, nullptr, 0,
                                                            cudaStreamCaptureModeRelaxed);
    if (!ok(begun)) return begun;
    const cudaError_t recorded = work();
    cudaGraph_t same = nullptr;
    const cudaError_t ended = cudaStreamEndCapture(stream_, &same);
    return ok(recorded) ? ended : recorded;
  }

  cudaError_t add_while(cudaGraphNode_t after, cudaGraph_t* body) {
    cudaGraphNodeParams params{};
    params.type = cudaGraphNodeTypeConditional;
    params.conditional.handle = condition_;
    params.conditional.type = cudaGraphCondTypeWhile;
    params.conditional.size = 1;
    cudaGraphNode_t node = nullptr;
#if CUDART_VERSION >= 13000
    const cudaError_t status = cudaGraphAddNode(&node, graph_, &after, nullptr, 1, &params);
#else
    const cudaError_t status = cudaGraphAddNode(&node, graph_, &after, 1, &params);
#endif
    if (ok(status)) *body = params.conditional.phGraph_out[0];
    return status;
  }

  cudaStream_t stream_;
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
  cudaGraphConditionalHandle condition_ = 0;
};

#else

class LoopGraph {
 public:
  explicit LoopGraph(cudaStream_t) {}
  cudaError_t start(const Loop&, const QueueBlock&, const LoopState*) {
    return cudaErrorNotSupported;
  }
};

#endif

class Watch {
 public:
  Watch(const Loop& loop, CudaContext& context, LoopState* state)
      : loop_(loop),
        context_(context),
        state_(state),
        reported_(std::max<int64_t>(0, -loop.offset)) {}

  // Until the queue is empty. Many blocks take long: meanwhile tells of progress, and hands the
  // wish to stop on.
  Status wait(bool many_blocks) {
    const cudaStream_t stream = context_.stream();
    const bool looks_on = many_blocks && context_.monitored();
    while (looks_on && cudaStreamQuery(stream) == cudaErrorNotReady) {
      if (context_.stopped()) *static_cast<volatile int32_t*>(&state_->stop) = 1;
      report();
      std::this_thread::sleep_for(kPoll);
    }
    const cudaError_t error = cudaStreamSynchronize(stream);
    if (!ok(error)) return device_status(error, loop_.name);
    report();
    return context_.stopped() ? stopped_by_caller() : Status{};
  }

 private:
  void report() {
    const int64_t steps = latest(state_->steps);
    if (steps <= reported_) return;
    reported_ = steps;
    context_.report(loop_.offset + steps, loop_.total, latest(state_->residual));
  }

  const Loop& loop_;
  CudaContext& context_;
  LoopState* state_;
  int64_t reported_;  // the last step that was reported, or need not be
};

}  // namespace

Status run_blocks(const Loop& loop, const QueueBlock& queue, CudaContext& context, int64_t* made) {
  LoopState* const state = context.loop_state();
  *state = {0, 0, 1, 0};
  *made = 0;
  if (loop.most <= 0) return {};
  if (const cudaError_t error = stop_recording(); !ok(error)) {
    return device_status(error, loop.name);
  }
  Watch watch(loop, context, state);
  LoopGraph graph(context.stream());
  const auto next = [&](int64_t block) {
    return device_status(queue(std::min(block, loop.most - state->steps)), loop.name);
  };
  Status s = next(loop.first);
  const bool wants_graph = s.ok() && graphs_wanted() && loop.first + loop.block <= loop.most;
  const bool is_graph = wants_graph && ok(graph.start(loop, queue, state));
  if (s.ok()) s = watch.wait(is_graph);
  // What a graph leaves is less than a block; without one it is all.
  while (s.ok() && state->goes_on && state->steps < loop.most) {
    if (s = next(loop.block); s.ok()) s = watch.wait(false);
  }
  *made = state->steps;
  return s;
}

}  // namespace belfry::cuda
