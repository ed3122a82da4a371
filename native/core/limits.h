// What this machine can do at best: the figures a benchmark is held against.
#pragma once

namespace belfry::core {

struct MachineLimits {
  // Bytes read + bytes written, arrays far larger than the caches of a core.
  double copy_bytes_per_second = 0;
  double read_bytes_per_second = 0;
  // Copies that stay in cache: 16 MB over all cores, and half a megabyte in each.
  double shared_cache_copy_bytes_per_second = 0;
  double core_cache_copy_bytes_per_second = 0;
  // 8 MB read and 4 MB written past the caches as a call does that comes after other work: the data
  // in memory, the threads asleep. The median: being woken takes its time at every call.
  double cold_bytes_per_second = 0;
  double gathers_per_second = 0;      // random reads of an 8 MB table of float64
  double gathers_f32_per_second = 0;  // of a 4 MB table of float32
  double fma_f32_per_second = 0;      // floating-point operations, 2 per multiply-add
  double fma_f64_per_second = 0;
};

// Measured anew at each call, with the threads the pool may use; about a second.
MachineLimits measure_limits();

}  // namespace belfry::core
