// Activations and their first derivatives on Vec<float> and Vec<double>, and the normal
// distribution function behind the exact GELU. Two forms each: f(x), and f_with_grad(x), which
// shares the exponential. NaN in, NaN out, except in the derivatives of relu and leaky_relu, which
// are steps. At -infinity mish, silu and both gelu are NaN.
//
// Error bounds are in math-inl.h.

namespace belfry::cpu::BELFRY_ISA {

template <class T>
struct ValueGrad {
  Vec<T> value, grad;
};

namespace detail {

// min, max with NaN passed on: the second operand survives.
template <class T>
BELFRY_INLINE Vec<T> at_most(T limit, Vec<T> x) {
  return min(Vec<T>(limit), x);
}
template <class T>
BELFRY_INLINE Vec<T> at_least(T limit, Vec<T> x) {
  return max(Vec<T>(limit), x);
}

// (1 + 2z) e^(z^2) erfc(z) by t = (z - c) / (z + c), c = 2 (float) or 4 (double), z in [0, 26.7).
template <class T>
BELFRY_INLINE Vec<T> scaled_erfc(Vec<T> t) {
  if constexpr (kIsFloat<T>) {
    return poly(t, 0x1.46e80ep+0f, -0x1.7bf610p-4f, -0x1.540832p-3f, 0x1.4ffc0ap-3f,
                -0x1.bc0eeap-5f, -0x1.080ed0p-7f, 0x1.1b1ab4p-7f, 0x1.588d76p-10f, -0x1.450818p-10f,
                -0x1.aa1912p-12f);
  } else {
    return poly(
        t, 0x1.3ba5916e9fd7fp+0, -0x1.1df1ad154a2a9p-3, 0x1.f7f5df66fbb81p-7, 0x1.16ecefcfa6a0ep-4,
        -0x1.9ddb23c3dccc4p-4, 0x1.7fee004de6d58p-4, -0x1.0fb06dff5748fp-4, 0x1.3079edfb26ba9p-5,
        -0x1.09623854ca833p-6, 0x1.49c6717ea63fcp-8, -0x1.8d4ac27a9a3e1p-11, -0x1.a1dea603f941bp-13,
        0x1.3be2e54c7203bp-13, -0x1.9960f13bd1aa4p-16, -0x1.78f5f4f8bec53p-17,
        0x1.7f326e70f54a0p-18, 0x1.51495174891dfp-22, -0x1.b8b575dd8e5b8p-21, 0x1.d5ae40c0ae213p-25,
        0x1.b4c5f3cd37ee8p-24, -0x1.0a6f2e8ab8f16p-27, -0x1.1d2bdb1444280p-27);
  }
}

template <class T>
struct ErfcParts {
  Vec<T> erfc, gauss;  // gauss = e^(-z^2)
};

// For z >= 0. One division serves both quotients.
template <class T>
BELFRY_INLINE ErfcParts<T> erfc_nonnegative(Vec<T> z) {
  constexpr T kCentre = kIsFloat<T> ? T(2) : T(4);
  // e^(-z^2) is 0 at the bound; without it infinity would meet 0.
  z = at_most(kIsFloat<T> ? T(9.5) : T(26.65), z);
  const Vec<T> z2 = z * z;
  const Vec<T> z2_lost = fms(z, z, z2);
  const Vec<T> rounded = exp_no_overflow(-z2);
  const Vec<T> gauss = fnma(rounded, z2_lost, rounded);
  const Vec<T> a = z + kCentre;
  const Vec<T> b = fma(z, T(2), T(1));
  const Vec<T> inverse = T(1) / (a * b);
  const Vec<T> t = (z - kCentre) * b * inverse;
  return {scaled_erfc(t) * gauss * (a * inverse), gauss};
}

// erf(x) / x by x^2, for |x| <= 1/2.
template <class T>
BELFRY_INLINE Vec<T> erf_ratio(Vec<T> x2) {
  if constexpr (kIsFloat<T>) {
    return poly(x2, 0x1.20dd74p+0f, -0x1.812732p-2f, 0x1.ce24f2p-4f, -0x1.b662e2p-6f,
                0x1.352ab6p-8f);
  } else {
    return poly(x2, 0x1.20dd750429b6dp+0, -0x1.812746b0379b3p-2, 0x1.ce2f21a03d5f7p-4,
                -0x1.b82ce30f19ddfp-6, 0x1.565bcbf4881bbp-8, -0x1.c02d4e3ee77efp-11,
                0x1.f98d8577c7422p-14, -0x1.f22144c8863b9p-17, 0x1.8b2de4d8fcbfap-20);
  }
}

}  // namespace detail

template <class T>
BELFRY_INLINE Vec<T> erf(Vec<T> x) {
  const Vec<T> z = abs(x);
  const Vec<T> far = T(1) - detail::erfc_nonnegative(z).erfc;
  return copysign(select(z < T(0.5), z * detail::erf_ratio(z * z), far), x);
}

// P(X <= x) for a standard normal X, and e^(-x^2 / 2).
template <class T>
struct NormalParts {
  Vec<T> cdf, gauss;
};
template <class T>
BELFRY_INLINE NormalParts<T> normal_parts(Vec<T> x) {
  const auto parts = detail::erfc_nonnegative(abs(x) * T(0x1.6a09e667f3bcdp-1));
  const Vec<T> tail = parts.erfc * T(0.5);
  return {select(x < T(0), tail, T(1) - tail), parts.gauss};
}

template <class T>
BELFRY_INLINE Vec<T> relu(Vec<T> x) {
  return detail::at_least(T(0), x);
}
template <class T>
BELFRY_INLINE ValueGrad<T> relu_with_grad(Vec<T> x) {
  return {relu(x), select(x > T(0), T(1), T(0))};
}

// Slope below and at 0.
template <class T>
BELFRY_INLINE Vec<T> leaky_relu(Vec<T> x, T slope) {
  return select(x > T(0), x, x * slope);
}
template <class T>
BELFRY_INLINE ValueGrad<T> leaky_relu_with_grad(Vec<T> x, T slope) {
  return {leaky_relu(x, slope), select(x > T(0), T(1), slope)};
}

// x above 0, e^x - 1 below.
template <class T>
BELFRY_INLINE ValueGrad<T> elu_with_grad(Vec<T> x) {
  const Vec<T> below = expm1(detail::at_most(T(0), x));
  return {select(x > T(0), x, below), below + T(1)};
}
template <class T>
BELFRY_INLINE Vec<T> elu(Vec<T> x) {
  return elu_with_grad(x).value;
}

template <class T>
BELFRY_INLINE ValueGrad<T> tanh_with_grad(Vec<T> x) {
  const Vec<T> y = tanh(x);
  return {y, fnma(y, y, T(1))};
}
template <class T>
BELFRY_INLINE ValueGrad<T> sigmoid_with_grad(Vec<T> x) {
  const auto s = sigmoid_pair(x);
  return {s.value, s.value * s.complement};
}
template <class T>
BELFRY_INLINE ValueGrad<T> softplus_with_grad(Vec<T> x) {
  return {softplus(x), sigmoid(x)};
}

// x sigmoid(x)
template <class T>
BELFRY_INLINE Vec<T> silu(Vec<T> x) {
  return x / (T(1) + exp(-x));
}
template <class T>
BELFRY_INLINE ValueGrad<T> silu_with_grad(Vec<T> x) {
  const auto s = sigmoid_pair(x);
  const Vec<T> y = x * s.value;
  return {y, fma(y, s.complement, s.value)};
}

namespace detail {

// From here on mish(x) is x to the last bit; e^2x cannot overflow below.
template <class T>
constexpr T kMishLimit = kIsFloat<T> ? T(20) : T(40);

}  // namespace detail

// x tanh(softplus(x)) = x n / (n + 2) with n = e^x (e^x + 2)
template <class T>
BELFRY_INLINE Vec<T> mish(Vec<T> x) {
  const Vec<T> w = exp_no_overflow(detail::at_most(detail::kMishLimit<T>, x));
  const Vec<T> n = w * (w + T(2));
  return x * (n / (n + T(2)));
}
// Derivative: t + 4 x w (1 + w) / (n + 2)^2 with t = n / (n + 2), w = e^x.
template <class T>
BELFRY_INLINE ValueGrad<T> mish_with_grad(Vec<T> x) {
  const Vec<T> bounded = detail::at_most(detail::kMishLimit<T>, x);
  const Vec<T> w = exp_no_overflow(bounded);
  const Vec<T> n = w * (w + T(2));
  const Vec<T> inverse = T(1) / (n + T(2));
  const Vec<T> t = select(x >= detail::kMishLimit<T>, T(1), n * inverse);
  const Vec<T> slope = (bounded * T(4) * inverse) * (w * (w + T(1)) * inverse);
  return {x * t, t + slope};
}

// x / 2 (1 + tanh u) = x sigmoid(2u), u = sqrt(2 / pi) (x + 0.044715 x^3)
template <class T>
BELFRY_INLINE Vec<T> gelu_tanh(Vec<T> x) {
  constexpr T kScale = T(-0x1.9884533d43651p+0);  // -2 sqrt(2 / pi)
  return x / (T(1) + exp(x * fma(x * x, T(0.044715) * kScale, kScale)));
}
template <class T>
BELFRY_INLINE ValueGrad<T> gelu_tanh_with_grad(Vec<T> x) {
  constexpr T kScale = T(0x1.9884533d43651p+0);
  // Outside, the derivative is 0 or 1 to the last bit and x^3 could overflow.
  const Vec<T> bounded = detail::at_most(T(30), detail::at_least(T(-30), x));
  const Vec<T> x2 = bounded * bounded;
  const auto s = sigmoid_pair(bounded * fma(x2, T(0.044715) * kScale, kScale));
  const Vec<T> slope = fma(x2, T(3) * T(0.044715) * kScale, kScale);
  return {x * s.value, fma(bounded * slope, s.value * s.complement, s.value)};
}

// x P(X <= x) for a standard normal X
template <class T>
BELFRY_INLINE Vec<T> gelu_erf(Vec<T> x) {
  return x * normal_parts(x).cdf;
}
template <class T>
BELFRY_INLINE ValueGrad<T> gelu_erf_with_grad(Vec<T> x) {
  const auto parts = normal_parts(x);
  const Vec<T> bounded = detail::at_most(T(40), detail::at_least(T(-40), x));
  const Vec<T> density = parts.gauss * T(0x1.9884533d43651p-2);
  return {x * parts.cdf, fma(bounded, density, parts.cdf)};
}

}  // namespace belfry::cpu::BELFRY_ISA
