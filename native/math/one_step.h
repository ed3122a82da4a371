// Steps of a sampler of actions, and the choice among candidates (arXiv 2502.02538, 2508.13904).
#pragma once

#include <cmath>
#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

// The time at which step i of K evaluates the velocity.
template <class T>
BELFRY_HD constexpr T euler_time(int64_t i, int64_t steps, bool noise_at_t1) {
  const T done = static_cast<T>(i) / static_cast<T>(steps);
  return noise_at_t1 ? 1 - done : done;
}

// x + v/K towards data at t = 1, x − v/K towards data at t = 0.
template <class T>
BELFRY_HD inline T euler_step(T x, T v, int64_t steps, bool noise_at_t1) {
  using std::fma;
  return fma(v, (noise_at_t1 ? T(-1) : T(1)) / static_cast<T>(steps), x);
}

// Within ±limit; NaN passes.
template <class T>
BELFRY_HD constexpr T clip_action(T x, T limit) {
  return x < -limit ? -limit : x > limit ? limit : x;
}

// The smaller of two scores; NaN when either is.
template <class T>
BELFRY_HD constexpr T smaller_score(T a, T b) {
  return b < a || b != b ? b : a;
}

// One of the candidates of a state; index −1: none yet.
template <class T>
struct Candidate {
  T score;
  int64_t index;
};

// Associative and commutative. A NaN never wins over a number; ties go to the lowest index.
template <class T>
BELFRY_HD constexpr Candidate<T> better(Candidate<T> a, Candidate<T> b) {
  if (b.index < 0) return a;
  if (a.index < 0) return b;
  const bool a_nan = a.score != a.score, b_nan = b.score != b.score;
  if (a_nan != b_nan) return a_nan ? b : a;
  if (a.score > b.score) return a;
  if (b.score > a.score) return b;
  return a.index < b.index ? a : b;
}

}  // namespace belfry::math
