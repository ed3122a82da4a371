// Counts of the valid tokens, which the weights of losses need; nothing is read back.
#pragma once

#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "math/flags.h"
#include "math/surrogate.h"
#include "math/token_rows.h"

namespace belfry::cuda {

inline constexpr int kTokenThreads = 256;

// Valid tokens of the batch, and sequences that have one.
struct ValidTokens {
  int64_t tokens, sequences;
};

struct AddValid {
  __device__ ValidTokens operator()(const ValidTokens& a, const ValidTokens& b) const {
    return {a.tokens + b.tokens, a.sequences + b.sequences};
  }
};

// One warp counts the flags of one row; rows end where the tokens do.
static __global__ void count_row_flags(math::FlagReader mask, math::TokenRows layout,
                                       int64_t* counts) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * warps_in_block();
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * warps_in_block() + warp_id();
  for (int64_t row = begin; row < layout.rows; row += warps) {
    const int64_t first = layout.begin(row), wanted = layout.count(row);
    const int64_t length = first + wanted < layout.total ? wanted : layout.total - first;
    int64_t count = 0;
#pragma unroll 4
    for (int64_t i = lane_id(); i < length; i += kWarpSize) count += mask(first + i);
    count = warp_reduce(count, Add());
    if (lane_id() == 0) counts[row] = count;
  }
}

// One block.
static __global__ void sum_counts(const int64_t* counts, int64_t rows, ValidTokens* valid) {
  __shared__ ValidTokens shared[kWarpSize];
  ValidTokens sum{0, 0};
  for (int64_t i : thread_stride(rows)) {
    sum.tokens += counts[i];
    sum.sequences += counts[i] > 0;
  }
  sum = block_reduce(sum, AddValid(), ValidTokens{0, 0}, shared);
  if (threadIdx.x == 0) *valid = sum;
}

// The weight of every token: 1 over what the divisor counts.
struct TokenWeights {
  math::AggregationDivisor divisor;
  const ValidTokens* valid = nullptr;
  const int64_t* row_counts = nullptr;  // where rows count
  math::TokenRows layout;

  __device__ double of(int64_t row) const {
    const int64_t count = row_counts ? row_counts[row] : layout.length;
    return divisor.weight(valid->tokens, valid->sequences, count);
  }
};

static inline Status count_valid(const math::FlagReader& mask, const math::TokenRows& layout,
                                 TokenWeights& weights, CudaContext& context) {
  constexpr int64_t kUnit = 2048;
  const math::AggregationDivisor& divisor = weights.divisor;
  const bool by_row = (divisor.by_sequences || divisor.by_row_length) && layout.length != 0;
  const math::TokenRows units{(layout.total + kUnit - 1) / kUnit, kUnit, nullptr, layout.total};
  const math::TokenRows counted = by_row ? layout : units;
  auto* counts = context.scratch<int64_t>(counted.rows);
  auto* valid = context.scratch<ValidTokens>(1);
  if (!counts || !valid) return context.failure();
  const LaunchShape shape{dim3(blocks_for(counted.rows * kWarpSize, kTokenThreads)),
                          dim3(kTokenThreads)};
  const Status status = device_status(
      launch(count_row_flags, shape, context.stream(), mask, counted, counts), "count of tokens");
  if (!status.ok()) return status;
  weights.valid = valid;
  weights.layout = layout;
  if (by_row) weights.row_counts = counts;
  return device_status(launch(sum_counts, LaunchShape{dim3(1), dim3(kTokenThreads)},
                              context.stream(), counts, counted.rows, valid),
                       "count of tokens");
}

template <class T, int R>
T* pointer(const Out<T, R>& output) {
  return output ? output.begin() : nullptr;
}
template <class T, int R>
const T* pointer(const In<T, R>& operand) {
  return operand ? operand.begin() : nullptr;
}

template <class T>
__device__ void put(T* output, double value) {
  if (output) *output = static_cast<T>(value);
}

}  // namespace belfry::cuda
