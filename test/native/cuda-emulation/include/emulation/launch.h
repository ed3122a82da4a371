// How host code starts a kernel on the emulated device (device/launch.cuh is its only caller).
#pragma once

#include <cstddef>
#include <tuple>

#include "runtime_api.h"
#include "vector_types.h"

namespace belfry::emulation {

struct KernelLaunch {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;
  cudaStream_t stream = nullptr;
  const void* kernel = nullptr;               // its address: limits set for it, its name
  void (*call)(const void* bound) = nullptr;  // runs the kernel for the current thread
  const void* bound = nullptr;                // the kernel and its arguments
};

/// Runs every block of the launch to its end, on the calling thread.
cudaError_t launch(const KernelLaunch& what);

template <class... P>
cudaError_t launch_kernel(void (*kernel)(P...), dim3 grid, dim3 block, std::size_t shared_bytes,
                          cudaStream_t stream, const std::tuple<P...>& arguments) {
  struct Bound {
    void (*kernel)(P...);
    const std::tuple<P...>& arguments;
  };
  const Bound bound{kernel, arguments};
  KernelLaunch what{grid, block, shared_bytes, stream, reinterpret_cast<const void*>(kernel)};
  what.bound = &bound;
  what.call = [](const void* pointer) {
    const auto& self = *static_cast<const Bound*>(pointer);
    std::apply(self.kernel, self.arguments);
  };
  return launch(what);
}

}  // namespace belfry::emulation
