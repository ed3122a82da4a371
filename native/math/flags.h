// Reads a flag operand (uint8 or int32, or absent) the same way in CPU and CUDA kernels.
#pragma once

#include <cstdint>

#include "belfry/views.h"
#include "math/host_device.h"

namespace belfry::math {

struct FlagReader {
  const uint8_t* bytes = nullptr;
  const int32_t* words = nullptr;
  bool absent_value = true;

  BELFRY_HD bool operator()(int64_t i) const {
    if (bytes) return bytes[i] != 0;
    if (words) return words[i] != 0;
    return absent_value;
  }
  BELFRY_HD bool given() const { return bytes || words; }
  // The flags from number `first` on.
  BELFRY_HD FlagReader from(int64_t first) const {
    FlagReader rest = *this;
    if (bytes) rest.bytes += first;
    if (words) rest.words += first;
    return rest;
  }
};

// Whether some action of a state is allowed. A state without one is worth exactly 0.
BELFRY_HD inline bool any_allowed(const FlagReader& mask, int64_t state, int64_t num_actions) {
  for (int64_t row = state * num_actions; row < (state + 1) * num_actions; ++row) {
    if (mask(row)) return true;
  }
  return false;
}

template <int R>
FlagReader read_flags(const Flags<R>& flags, bool absent_value) {
  FlagReader reader;
  reader.absent_value = absent_value;
  if (!flags.present || flags.size() == 0) return reader;
  if (flags.dtype == DType::u8)
    reader.bytes = static_cast<const uint8_t*>(flags.data);
  else
    reader.words = static_cast<const int32_t*>(flags.data);
  return reader;
}

}  // namespace belfry::math
