// One launch without the kernel's types, as the runtime takes it.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

#include "cuda/device/check.cuh"

namespace belfry::cuda {

struct LaunchShape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;
};

struct KernelCall {
  const void* kernel;
  LaunchShape shape;
  void** arguments;  // where the value of each lies
};

// A kernel that asks for much shared memory has to be told so first. Its static shared memory
// counts towards the device's 48 KiB as well; asking early leaves room for it.
inline cudaError_t ask_for_shared_memory(const KernelCall& call) {
  constexpr std::size_t kWithoutAsking = 32 * 1024;
  if (call.shape.shared_bytes <= kWithoutAsking) return cudaSuccess;
  return cudaFuncSetAttribute(call.kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                              static_cast<int>(call.shape.shared_bytes));
}

// Queues it now.
inline cudaError_t start(const KernelCall& call, cudaStream_t stream) {
  cudaError_t status = ask_for_shared_memory(call);
  if (ok(status)) {
#if defined(BELFRY_CUDA_EMULATION)
    status = emulation::launch_kernel(call.kernel, call.shape.grid, call.shape.block,
                                      call.shape.shared_bytes, stream, call.arguments);
#else
    cudaLaunchConfig_t config{};
    config.gridDim = call.shape.grid;
    config.blockDim = call.shape.block;
    config.dynamicSmemBytes = call.shape.shared_bytes;
    config.stream = stream;
    status = cudaLaunchKernelExC(&config, call.kernel, call.arguments);
#endif
  }
  // The runtime keeps a copy of the error, and must not blame a later call for it. Read only on
  // failure: it may be that of a call before, such as an allocation that was tried again.
  if (!ok(status)) static_cast<void>(cudaGetLastError());
  return status;
}

}  // namespace belfry::cuda
