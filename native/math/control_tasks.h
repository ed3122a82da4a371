// One step of each control task (control_tasks-inl.h) on scalars, and the starts of episodes.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/host_device.h"
#include "math/philox.h"
#include "ops/offline/control_tasks.h"

namespace belfry::math {

namespace control_scalars {

template <class V>
using MaskOf = bool;
template <class V>
using ScalarOf = V;

template <class T>
struct Turn {
  T sin, cos;
};

template <class T>
BELFRY_HD inline T select(bool condition, T a, T b) {
  return condition ? a : b;
}
// NaN stays NaN.
template <class T>
BELFRY_HD inline T clamp(T x, T low, T high) {
  return x < low ? low : x > high ? high : x;
}
template <class T>
BELFRY_HD inline T floor(T x) {
  return std::floor(x);
}
template <class T>
BELFRY_HD inline T sqrt(T x) {
  return std::sqrt(x);
}
template <class T>
BELFRY_HD inline Turn<T> sincos(T x) {
  return {std::sin(x), std::cos(x)};
}

#define BELFRY_FORMULA BELFRY_HD inline
#include "math/control_tasks-inl.h"
#undef BELFRY_FORMULA

}  // namespace control_scalars

using control_scalars::control_observe;
using control_scalars::control_step;
using control_scalars::ControlResult;

// The first state of an episode: its kStateSize numbers.
struct ControlStart {
  double state[4];
};

// A number of [low, high) from 32 random bits.
BELFRY_HD inline double uniform_between(double low, double high, uint32_t bits) {
  return low + (high - low) * (bits * (1.0 / 4294967296.0));
}

BELFRY_HD inline ControlStart control_start(PendulumTask, Philox4 draw, uint64_t, uint64_t) {
  constexpr double kPi = 3.14159265358979323846;
  return {{uniform_between(-kPi, kPi, draw.x0), uniform_between(-1, 1, draw.x1)}};
}
BELFRY_HD inline ControlStart control_start(MountainCarTask, Philox4 draw, uint64_t, uint64_t) {
  return {{uniform_between(-0.6, -0.4, draw.x0), 0}};
}
BELFRY_HD inline ControlStart control_start(MountainCarContinuousTask, Philox4 draw, uint64_t,
                                            uint64_t) {
  return {{uniform_between(-0.6, -0.4, draw.x0), 0}};
}
BELFRY_HD inline ControlStart all_between(double low, double high, Philox4 draw) {
  return {{uniform_between(low, high, draw.x0), uniform_between(low, high, draw.x1),
           uniform_between(low, high, draw.x2), uniform_between(low, high, draw.x3)}};
}
BELFRY_HD inline ControlStart control_start(CartPoleTask, Philox4 draw, uint64_t, uint64_t) {
  return all_between(-0.05, 0.05, draw);
}
BELFRY_HD inline ControlStart control_start(AcrobotTask, Philox4 draw, uint64_t, uint64_t) {
  return all_between(-0.1, 0.1, draw);
}
BELFRY_HD inline ControlStart control_start(CarOnTheHillTask, Philox4, uint64_t, uint64_t) {
  return {{-0.5, 0}};
}
BELFRY_HD inline ControlStart control_start(MultiGoalTask, Philox4, uint64_t seed, uint64_t index) {
  return {{0.1 * standard_normal(seed, 4 * index), 0.1 * standard_normal(seed, 4 * index + 1)}};
}

}  // namespace belfry::math
