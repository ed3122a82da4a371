// Copies from global to shared memory that run while the thread goes on (cp.async, sm_80 and up;
// plain copies before). A thread may read what it copied itself after copy_async_wait; the other
// threads' parts need a __syncthreads() after that.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace belfry::cuda {

/// Begins to copy 16 bytes. Both addresses must be multiples of 16.
__device__ inline void copy_async_16(void* shared, const void* global) {
#if defined(BELFRY_CUDA_EMULATION)
  emulation::copy_async(shared, global, 16);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(global) : "memory");
#else
  *static_cast<uint4*>(shared) = *static_cast<const uint4*>(global);
#endif
}

/// Begins to copy 4 bytes. Both addresses must be multiples of 4.
__device__ inline void copy_async_4(void* shared, const void* global) {
#if defined(BELFRY_CUDA_EMULATION)
  emulation::copy_async(shared, global, 4);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(global) : "memory");
#else
  *static_cast<uint32_t*>(shared) = *static_cast<const uint32_t*>(global);
#endif
}

/// Makes one group of the copies this thread began since the last commit.
__device__ inline void copy_async_commit() {
#if defined(BELFRY_CUDA_EMULATION)
  emulation::copy_async_commit();
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits until at most kPending of this thread's groups, the youngest ones, are under way.
template <int kPending>
__device__ inline void copy_async_wait() {
#if defined(BELFRY_CUDA_EMULATION)
  emulation::copy_async_wait(kPending);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
#endif
}

}  // namespace belfry::cuda
