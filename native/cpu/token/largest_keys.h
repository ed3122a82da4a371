// Choosing the largest of many keys, ties to the lower index, NaN last.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace belfry::cpu {

struct Keyed {
  double key;
  int64_t index;

  bool operator<(const Keyed& other) const {
    return key != other.key ? key > other.key : index < other.index;
  }
};

// Keys of NaN in a total order, behind all others.
inline Keyed keyed(double key, int64_t index) { return {std::isnan(key) ? -HUGE_VAL : key, index}; }

// Brings the `wanted` largest keys to the front, in any order.
inline void largest_first(Keyed* keys, int64_t count, int64_t wanted) {
  if (wanted < count) std::nth_element(keys, keys + wanted, keys + count);
}

}  // namespace belfry::cpu
