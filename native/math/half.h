// bf16 and f16, as bit patterns, to and from float, one value at a time.
//
// To float: exact. To half: round to nearest even, too large becomes infinity, subnormals are kept,
// NaN stays NaN (quiet, top payload bits kept). The vector layer gives the same bits.
#pragma once

#include <cstdint>
#include <cstring>

#include "belfry/views.h"
#include "math/host_device.h"

namespace belfry::math {

BELFRY_HD inline float float_of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

BELFRY_HD inline uint32_t bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// A bf16 is the upper half of a float.
BELFRY_HD inline float bf16_to_float(uint16_t half) {
  return float_of_bits(static_cast<uint32_t>(half) << 16);
}

BELFRY_HD inline uint16_t float_to_bf16(float value) {
  const uint32_t bits = bits_of_float(value);
  if (value != value) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

BELFRY_HD inline float f16_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t magnitude = half & 0x7fffu;
  if (magnitude >= 0x7c00u) {
    const uint32_t quiet = magnitude > 0x7c00u ? 0x400000u : 0u;
    return float_of_bits(sign | 0x7f800000u | quiet | (magnitude << 13));
  }
  // The exponent is off by 127 - 15; a multiplication repairs it, for subnormals too.
  return float_of_bits(sign | bits_of_float(float_of_bits(magnitude << 13) * 0x1p112f));
}

BELFRY_HD inline uint16_t float_to_f16(float value) {
  const uint32_t bits = bits_of_float(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7fffffffu;
  uint32_t half;
  if (magnitude > 0x7f800000u) {
    half = ((magnitude >> 13) & 0x3ffu) | 0x7e00u;
  } else if (magnitude >= (143u << 23)) {
    half = 0x7c00u;
  } else if (magnitude < (113u << 23)) {
    // The last bit of 0.5f is worth 2^-24, the last bit of a subnormal half: the adder rounds.
    half = bits_of_float(float_of_bits(magnitude) + 0.5f) - (126u << 23);
  } else {
    half = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
  }
  return static_cast<uint16_t>(sign | half);
}

// Whether element i of an array of real numbers is NaN.
BELFRY_HD inline bool is_nan_at(const void* data, DType dtype, int64_t i) {
  switch (dtype) {
    case DType::f64: {
      const double x = static_cast<const double*>(data)[i];
      return x != x;
    }
    case DType::bf16: return (static_cast<const uint16_t*>(data)[i] & 0x7fffu) > 0x7f80u;
    case DType::f16: return (static_cast<const uint16_t*>(data)[i] & 0x7fffu) > 0x7c00u;
    default: {
      const float x = static_cast<const float*>(data)[i];
      return x != x;
    }
  }
}

}  // namespace belfry::math
