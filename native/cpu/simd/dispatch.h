// Everything that must be seen before the first target region, and BELFRY_DISPATCH.
#ifndef BELFRY_CPU_SIMD_DISPATCH_H_
#define BELFRY_CPU_SIMD_DISPATCH_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/cpu_features.h"

// Every function of the vector layer: no symbol is left behind for the linker to merge.
#define BELFRY_INLINE inline __attribute__((always_inline))
// A step of a kernel that handles a block at a time: one copy of it, or the code grows.
#define BELFRY_NOINLINE __attribute__((noinline))

namespace belfry::cpu {

#if defined(__x86_64__)

template <class Fn>
Fn* pick_level(Fn* at_baseline, Fn* at_avx2, Fn* at_avx512) {
  switch (core::cpu_level()) {
    case core::CpuLevel::kAvx512: return at_avx512;
    case core::CpuLevel::kAvx2: return at_avx2;
    default: return at_baseline;
  }
}

// Function pointer of this process's level. Use inside namespace belfry::cpu.
#define BELFRY_DISPATCH(...)                                        \
  (::belfry::cpu::pick_level(&::belfry::cpu::baseline::__VA_ARGS__, \
                             &::belfry::cpu::avx2::__VA_ARGS__,     \
                             &::belfry::cpu::avx512::__VA_ARGS__))

#else

#define BELFRY_DISPATCH(...) (&::belfry::cpu::baseline::__VA_ARGS__)

#endif

}  // namespace belfry::cpu

#endif  // BELFRY_CPU_SIMD_DISPATCH_H_
