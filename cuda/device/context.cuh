// What a CUDA kernel's launcher may use besides its op: the stream and scratch device memory.
#pragma once

#include <cuda_runtime.h>

#include "belfry/backend.h"
#include "cuda/device/launch.cuh"

namespace belfry {

struct Context {};

namespace cuda {

// Turns a driver's error into a Status that names the op's step.
Status device_status(cudaError_t error, const char* step);

class CudaContext : public Context {
 public:
  cudaStream_t stream() const { return stream_; }
  int device() const { return device_; }
  int multiprocessors() const { return multiprocessors_; }

  // Device memory of the caching allocator, handed back (in stream order) when the op's launches
  // have been queued; null when there is none, and `failure()` says so.
  template <class T>
  T* scratch(int64_t count) {
    return static_cast<T*>(scratch_bytes(count * static_cast<int64_t>(sizeof(T))));
  }
  Status failure() const { return failure_; }

  // Copies a few bytes to the host and waits for them: for solvers that test convergence.
  Status read_back(void* host, const void* device, int64_t bytes);

  bool stopped() const {
    return monitor_ && monitor_->stopped && monitor_->stopped(monitor_->self);
  }
  void report(int64_t iteration, int64_t total, double residual) const {
    if (monitor_ && monitor_->report) monitor_->report(monitor_->self, iteration, total, residual);
  }

 protected:
  void* scratch_bytes(int64_t bytes);

  cudaStream_t stream_ = nullptr;
  int device_ = 0;
  int multiprocessors_ = 1;
  const Monitor* monitor_ = nullptr;
  Status failure_;
};

// The one entry a CUDA op offers; each op's file specialises it for float and double.
template <class Op>
Status run(const Op& op, CudaContext& context);

}  // namespace cuda
}  // namespace belfry
