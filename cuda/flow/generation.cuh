// Kernels of one_step_generation around its networks: the embeddings of t = 1 and r = 0, actions
// from velocities, the choice among candidates, and what its gradient needs besides products.
#pragma once

#include "cuda/device/reduce.cuh"
#include "cuda/flow/work.cuh"
#include "math/embedding.h"
#include "math/one_step.h"
#include "ops/flow/sampling.h"

namespace belfry::cuda {

// out[0 … 2 half) embeds t = 1, the next 2 half entries r = 0.
template <class T>
__global__ void embed_end_points(int64_t half, double scale, T* out) {
  constexpr double kMaxPeriod = 10000;
#pragma unroll 1
  for (int64_t i : grid_stride(2 * half)) {
    const int64_t k = i % half;
    const auto pair = math::embed_time(i < half ? 1.0 : 0.0, scale,
                                       math::embedding_frequency(k, half, kMaxPeriod));
    T* const to = out + i / half * 2 * half;
    to[k] = static_cast<T>(pair.sine);
    to[k + half] = static_cast<T>(pair.cosine);
  }
}

template <class T>
struct ActionCall {
  const T* noise;
  const T* velocity;
  int64_t count;
  T limit;
  T *raw, *actions;  // null: not wanted
};

template <class T>
__global__ void make_actions(ActionCall<T> call) {
#pragma unroll 1
  for (int64_t i : grid_stride(call.count)) {
    const T raw = call.noise[i] - call.velocity[i];
    if (call.raw) call.raw[i] = raw;
    if (call.actions) call.actions[i] = math::clip_action(raw, call.limit);
  }
}

template <class T>
struct SelectionCall {
  const T* q1;
  const T* q2;  // null: one critic
  const T* actions;
  int64_t states, candidates, dims;
  T* q_min;  // null, like those below: not wanted
  int32_t* best_index;
  T* best_action;
  T* probability;

  __device__ T score(int64_t i) const { return q2 ? math::smaller_score(q1[i], q2[i]) : q1[i]; }
};

struct Better {
  template <class T>
  __device__ math::Candidate<T> operator()(math::Candidate<T> a, math::Candidate<T> b) const {
    return math::better(a, b);
  }
};

// One warp per state.
template <class T>
__global__ void select_candidates(SelectionCall<T> call) {
#pragma unroll 1
  for (int64_t state : warp_stride(call.states)) {
    const int64_t first = state * call.candidates;
    math::Candidate<T> best{T(0), -1};
#pragma unroll 1
    for (int64_t i : lane_stride(call.candidates)) {
      const T q = call.score(first + i);
      if (call.q_min) call.q_min[first + i] = q;
      best = math::better(best, {q, i});
    }
    best = warp_reduce(best, Better{});
    if (call.best_index && lane_id() == 0) {
      call.best_index[state] = static_cast<int32_t>(best.index);
    }
    if (call.best_action) {
      const T* const action = call.actions + (first + best.index) * call.dims;
#pragma unroll 1
      for (int64_t i : lane_stride(call.dims)) call.best_action[state * call.dims + i] = action[i];
    }
    if (!call.probability) continue;
    const auto weight = [&](int64_t i) {
      return exp(static_cast<double>(call.score(first + i) - best.score));
    };
    double sum = 0;
#pragma unroll 1
    for (int64_t i : lane_stride(call.candidates)) sum += weight(i);
    sum = warp_reduce(sum, Add{});
#pragma unroll 1
    for (int64_t i : lane_stride(call.candidates)) {
      call.probability[first + i] = static_cast<T>(weight(i) / sum);
    }
  }
}

template <class T>
__global__ void negate(const T* x, int64_t count, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) out[i] = -x[i];
}

// out[b, j] = Σ over the group's rows of x, in ascending order.
template <class T>
__global__ void sum_groups(const T* x, int64_t groups, int64_t group, int64_t width, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(groups * width)) {
    const T* const from = x + i / width * group * width + i % width;
    double sum = 0;
    for (int64_t k = 0; k < group; ++k) sum += static_cast<double>(from[k * width]);
    out[i] = static_cast<T>(sum);
  }
}

// out[j · stride + k] = column[j] row[k]
template <class T>
__global__ void outer_product(const T* column, const T* row, int64_t rows, int64_t width,
                              int64_t stride, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(rows * width)) {
    out[i / width * stride + i % width] = column[i / width] * row[i % width];
  }
}

}  // namespace belfry::cuda
