// Statistics of the valid tokens of a batch, and whitening by them.
//
// Each block merges the moments of its share; one block merges those and makes the line, in an
// order that depends on the sizes only; a map follows.
#pragma once

#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "math/flags.h"
#include "math/whitening.h"

namespace belfry::cuda {

inline constexpr int kWhitenThreads = 256;

// Statistics of other shards, and where those of all go; null: none.
template <class T>
struct WhitenShards {
  const T *count, *mean, *m2;
  T *total_count, *total_mean, *total_m2;
};

struct MergeWhitenMoments {
  __device__ math::Moments operator()(const math::Moments& a, const math::Moments& b) const {
    return math::merge(a, b);
  }
};

template <class T>
__global__ void partial_moments(const T* values, int64_t size, math::FlagReader mask,
                                math::Moments* partial) {
  __shared__ math::Moments shared[kWhitenThreads / kWarpSize];
  math::Moments moments;
  for (const int64_t i : grid_stride(size)) {
    if (!mask(i)) continue;
    moments = math::merge(moments, math::moments_of(static_cast<double>(values[i]), 1));
  }
  moments = block_reduce(moments, MergeWhitenMoments{}, math::Moments{}, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = moments;
}

template <class T>
__global__ void finish_moments(const math::Moments* partial, int64_t count, WhitenShards<T> shards,
                               math::WhitenRule rule, math::WhitenLine* line) {
  __shared__ math::Moments shared[kWhitenThreads / kWarpSize];
  math::Moments moments;
  // Neighbouring parts to one thread, so that the order of the merges is that of the batch.
  const int64_t share = (count + blockDim.x - 1) / blockDim.x;
  const int64_t first = share * threadIdx.x;
  for (int64_t i = first; i < first + share && i < count; ++i) {
    moments = math::merge(moments, partial[i]);
  }
  moments = block_reduce(moments, MergeWhitenMoments{}, math::Moments{}, shared);
  if (threadIdx.x != 0) return;
  math::Moments others;
  if (shards.count) others.weight = static_cast<double>(shards.count[0]);
  if (shards.mean) others.mean = static_cast<double>(shards.mean[0]);
  if (shards.m2) others.m2 = static_cast<double>(shards.m2[0]);
  moments = math::merge(moments, others);
  if (shards.total_count) shards.total_count[0] = static_cast<T>(moments.weight);
  if (shards.total_mean) shards.total_mean[0] = static_cast<T>(moments.mean);
  if (shards.total_m2) shards.total_m2[0] = static_cast<T>(moments.m2);
  *line = math::whiten_line(moments, rule);
}

template <class T>
__global__ void apply_line(const T* values, int64_t size, math::FlagReader mask,
                           const math::WhitenLine* line, T* out) {
  const math::WhitenLine whiten = *line;
  for (const int64_t i : grid_stride(size)) {
    out[i] = mask(i) ? static_cast<T>(whiten(static_cast<double>(values[i]))) : T(0);
  }
}

// `out` null: only the statistics.
template <class T>
Status whiten(const T* values, int64_t size, const math::FlagReader& mask,
              const math::WhitenRule& rule, const WhitenShards<T>& shards, T* out,
              CudaContext& context) {
  const unsigned blocks = blocks_for(size, kWhitenThreads);
  auto* partial = context.scratch<math::Moments>(blocks == 0 ? 1 : blocks);
  auto* line = context.scratch<math::WhitenLine>(1);
  if (!partial || !line) return context.failure();
  const LaunchShape wide{dim3(blocks), dim3(kWhitenThreads)};
  const LaunchShape single{dim3(1), dim3(kWhitenThreads)};
  cudaError_t error =
      launch(partial_moments<T>, wide, context.stream(), values, size, mask, partial);
  if (error == cudaSuccess) {
    error = launch(finish_moments<T>, single, context.stream(), partial,
                   static_cast<int64_t>(blocks), shards, rule, line);
  }
  if (error == cudaSuccess && out) {
    error = launch(apply_line<T>, wide, context.stream(), values, size, mask, line, out);
  }
  return device_status(error, "whiten");
}

}  // namespace belfry::cuda
