// What the parts of the emulated runtime share. All of it is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

#include "emulation.h"

namespace belfry::emulation {

std::uint64_t environment_number(const char* name, std::uint64_t otherwise);

/// The error every call returns now (no device, an injected failure), or cudaSuccess.
cudaError_t device_state();

/// Notes an error for cudaGetLastError, and returns it.
cudaError_t note(cudaError_t status);

/// Whether the calling thread records the work of a stream in a graph.
bool thread_records();

/// Adds a launch to the graph that the calling thread records the stream's work in, if it does.
bool record(cudaStream_t stream, std::function<void()> kernel);

/// What a kernel node or a launch does, with a copy of its arguments; or the error of its kernel,
/// shape or memory.
cudaError_t make_kernel_work(const cudaKernelNodeParams& params, std::function<void()>* work);

template <class Body>
cudaError_t call_while_recording(Body body) {
  const cudaError_t state = device_state();
  return note(state == cudaSuccess ? body() : state);
}

/// For all that must not happen while the thread records.
template <class Body>
cudaError_t runtime_call(Body body) {
  return call_while_recording(
      [&] { return thread_records() ? cudaErrorStreamCaptureUnsupported : body(); });
}

/// Held by whoever runs a kernel or touches device memory.
std::mutex& device_mutex();

/// Lets kernels reach device memory. Everywhere else it is poisoned, so that AddressSanitizer
/// reports host code that follows a device pointer. The caller holds the device mutex.
void open_device_memory();
void close_device_memory();

/// Waits for the host functions and graphs of a stream; false if there is no such stream.
bool wait_for_stream(cudaStream_t stream);

/// Runs work on the stream's own thread, behind what runs there; false if there is no such stream.
bool run_later(cudaStream_t stream, std::function<void()> work);

/// Set on the thread that runs a host function: CUDA forbids calls of the runtime there.
extern thread_local bool in_host_function;

/// How often a query of new work answers "not ready".
int query_delay();

void count_memory(Counters& counters);
void count_streams(Counters& counters);
void count_graphs(Counters& counters);

inline constexpr int kMaxThreadsPerBlock = 1024;
inline constexpr std::size_t kDefaultSharedBytes = 48 * 1024;
inline constexpr std::size_t kMaxSharedBytes = 227 * 1024;

}  // namespace belfry::emulation
