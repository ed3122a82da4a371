// Judging sweeps on the device: the functors that run_loop asks after each block.
#pragma once

#include "cuda/bellman/rows.cuh"
#include "cuda/device/loop.cuh"
#include "math/value_iteration.h"

namespace belfry::cuda {

// Of a solve, in device memory. A sweep leaves its change there.
struct SolveState {
  math::Change<double> change;
  math::StopTest test;
  math::Verdict verdict = math::Verdict::go_on;
};

struct JudgeSweeps {
  SolveState* state;

  __device__ bool operator()(int64_t sweeps, double* residual) const {
    *residual = state->change.residual();
    state->verdict = state->test.judge(state->change, sweeps);
    return state->verdict == math::Verdict::go_on;
  }
};

// For a fixed number of sweeps.
struct KeepSweeping {
  const math::Change<double>* change;

  __device__ bool operator()(int64_t, double* residual) const {
    *residual = change->residual();
    return true;
  }
};

// One thread.
template <class State>
static __global__ void store_state(State* to, State state) {
  *to = state;
}
template <class State>
cudaError_t begin_solve(State* to, const State& state, cudaStream_t stream) {
  return launch(store_state<State>, LaunchShape{dim3(1), dim3(1)}, stream, to, state);
}

}  // namespace belfry::cuda
