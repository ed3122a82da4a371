// next_token_labels: a shift of the whole batch, then the last position of every sequence is
// ignored. Bytes per token: read 4, write 4.
#include "cuda/device/context.cuh"
#include "ops/token/corrections.h"

namespace belfry::cuda {

namespace {

__global__ void shift(const int32_t* ids, int64_t size, int32_t* labels) {
  for (const int64_t i : grid_stride(size - 1)) labels[i] = ids[i + 1];
}

__global__ void ignore_last(const int32_t* cu_seqlens, int64_t sequences, int32_t ignored,
                            int32_t* labels) {
  for (const int64_t s : grid_stride(sequences)) {
    if (cu_seqlens[s + 1] > cu_seqlens[s]) labels[cu_seqlens[s + 1] - 1] = ignored;
  }
}

template <class T>
Status next_token_labels(const NextTokenLabels<T>& op, CudaContext& context) {
  constexpr int kThreads = 256;
  const int64_t size = op.input_ids.dims[0], sequences = op.cu_seqlens.dims[0] - 1;
  if (!op.labels || size == 0) return {};
  const LaunchShape by_token{dim3(blocks_for(size - 1, kThreads)), dim3(kThreads)};
  const LaunchShape by_sequence{dim3(blocks_for(sequences, kThreads)), dim3(kThreads)};
  cudaError_t error =
      launch(shift, by_token, context.stream(), op.input_ids.begin(), size, op.labels.begin());
  if (error == cudaSuccess) {
    error = launch(ignore_last, by_sequence, context.stream(), op.cu_seqlens.begin(), sequences,
                   static_cast<int32_t>(op.ignore_index), op.labels.begin());
  }
  return device_status(error, "next_token_labels");
}

}  // namespace

template <>
Status run(const NextTokenLabels<float>& op, CudaContext& context) {
  return next_token_labels(op, context);
}
template <>
Status run(const NextTokenLabels<double>& op, CudaContext& context) {
  return next_token_labels(op, context);
}

}  // namespace belfry::cuda
