// Merging the choices of several threads.
#pragma once

#include <cuda_runtime.h>

#include "math/bellman.h"

namespace belfry::cuda {

// The lower action of equal keys, the first of NaNs: what one scan in order would have kept.
struct EarlierChoice {
  template <class T>
  __device__ math::GreedyChoice<T> operator()(math::GreedyChoice<T> a,
                                              const math::GreedyChoice<T>& b) const {
    if (b.action < 0) return a;
    const bool same = a.key == b.key || (a.key != a.key && b.key != b.key);
    if (a.action >= 0 && same) return a.action < b.action ? a : b;
    a.offer(b.action, b.key);
    return a;
  }
};

}  // namespace belfry::cuda
