// How host code starts a kernel on the emulated device (device/launch.cuh is its only caller).
#pragma once

#include <cstddef>
#include <functional>
#include <tuple>

#include "runtime_api.h"
#include "vector_types.h"

namespace belfry::emulation {

struct KernelLaunch {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;
  cudaStream_t stream = nullptr;
  const void* kernel = nullptr;  // its address: limits set for it, its name
  std::function<void()> call;    // runs the kernel for the current thread
};

/// Runs every block of the launch to its end, on the calling thread; or records the launch, if that
/// thread records the stream's work in a graph.
cudaError_t launch(const KernelLaunch& what);

template <class... P>
cudaError_t launch_kernel(void (*kernel)(P...), dim3 grid, dim3 block, std::size_t shared_bytes,
                          cudaStream_t stream, const std::tuple<P...>& arguments) {
  KernelLaunch what{grid, block, shared_bytes, stream, reinterpret_cast<const void*>(kernel), {}};
  what.call = [kernel, arguments] { std::apply(kernel, arguments); };
  return launch(what);
}

}  // namespace belfry::emulation
