// Choosing the largest of many keys on the device, ties to the lower index, NaN last: a radix
// select of six passes over the keys, all counts being integers, so that the order of atomics does
// not matter. Nothing is read back. Bytes per key: 8 read in each pass and in two more for the
// flags.
#pragma once

#include <cstring>

#include "cuda/flow/work.cuh"
#include "math/host_device.h"

namespace belfry::cuda {

// The key of what is no candidate.
inline constexpr uint64_t kNoKey = 0;

// Keys in the order of their numbers; 0 and −0 are one, NaN counts as −Infinity.
BELFRY_HD inline uint64_t key_of(double x) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  if (x != x) x = -static_cast<double>(INFINITY);
  if (x == 0) x = 0;
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits & kSign ? ~bits : bits | kSign;
}
BELFRY_HD inline double number_of(uint64_t key) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  const uint64_t bits = key & kSign ? key ^ kSign : ~key;
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// How many are chosen.
struct Quota {
  double share = 0;                    // max(1, ⌊share · population⌋), or
  bool down_to_quantile = false;       // all from the number below the `share`-quantile upwards
  const double* population = nullptr;  // null: of the candidates
};

// What came out: the keys above `least` are chosen, and the first `ties` of those equal to it.
struct Selection {
  uint64_t least, known;  // `known`: the bits of `least` that have been found
  int64_t count, wanted, ties;
};

// Finds them. Null after a failure of the work.
const Selection* select_keys(const uint64_t* keys, int64_t total, const Quota& quota, Work& work);

// flags[i] = 1 where key i was chosen, else 0.
void flag_selected(const uint64_t* keys, int64_t total, const Selection* selection, uint8_t* flags,
                   Work& work);

}  // namespace belfry::cuda
