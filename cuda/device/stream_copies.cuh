// Device memory copied and filled in the order of a stream. With launch() and read_back() the only
// ways in which an op gives work to its stream: what was recorded before goes first.
#pragma once

#include "cuda/device/recording.cuh"

namespace belfry::cuda {

inline cudaError_t copy_on(cudaStream_t stream, void* to, const void* from, std::size_t bytes,
                           cudaMemcpyKind kind) {
  return in_order([] { return stop_recording(); },
                  [&] { return cudaMemcpyAsync(to, from, bytes, kind, stream); });
}

// Every byte becomes `value`.
inline cudaError_t fill_on(cudaStream_t stream, void* data, int value, std::size_t bytes) {
  return in_order([] { return stop_recording(); },
                  [&] { return cudaMemsetAsync(data, value, bytes, stream); });
}

// Waits for a copy of host memory, which may go as soon as this returns.
inline cudaError_t upload_on(cudaStream_t stream, void* to, const void* from, std::size_t bytes) {
  return in_order([&] { return copy_on(stream, to, from, bytes, cudaMemcpyHostToDevice); },
                  [&] { return cudaStreamSynchronize(stream); });
}

}  // namespace belfry::cuda
