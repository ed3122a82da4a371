// Work that repeats until the device says that it is done, in blocks of a few steps.
//
// The first block is queued as it is. While it runs, the host records another one as the body of a
// graph's WHILE node, and one launch of that graph makes all the others: a kernel judges after each
// block whether to go on, without a word to the host. Where the runtime has no such graphs (before
// 12.4), the driver refuses them or BELFRY_CUDA_GRAPH=0, the host queues block after block and
// waits for each judgement. Both make the same blocks in the same order: the results have the same
// bits.
#pragma once

#include <functional>

#include "cuda/device/check.cuh"
#include "cuda/device/context.cuh"

namespace belfry::cuda {

// Written by the device but for `stop`, while the host looks on.
struct LoopState {
  int64_t steps;    // made so far
  double residual;  // of the last judgement
  int32_t goes_on;  // what the last judgement said
  int32_t stop;     // the caller wants no further block
};

struct Loop {
  const char* name;    // of the op, for errors
  int64_t first;       // steps of the first block
  int64_t block;       // steps of the others, but the last; even, where two buffers take turns
  int64_t most;        // steps in all
  int64_t offset = 0;  // of the step number in reports
  int64_t total = 0;   // in reports
};

// Queues a block of so many steps and its judgement.
using QueueBlock = std::function<cudaError_t(int64_t count)>;

// See run_loop.
Status run_blocks(const Loop& loop, const QueueBlock& queue, CudaContext& context, int64_t* made);

// One thread.
template <class Judge>
static __global__ void judge_block(Judge judge, int64_t count, LoopState* state) {
  double residual = 0;
  state->goes_on = judge(count, &residual);
  state->residual = residual;
  __threadfence_system();  // who sees the steps sees what is known of them
  state->steps += count;
}

// `step()` queues one step on the context's stream, by launches alone: no memory is taken, no copy
// made, nothing waited for. It is called for one block of all those in a graph, so what it queues
// may depend on device memory only; two buffers may take turns, whatever it returns.
// `judge(count, &residual)` is a functor that runs on the device after each block of `count` steps,
// and says whether to go on. Returns when all is done; `made` is the number of steps. Reports to
// the context's monitor and stops at its word.
template <class Step, class Judge>
Status run_loop(const Loop& loop, const Step& step, const Judge& judge, CudaContext& context,
                int64_t* made) {
  const auto queue = [&](int64_t count) {
    cudaError_t status = cudaSuccess;
    for (int64_t i = 0; i < count; ++i) {
      const cudaError_t queued = step();
      if (ok(status)) status = queued;
    }
    if (!ok(status)) return status;
    const LaunchShape one{dim3(1), dim3(1)};
    return launch(judge_block<Judge>, one, context.stream(), judge, count, context.loop_state());
  };
  return run_blocks(loop, queue, context, made);
}

}  // namespace belfry::cuda
