// Numbers for tests.
#pragma once

#include <cstdint>
#include <vector>

namespace belfry::test {

// Repeatable numbers in [−1, 1), different for each `seed`.
template <class T>
std::vector<T> numbers(int64_t count, uint32_t seed) {
  std::vector<T> values;
  uint32_t state = seed * 2654435761u + 1u;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    values.push_back(static_cast<T>(static_cast<double>(state >> 8) / 8388608.0 - 1));
  }
  return values;
}

}  // namespace belfry::test
