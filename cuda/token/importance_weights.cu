// importance_weights: bounded ratios of trainer and sampler, one warp per row.
//
// Each block reduces its sums, one block reduces those in a fixed order, and where the weights are
// divided by their mean a map follows. Bytes per token: read 5, write 4, and again 8; 1 exp.
#include <cmath>

#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "math/corrections.h"
#include "math/flags.h"
#include "ops/token/corrections.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 128;

struct Sums {
  double count = 0, weights = 0, ratios = 0;
  double least = INFINITY, greatest = -INFINITY;
};

struct MergeSums {
  __device__ Sums operator()(const Sums& a, const Sums& b) const {
    return {a.count + b.count, a.weights + b.weights, a.ratios + b.ratios, Min{}(a.least, b.least),
            Max{}(a.greatest, b.greatest)};
  }
};

template <class T>
struct Rows {
  const T* log_ratio;
  T* weights;  // null: not wanted
  math::FlagReader mask;
  math::WeightBounds bounds;
  RatioLevel level;
  int64_t num_rows, length;
};

__device__ inline void add_ratio(Sums& sums, double ratio, double weight) {
  sums = MergeSums{}(sums, Sums{1, weight, ratio, ratio, ratio});
}

template <class T>
__device__ void token_row(const Rows<T>& rows, int64_t first, Sums& sums) {
  for (int64_t t = lane_id(); t < rows.length; t += kWarpSize) {
    const int64_t i = first + t;
    double weight = 0;
    if (rows.mask(i)) {
      const double ratio =
          math::clamped_ratio(static_cast<double>(rows.log_ratio[i]), rows.bounds.clamp);
      weight = math::bounded_weight(ratio, rows.bounds);
      add_ratio(sums, ratio, weight);
    }
    if (rows.weights) rows.weights[i] = static_cast<T>(weight);
  }
}

template <class T>
__device__ void sequence_row(const Rows<T>& rows, int64_t first, Sums& sums) {
  double total = 0, count = 0;
  for (int64_t t = lane_id(); t < rows.length; t += kWarpSize) {
    if (!rows.mask(first + t)) continue;
    total += static_cast<double>(rows.log_ratio[first + t]);
    count += 1;
  }
  total = warp_reduce(total, Add{});
  count = warp_reduce(count, Add{});
  double weight = 0;
  if (count > 0) {
    const double exponent = rows.level == RatioLevel::sequence ? total : total / count;
    const double ratio = math::clamped_ratio(exponent, rows.bounds.clamp);
    weight = math::bounded_weight(ratio, rows.bounds);
    if (lane_id() == 0) add_ratio(sums, ratio, weight);
  }
  if (!rows.weights) return;
  for (int64_t t = lane_id(); t < rows.length; t += kWarpSize) {
    rows.weights[first + t] = rows.mask(first + t) ? static_cast<T>(weight) : T(0);
  }
}

template <class T>
__global__ void row_weights(Rows<T> rows, Sums* partial) {
  __shared__ Sums shared[kThreads / kWarpSize];
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (kThreads / kWarpSize);
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarpSize) + warp_id();
  Sums sums;
  for (int64_t row = begin; row < rows.num_rows; row += warps) {
    if (rows.level == RatioLevel::token) {
      token_row(rows, row * rows.length, sums);
    } else {
      sequence_row(rows, row * rows.length, sums);
    }
  }
  sums = block_reduce(sums, MergeSums{}, Sums{}, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = sums;
}

template <class T>
struct RatioStatistics {
  T *mean, *least, *greatest;  // null: not wanted
};

template <class T>
__global__ void finish(const Sums* partial, int64_t count, RatioStatistics<T> out, Sums* total) {
  __shared__ Sums shared[kThreads / kWarpSize];
  Sums sums;
  for (const int64_t i : thread_stride(count)) sums = MergeSums{}(sums, partial[i]);
  sums = block_reduce(sums, MergeSums{}, Sums{}, shared);
  if (threadIdx.x != 0) return;
  const bool any = sums.count > 0;
  if (out.mean) *out.mean = static_cast<T>(any ? sums.ratios / sums.count : 0);
  if (out.least) *out.least = static_cast<T>(any ? sums.least : 0);
  if (out.greatest) *out.greatest = static_cast<T>(any ? sums.greatest : 0);
  *total = sums;
}

template <class T>
__global__ void divide_by_mean(T* weights, int64_t size, math::FlagReader mask, const Sums* total) {
  if (total->count == 0 || total->weights == 0) return;
  const double mean = total->weights / total->count;
  for (const int64_t i : grid_stride(size)) {
    if (mask(i)) weights[i] = static_cast<T>(static_cast<double>(weights[i]) / mean);
  }
}

template <class T>
Rows<T> rows_of(const ImportanceWeights<T>& op) {
  return {op.log_ratio.begin(),
          op.weights ? op.weights.begin() : nullptr,
          math::read_flags(op.mask, true),
          math::weight_bounds(op),
          op.level,
          op.log_ratio.dims[0],
          op.log_ratio.dims[1]};
}

template <class T>
Status importance_weights(const ImportanceWeights<T>& op, CudaContext& context) {
  const Rows<T> rows = rows_of(op);
  const unsigned blocks = blocks_for(rows.num_rows * kWarpSize, kThreads);
  Sums* partial = context.scratch<Sums>(blocks == 0 ? 1 : blocks);
  Sums* total = context.scratch<Sums>(1);
  if (!partial || !total) return context.failure();
  const RatioStatistics<T> statistics{op.ratio_mean ? op.ratio_mean.begin() : nullptr,
                                      op.ratio_min ? op.ratio_min.begin() : nullptr,
                                      op.ratio_max ? op.ratio_max.begin() : nullptr};
  const LaunchShape by_row{dim3(blocks), dim3(kThreads)}, single{dim3(1), dim3(kThreads)};
  cudaError_t error = launch(row_weights<T>, by_row, context.stream(), rows, partial);
  if (error == cudaSuccess) {
    error = launch(finish<T>, single, context.stream(), partial, static_cast<int64_t>(blocks),
                   statistics, total);
  }
  if (error == cudaSuccess && op.batch_normalize && rows.weights) {
    const int64_t size = op.weights.size();
    const LaunchShape by_token{dim3(blocks_for(size, kThreads)), dim3(kThreads)};
    error =
        launch(divide_by_mean<T>, by_token, context.stream(), rows.weights, size, rows.mask, total);
  }
  return device_status(error, "importance_weights");
}

}  // namespace

template <>
Status run(const ImportanceWeights<float>& op, CudaContext& context) {
  return importance_weights(op, context);
}
template <>
Status run(const ImportanceWeights<double>& op, CudaContext& context) {
  return importance_weights(op, context);
}

}  // namespace belfry::cuda
