// What a cudaError_t means to the caller, and running several steps until one fails.
// Functions of the backend return cudaError_t; nothing here throws, prints or exits.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdio>

namespace belfry::cuda {

inline bool ok(cudaError_t status) { return status == cudaSuccess; }

/// Runs the steps (callables returning cudaError_t) in order; stops at, and returns, the first
/// error.
template <class... Step>
cudaError_t in_order(Step&&... step) {
  cudaError_t status = cudaSuccess;
  static_cast<void>((ok(status = step()) && ...));
  return status;
}

/// True for errors after which no call on this device succeeds until the process ends.
inline bool is_device_lost(cudaError_t status) {
  switch (status) {
    case cudaErrorECCUncorrectable:
    case cudaErrorContained:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorContextIsDestroyed:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure: return true;
    default: return false;
  }
}

inline bool is_out_of_memory(cudaError_t status) { return status == cudaErrorMemoryAllocation; }

/// Writes "cudaErrorName: text" for the `cause` field of an error.
inline void describe(cudaError_t status, char* text, std::size_t size) {
  std::snprintf(text, size, "%s: %s", cudaGetErrorName(status), cudaGetErrorString(status));
}

}  // namespace belfry::cuda
