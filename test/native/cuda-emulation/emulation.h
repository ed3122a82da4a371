// What a test may ask of the emulated device and set on it.
//
// Environment, read when it is needed (a value set by a function below wins):
//   BELFRY_EMULATION_SEED          order of threads and blocks; 0 means ascending; default 1
//   BELFRY_EMULATION_MEMORY_BYTES  device memory; default 8 GiB
//   BELFRY_EMULATION_DEVICES       1, or 0 for a machine without a GPU; default 1
//   BELFRY_EMULATION_DRIVER        driver version, 0 for none; default 13000
//   BELFRY_EMULATION_QUERY_DELAY   how often a query of new work says "not ready"; default 0
#pragma once

#include <cstddef>
#include <cstdint>

#include "include/emulation/runtime_api.h"

namespace belfry::emulation {

void set_seed(std::uint64_t seed);
std::uint64_t seed();

void set_memory_limit(std::size_t bytes);
std::size_t memory_limit();

/// Makes the n-th call of the runtime from now (1 = the next) return `status`. An error that is
/// sticky in CUDA (an illegal address, say) is returned by every later call too.
void fail_call(int calls_from_now, cudaError_t status);
void clear_failures();

struct Counters {
  std::uint64_t launches = 0;  // since the program began
  std::uint64_t blocks = 0;
  std::uint64_t plain_launches = 0;  // of those, the ones that no graph made
  std::uint64_t graph_launches = 0;
  std::uint64_t node_updates = 0;
  std::size_t device_allocations = 0;  // alive now
  std::size_t device_bytes = 0;
  std::size_t pinned_allocations = 0;
  std::size_t streams = 0;
  std::size_t events = 0;
  std::size_t graphs = 0;  // their bodies and executables too
};
Counters counters();

}  // namespace belfry::emulation
