// Counter-based random numbers: Philox 4x32-10 of Salmon, Moraes, Dror & Shaw, Parallel Random
// Numbers: As Easy as 1, 2, 3 (SC 2011). Element i of stream `seed` is a function of the two, so
// both processors and any number of threads draw the same.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

struct Philox4 {
  uint32_t x0, x1, x2, x3;
};

// One block of four words for a 128-bit counter and a 64-bit key.
BELFRY_HD constexpr Philox4 philox4x32_10(uint64_t counter_low, uint64_t counter_high,
                                          uint64_t key) {
  Philox4 c{static_cast<uint32_t>(counter_low), static_cast<uint32_t>(counter_low >> 32),
            static_cast<uint32_t>(counter_high), static_cast<uint32_t>(counter_high >> 32)};
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p = uint64_t{0xD2511F53u} * c.x0;
    const uint64_t q = uint64_t{0xCD9E8D57u} * c.x2;
    c = {static_cast<uint32_t>(q >> 32) ^ c.x1 ^ k0, static_cast<uint32_t>(q),
         static_cast<uint32_t>(p >> 32) ^ c.x3 ^ k1, static_cast<uint32_t>(p)};
    k0 += 0x9E3779B9u;  // golden ratio
    k1 += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return c;
}

// Element `index` of the standard normal stream `seed`: the two words of its pair through Box and
// Muller, cosine for even elements and sine for odd ones.
BELFRY_HD inline double standard_normal(uint64_t seed, uint64_t index) {
  using std::cos;
  using std::log;
  using std::sin;
  using std::sqrt;
  constexpr double kTwoPi = 6.283185307179586476925;
  constexpr double kScale = 1.0 / 4294967296.0;
  const Philox4 block = philox4x32_10(index / 4, 0, seed);
  const bool first_pair = index % 4 < 2;
  const double radius_draw = first_pair ? block.x0 : block.x2;
  const double angle_draw = first_pair ? block.x1 : block.x3;
  // Adding one keeps the logarithm finite.
  const double radius = sqrt(-2 * log((radius_draw + 1) * kScale));
  const double angle = kTwoPi * (angle_draw * kScale);
  return radius * (index % 2 == 0 ? cos(angle) : sin(angle));
}

}  // namespace belfry::math
