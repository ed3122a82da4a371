// Storage types of half precision, to and from the type that is computed in.
#pragma once

#include <cuda_runtime.h>

#include <type_traits>

#include "math/half.h"

namespace belfry::cuda {

struct Bf16 {
  uint16_t bits;
};
struct F16 {
  uint16_t bits;
};

__device__ inline float to_real(float x) { return x; }
__device__ inline double to_real(double x) { return x; }
__device__ inline float to_real(Bf16 x) { return math::bf16_to_float(x.bits); }

// The instructions give the bits of math/half.h, but for a NaN's.
__device__ inline float to_real(F16 x) {
#if defined(__CUDA_ARCH__)
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(x.bits));
  return value;
#else
  return math::f16_to_float(x.bits);
#endif
}

__device__ inline F16 to_f16(float x) {
#if defined(__CUDA_ARCH__)
  F16 stored;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(stored.bits) : "f"(x));
  return stored;
#else
  return {math::float_to_f16(x)};
#endif
}

template <class To, class C>
__device__ To from_real(C x) {
  if constexpr (sizeof(To) > 2)
    return x;
  else if constexpr (std::is_same_v<To, Bf16>)
    return {math::float_to_bf16(x)};
  else
    return to_f16(x);
}

}  // namespace belfry::cuda
