// What a CUDA kernel's launcher may use besides its op: the stream and scratch device memory.
#pragma once

#include <cuda_runtime.h>

#include "belfry/backend.h"
#include "cuda/device/launch.cuh"

namespace belfry {

struct Context {};

namespace cuda {

struct LoopState;  // cuda/device/loop.cuh

// Turns a driver's error into a Status that names the op's step.
Status device_status(cudaError_t error, const char* step);

inline Status stopped_by_caller() {
  return Status::error(Code::aborted, "", "stopped by the caller");
}

class CudaContext : public Context {
 public:
  cudaStream_t stream() const { return stream_; }
  int device() const { return device_; }
  int multiprocessors() const { return multiprocessors_; }
  // Whether float products of matrices round their operands to tf32, for this op.
  bool takes_tf32() const { return takes_tf32_; }

  // Device memory of the caching allocator, handed back (in stream order) when the op's launches
  // have been queued; null when there is none, and `failure()` says so.
  template <class T>
  T* scratch(int64_t count) {
    return static_cast<T*>(scratch_bytes(count * static_cast<int64_t>(sizeof(T))));
  }
  Status failure() const { return failure_; }

  // Copies a few bytes to the host and waits for them.
  Status read_back(void* host, const void* device, int64_t bytes);

  // Host memory that the device sees, of one loop at a time.
  LoopState* loop_state() const { return loop_state_; }

  // Whether anyone listens to reports, or may stop the work.
  bool monitored() const { return monitor_ != nullptr; }
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
  bool takes_tf32_ = false;
  const Monitor* monitor_ = nullptr;
  LoopState* loop_state_ = nullptr;
  Status failure_;
};

// The one entry a CUDA op offers; each op's file specialises it for float and double.
template <class Op>
Status run(const Op& op, CudaContext& context);

}  // namespace cuda
}  // namespace belfry
