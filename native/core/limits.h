// What this machine can do at best: the figures a benchmark is held against.
#pragma once

namespace belfry::core {

struct MachineLimits {
  double copy_bytes_per_second = 0;  // bytes read + bytes written, arrays far larger than caches
  double read_bytes_per_second = 0;
  double gathers_per_second = 0;  // random reads of an 8 MB table of float64
  double fma_f32_per_second = 0;  // floating-point operations, 2 per multiply-add
  double fma_f64_per_second = 0;
};

// Measured anew at each call, with the threads the pool may use; about a second.
MachineLimits measure_limits();

}  // namespace belfry::core
