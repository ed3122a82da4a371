// Activation functions with their first and second derivatives. f32 and f64, no overflow at any x,
// NaN in, NaN out, the limits at ±Infinity.
//
// With t = tanh(softplus x), s = σ(x) and w = e^x:
//   mish' = t + x s (1 − t²),  mish'' = s (1 − t²)(2 + x (1 − s − 2 s t)),
//   t = n / (n + 2), 1 − t² = 4 (w + 1)² / (n + 2)², n = w (w + 2)          (arXiv 1908.08681)
//   gelu_tanh = x σ(2u), u = √(2/π)(x + 0.044715 x³); gelu_erf = x Φ(x)     (arXiv 1606.08415)
#pragma once

#include <cmath>

#include "math/host_device.h"
#include "ops/flow/network.h"

namespace belfry::math {

constexpr double kLeakySlope = 0.01;

template <class T>
struct Jet {
  T value, slope, curvature;
};

// σ(x) and 1 − σ(x), both accurate where they are small.
template <class T>
struct SigmoidPair {
  T value, complement;
};

template <class T>
BELFRY_HD inline SigmoidPair<T> sigmoid_pair(T x) {
  using std::exp;
  using std::fabs;
  const T e = exp(-fabs(x));
  const T larger = 1 / (1 + e);
  const T smaller = e * larger;
  return x > 0 ? SigmoidPair<T>{larger, smaller} : SigmoidPair<T>{smaller, larger};
}

// Where e^x and every slope have long reached their limits; keeps ∞·0 out of the products.
template <class T>
BELFRY_HD constexpr T not_below_far(T x) {
  return x < T(-1000) ? T(-1000) : x;
}
template <class T>
BELFRY_HD constexpr T not_far(T x) {
  return x > T(1000) ? T(1000) : not_below_far(x);
}

template <class T>
BELFRY_HD constexpr Jet<T> relu_jet(T x) {
  return {x < 0 ? T(0) : x, x > 0 ? T(1) : T(0), T(0)};
}

template <class T>
BELFRY_HD constexpr Jet<T> leaky_relu_jet(T x) {
  return {x > 0 ? x : x * T(kLeakySlope), x > 0 ? T(1) : T(kLeakySlope), T(0)};
}

template <class T>
BELFRY_HD inline Jet<T> tanh_jet(T x) {
  using std::tanh;
  const T t = tanh(x);
  const T slope = 1 - t * t;
  return {t, slope, -2 * t * slope};
}

template <class T>
BELFRY_HD inline Jet<T> sigmoid_jet(T x) {
  const SigmoidPair<T> s = sigmoid_pair(x);
  const T slope = s.value * s.complement;
  return {s.value, slope, slope * (s.complement - s.value)};
}

template <class T>
BELFRY_HD inline Jet<T> softplus_jet(T x) {
  using std::exp;
  using std::fabs;
  using std::log1p;
  const SigmoidPair<T> s = sigmoid_pair(x);
  const T positive = x < 0 ? T(0) : x;
  return {positive + log1p(exp(-fabs(x))), s.value, s.value * s.complement};
}

template <class T>
BELFRY_HD inline Jet<T> elu_jet(T x) {
  using std::exp;
  using std::expm1;
  if (x > 0) return {x, T(1), T(0)};
  return {expm1(x), exp(x), exp(x)};
}

template <class T>
BELFRY_HD inline Jet<T> silu_jet(T x) {
  const SigmoidPair<T> s = sigmoid_pair(x);
  const T near = not_far(x);
  const T slope = s.value * s.complement;
  return {not_below_far(x) * s.value, s.value + near * slope,
          slope * (2 + near * (s.complement - s.value))};
}

template <class T>
BELFRY_HD inline Jet<T> mish_jet(T x) {
  using std::exp;
  if (x >= T(20)) return {x, T(1), T(0)};
  const T near = not_below_far(x);
  const T w = exp(near);
  const T n = w * (w + 2);
  const T inverse = 1 / (n + 2);
  const T t = n * inverse;
  const T s = w / (1 + w);
  const T product = 4 * (w * inverse) * ((w + 1) * inverse);  // s (1 − t²)
  return {near * t, t + near * product, product * (2 + near * (1 - s - 2 * s * t))};
}

template <class T>
BELFRY_HD inline Jet<T> gelu_tanh_jet(T x) {
  constexpr T kScale = T(1.5957691216057307118);  // 2 √(2/π)
  constexpr T kCube = T(0.044715);
  const T near = not_far(x);
  const T square = near * near;
  const SigmoidPair<T> s = sigmoid_pair(kScale * near * (1 + kCube * square));
  const T inner = kScale * (1 + 3 * kCube * square);  // d(2u)/dx
  const T bell = s.value * s.complement;
  const T slope = bell * inner;
  const T curvature = bell * ((s.complement - s.value) * inner * inner + kScale * 6 * kCube * near);
  return {not_below_far(x) * s.value, s.value + near * slope, 2 * slope + near * curvature};
}

template <class T>
BELFRY_HD inline Jet<T> gelu_erf_jet(T x) {
  using std::erfc;
  using std::exp;
  const T near = not_far(x);
  const T cdf = erfc(near * T(-0.70710678118654752440)) / 2;
  const T density = exp(near * near / -2) * T(0.39894228040143267794);
  return {not_below_far(x) * cdf, cdf + near * density, density * (2 - near * near)};
}

template <class T>
BELFRY_HD inline Jet<T> activation_jet(Activation kind, T x) {
  switch (kind) {
    case Activation::identity: return {x, T(1), T(0)};
    case Activation::relu: return relu_jet(x);
    case Activation::leaky_relu: return leaky_relu_jet(x);
    case Activation::tanh: return tanh_jet(x);
    case Activation::sigmoid: return sigmoid_jet(x);
    case Activation::softplus: return softplus_jet(x);
    case Activation::elu: return elu_jet(x);
    case Activation::silu: return silu_jet(x);
    case Activation::mish: return mish_jet(x);
    case Activation::gelu_tanh: return gelu_tanh_jet(x);
    case Activation::gelu_erf: return gelu_erf_jet(x);
  }
  return {x, T(1), T(0)};
}

}  // namespace belfry::math
