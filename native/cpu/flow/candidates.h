// The choice among candidates by their scores.
#pragma once

#include <cmath>
#include <cstdint>

namespace belfry::cpu {

// A NaN never wins over a number.
template <class T>
int32_t index_of_best(const T* q, int64_t count) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; ++i) {
    if (q[i] > q[best] || (q[best] != q[best] && q[i] == q[i])) best = i;
  }
  return static_cast<int32_t>(best);
}

template <class T>
void softmax(const T* q, int64_t count, T highest, T* out) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += std::exp(static_cast<double>(q[i] - highest));
  for (int64_t i = 0; i < count; ++i) {
    out[i] = static_cast<T>(std::exp(static_cast<double>(q[i] - highest)) / sum);
  }
}

}  // namespace belfry::cpu
