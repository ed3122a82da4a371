// What the kernels of a test need of a context; the backend's own knows of all ops.
#pragma once

#include <memory>
#include <vector>

#include "../numbers.h"
#include "cuda/device/context.cuh"
#include "device_array.h"

namespace belfry::cuda {

struct TestContext : CudaContext {
  std::vector<std::unique_ptr<emulation::DeviceArray<char>>> memory;

  explicit TestContext(bool tf32 = false) { takes_tf32_ = tf32; }
};

inline void* CudaContext::scratch_bytes(int64_t bytes) {
  auto& memory = static_cast<TestContext*>(this)->memory;
  memory.push_back(std::make_unique<emulation::DeviceArray<char>>(static_cast<std::size_t>(bytes)));
  return memory.back()->data();
}

inline Status device_status(cudaError_t error, const char* step) {
  return error == cudaSuccess ? Status{} : Status::error(Code::device_error, "", "%s", step);
}

inline Status CudaContext::read_back(void* host, const void* device, int64_t bytes) {
  return device_status(
      cudaMemcpy(host, device, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost), "read");
}

using test::numbers;

}  // namespace belfry::cuda
