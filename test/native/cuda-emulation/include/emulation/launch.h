// How host code starts a kernel on the emulated device (device/launch.cuh is its only caller).
#pragma once

#include <cstddef>
#include <functional>
#include <tuple>
#include <utility>

#include "runtime_api.h"
#include "vector_types.h"

namespace belfry::emulation {

struct KernelLaunch {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;
  const void* kernel = nullptr;  // its address: limits set for it, its name
  std::function<void()> call;    // runs the kernel for the current thread
};

/// Copies arguments, of the types that a kernel takes, and makes the call of that kernel with them.
using BindArguments = std::function<void()> (*)(const void* kernel, void* const* arguments);

/// The runtime knows a kernel by its address alone: this tells it what the kernel's arguments are,
/// as nvcc does in the tables of a module.
void make_known(const void* kernel, BindArguments bind);

template <class... P, std::size_t... I>
std::function<void()> bind_arguments(void (*kernel)(P...), void* const* pointers,
                                     std::index_sequence<I...>) {
  static_cast<void>(pointers);
  const std::tuple<P...> arguments(*static_cast<const P*>(pointers[I])...);
  return [kernel, arguments] { std::apply(kernel, arguments); };
}

template <class... P>
void make_known(void (*kernel)(P...)) {
  const BindArguments bind = [](const void* address, void* const* pointers) {
    return bind_arguments(reinterpret_cast<void (*)(P...)>(const_cast<void*>(address)), pointers,
                          std::index_sequence_for<P...>{});
  };
  make_known(reinterpret_cast<const void*>(kernel), bind);
}

/// Runs every block of the launch to its end, on the calling thread; or records the launch, if that
/// thread records the stream's work in a graph. Of a kernel that is not known:
/// cudaErrorInvalidDeviceFunction.
cudaError_t launch_kernel(const void* kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
                          cudaStream_t stream, void* const* arguments);

}  // namespace belfry::emulation
