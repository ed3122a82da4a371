// Elementary functions on Vec<float> and Vec<double>. One source for all levels.
//
// Bounds on the error in units of the last place (test/native/simd_test.cc; most are half used):
//   exp 2 · expm1 2.5 · log 1.5 · log1p 2 · tanh 3 · sigmoid, softplus 4 · sin, cos 2.5
//   erf 4 · mish, silu 5 · gelu_tanh 10 and gelu_erf 32 above -3 (their arguments are rounded
//   before an exponential) · derivatives and gelu_erf anywhere: 4 units of 1
// All: NaN in, NaN out. Where e^x would be subnormal it is 0, and so is what is made of it.
// Polynomials are minimax fits of the named function, coefficients from the constant up.

#if BELFRY_ISA_LEVEL == 2
#include "cpu/simd/math-avx512-inl.h"
#endif

namespace belfry::cpu::BELFRY_ISA {
namespace detail {

template <class T>
using Bits = Vec<typename VecTraits<T>::Bits>;

template <class T>
constexpr bool kIsFloat = std::is_same_v<T, float>;

template <class T>
constexpr int kMantissaBits = std::numeric_limits<T>::digits - 1;

template <class T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();

// c + x * (rest[0] + x * (rest[1] + ...))
template <class T, class... Rest>
BELFRY_INLINE Vec<T> poly(Vec<T> x, T c, Rest... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return Vec<T>(c);
  } else {
    return fma(poly(x, rest...), x, c);
  }
}

// 1.5 * 2^mantissa bits: adding it rounds to a whole number and leaves that number in the low bits.
template <class T>
constexpr T kRounder = kIsFloat<T> ? T(0x1.8p23) : T(0x1.8p52);

// ln 2 = kLn2High + kLn2Low; the high part times any exponent is exact.
template <class T>
constexpr T kLn2High = kIsFloat<T> ? T(0x1.62e4p-1) : T(0x1.62e42fefa3800p-1);
template <class T>
constexpr T kLn2Low = kIsFloat<T> ? T(0x1.7f7d1cf8p-20) : T(0x1.ef35793c76730p-45);

// ln of the smallest normal and of the largest finite number.
template <class T>
constexpr T kExpLow = kIsFloat<T> ? T(-0x1.5d589ep+6) : T(-0x1.6232bdd7abcd2p+9);
template <class T>
constexpr T kExpHigh = kIsFloat<T> ? T(0x1.62e42ep+6) : T(0x1.62e42fefa39efp+9);

// x = n ln 2 + r with whole n and |r| <= ln(2) / 2. The low bits of `shifted` hold n + bias.
template <class T>
struct ExpArgument {
  Vec<T> n, r;
  Bits<T> shifted;

  BELFRY_INLINE Bits<T> exponent_field() const { return shifted << kMantissaBits<T>; }
};

template <class T>
BELFRY_INLINE ExpArgument<T> split_exp_argument(Vec<T> x, int bias) {
  const Vec<T> rounder = kRounder<T> + T(bias);
  const Vec<T> shifted = fma(x, T(0x1.71547652b82fep+0), rounder);
  const Vec<T> n = shifted - rounder;
  const Vec<T> r = fnma(n, kLn2Low<T>, fnma(n, kLn2High<T>, x));
  return {n, r, as_int(shifted)};
}

// (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2
template <class T>
BELFRY_INLINE Vec<T> exp_tail(Vec<T> r) {
  if constexpr (kIsFloat<T>) {
    return poly(r, 0x1.fffffcp-2f, 0x1.55548cp-3f, 0x1.55585ap-5f, 0x1.123d72p-7f, 0x1.6ab8cep-10f);
  } else {
    return poly(r, 0x1.0000000000005p-1, 0x1.5555555555539p-3, 0x1.555555555225bp-5,
                0x1.1111111119091p-7, 0x1.6c16c17ef58abp-10, 0x1.a01a0174da949p-13,
                0x1.a019a71c58667p-16, 0x1.71de884b76359p-19, 0x1.28a236d784a67p-22,
                0x1.ae6bb02234483p-26);
  }
}

template <class T>
BELFRY_INLINE Vec<T> exp_of_remainder(Vec<T> r) {
  return fma(fma(exp_tail(r), r, T(1)), r, T(1));
}

}  // namespace detail

// e^x for x <= 88 (float), 709 (double): a step shorter. For softmax after the maximum is taken
// off.
template <class T>
BELFRY_INLINE Vec<T> exp_no_overflow(Vec<T> x) {
#if BELFRY_ISA_LEVEL == 2
  if constexpr (detail::kIsFloat<T>) {
    return Vec<T>(raw::exp(x.raw));
  } else {
    const auto arg = detail::split_exp_argument(x, 0);
    const auto normal = raw::not_lt(x.raw, raw::set1(detail::kExpLow<T>));
    return Vec<T>(raw::scale(normal, detail::exp_of_remainder(arg.r).raw, arg.n.raw));
  }
#else
  const auto arg = detail::split_exp_argument(x, std::numeric_limits<T>::max_exponent - 1);
  const Vec<T> y = detail::exp_of_remainder(arg.r) * as_float(arg.exponent_field());
  return select(x < detail::kExpLow<T>, T(0), y);
#endif
}

// e^x for |x| <= 87 (float), 708 (double): without the steps for what lies beyond.
template <class T>
BELFRY_INLINE Vec<T> exp_within(Vec<T> x) {
#if BELFRY_ISA_LEVEL == 2
  if constexpr (detail::kIsFloat<T>) {
    return Vec<T>(raw::exp_within(x.raw));
  } else {
    const auto arg = detail::split_exp_argument(x, 0);
    return Vec<T>(raw::scale(raw::kAll64, detail::exp_of_remainder(arg.r).raw, arg.n.raw));
  }
#else
  const auto arg = detail::split_exp_argument(x, std::numeric_limits<T>::max_exponent - 1);
  return detail::exp_of_remainder(arg.r) * as_float(arg.exponent_field());
#endif
}

// e^x. 0 where the result would be subnormal, infinity above the largest number.
template <class T>
BELFRY_INLINE Vec<T> exp(Vec<T> x) {
#if BELFRY_ISA_LEVEL == 2
  // Past the limit the scaling overflows by itself, as long as the exponent stays finite.
  return exp_no_overflow(min(Vec<T>(detail::kExpHigh<T> + 1), x));
#else
  const auto arg = detail::split_exp_argument(x, 0);
  // Adding n to the exponent field covers n = 128 with e^r < 1, which 2^n as a float cannot.
  const Vec<T> scaled = as_float(as_int(detail::exp_of_remainder(arg.r)) + arg.exponent_field());
  const Vec<T> y = select(x < detail::kExpLow<T>, T(0), scaled);
  return select(x <= detail::kExpHigh<T>, y, x + detail::kInfinity<T>);
#endif
}

// e^x - 1, accurate near 0. The sign of -0 is lost.
template <class T>
BELFRY_INLINE Vec<T> expm1(Vec<T> x) {
  // Below the bound the result rounds to -1; without it the exponent field would wrap.
  const Vec<T> bounded = max(Vec<T>(detail::kIsFloat<T> ? T(-18) : T(-40)), x);
  // Half of 2^n, so that n = 128 is a number.
  const auto arg = detail::split_exp_argument(bounded, std::numeric_limits<T>::max_exponent - 2);
  const Vec<T> half_scale = as_float(arg.exponent_field());
  const Vec<T> tail = fma(detail::exp_tail(arg.r) * arg.r, arg.r, arg.r);
  const Vec<T> half = fma(half_scale, tail, half_scale - T(0.5));
  return select(x <= detail::kExpHigh<T>, half + half, x + detail::kInfinity<T>);
}

namespace detail {

// (log(1 + f) - f + f^2 / 2) / f^3 for f in [-1/4, 1/2)
template <class T>
BELFRY_INLINE Vec<T> log_tail(Vec<T> f) {
  if constexpr (kIsFloat<T>) {
    return poly(f, 0x1.5555a4p-2f, -0x1.000040p-2f, 0x1.9969b0p-3f, -0x1.54efdcp-3f, 0x1.288478p-3f,
                -0x1.0d8a90p-3f, 0x1.ac90c6p-4f, -0x1.7140c8p-5f);
  } else {
    return poly(
        f, 0x1.55555555555a0p-2, -0x1.0000000000772p-2, 0x1.999999998c6c9p-3, -0x1.555555545921ap-3,
        0x1.2492492975147p-3, -0x1.00000063e009ap-3, 0x1.c71c70de96cb3p-4, -0x1.999972ca0cffap-4,
        0x1.745cec2030789p-4, -0x1.555939691a503p-4, 0x1.3b1f033b800e1p-4, -0x1.24657550f4e88p-4,
        0x1.101caf025660cp-4, -0x1.fffce3e035820p-5, 0x1.f252be56bd8e7p-5, -0x1.e8e7f58688f0ep-5,
        0x1.9f4bfb3b2f1d5p-5, -0x1.e180a7d8981f8p-6, 0x1.091e8f4f3ff6ap-7);
  }
}

// k ln 2 + log(1 + f), small terms first.
template <class T>
BELFRY_INLINE Vec<T> log_of_parts(Vec<T> f, Vec<T> k) {
  const Vec<T> f2 = f * f;
  const Vec<T> low = fma(f2 * f, log_tail(f), k * kLn2Low<T>);
  return fma(k, kLn2High<T>, f + fnma(f2, T(0.5), low));
}

// x = mantissa * 2^exponent, mantissa in [3/4, 3/2), for positive normal x (avx512: see raw::).
template <class T>
struct LogArgument {
  Vec<T> mantissa, exponent;
};

template <class T>
BELFRY_INLINE LogArgument<T> split_log_argument(Vec<T> x) {
#if BELFRY_ISA_LEVEL == 2
  const Vec<T> mantissa(raw::mantissa(x.raw));
  return {mantissa, Vec<T>(raw::exponent(x.raw, mantissa.raw))};
#else
  using Int = typename VecTraits<T>::Bits;
  constexpr Int kBias = std::numeric_limits<T>::max_exponent;
  constexpr Int kThreeQuarters = kIsFloat<T> ? Int{0x3f400000} : Int(0x3fe8000000000000);
  constexpr Int kMantissaMask = (Int{1} << kMantissaBits<T>)-1;
  constexpr Int kTwoToMantissaBits = kIsFloat<T> ? Int{0x4b000000} : Int(0x4330000000000000);
  constexpr T kOffset = (kIsFloat<T> ? T(0x1p23) : T(0x1p52)) + T(kBias);

  const Bits<T> above = as_int(x) - kThreeQuarters;
  const Bits<T> biased = (above + (kBias << kMantissaBits<T>)) >> kMantissaBits<T>;
  return {as_float((above & kMantissaMask) + kThreeQuarters),
          as_float(biased | kTwoToMantissaBits) - kOffset};
#endif
}

}  // namespace detail

// Natural logarithm: -infinity at 0 (of either sign), NaN below. Subnormal x is taken exactly.
template <class T>
BELFRY_INLINE Vec<T> log(Vec<T> x) {
#if BELFRY_ISA_LEVEL == 2
  const auto arg = detail::split_log_argument(x);
  return detail::log_of_parts(arg.mantissa - T(1), arg.exponent);
#else
  constexpr T kLift = T(std::numeric_limits<T>::digits);
  constexpr T kTwoToLift = detail::kIsFloat<T> ? T(0x1p24) : T(0x1p53);
  const Mask<T> tiny = x < std::numeric_limits<T>::min();
  const auto arg = detail::split_log_argument(select(tiny, x * kTwoToLift, x));
  const Vec<T> exponent = arg.exponent - select(tiny, kLift, T(0));
  const Vec<T> y = detail::log_of_parts(arg.mantissa - T(1), exponent);
  const Vec<T> nonpositive =
      select(x == T(0), -detail::kInfinity<T>, std::numeric_limits<T>::quiet_NaN());
  return select(x <= T(0), nonpositive, select(x < detail::kInfinity<T>, y, x));
#endif
}

// log(1 + x), accurate near 0. -infinity at -1, NaN below. The sign of -0 is lost.
template <class T>
BELFRY_INLINE Vec<T> log1p(Vec<T> x) {
  const Vec<T> sum = x + T(1);
  const Vec<T> x_part = sum - T(1);
  const Vec<T> lost = (T(1) - (sum - x_part)) + (x - x_part);
  const auto arg = detail::split_log_argument(sum);
  // What the sum lost, scaled like the mantissa: 2^-k is a difference of bit patterns (for moderate
  // k; and nothing is lost that matters in a large sum).
  const detail::Bits<T> one = as_int(Vec<T>(T(1)));
  const Vec<T> power = as_float(as_int(arg.mantissa) - as_int(sum) + one);
  const Vec<T> scale = select(sum < T(0x1p60), power, T(0));
  const Vec<T> f = fma(lost, scale, arg.mantissa - T(1));
  const Vec<T> y = detail::log_of_parts(f, arg.exponent);
  const Vec<T> nonpositive =
      select(sum == T(0), -detail::kInfinity<T>, std::numeric_limits<T>::quiet_NaN());
  return select(sum <= T(0), nonpositive, select(x < detail::kInfinity<T>, y, x));
}

namespace detail {

// log(1 + x) for x in [0, 1].
template <class T>
BELFRY_INLINE Vec<T> log1p_unit(Vec<T> x) {
  const Mask<T> upper = x >= T(0.5);
  const Vec<T> f = select(upper, fms(x, T(0.5), T(0.5)), x);
  return log_of_parts(f, select(upper, T(1), T(0)));
}

}  // namespace detail

// tanh(|x|) = -m / (2 + m) with m = e^(-2|x|) - 1: nothing cancels, nothing overflows.
template <class T>
BELFRY_INLINE Vec<T> tanh(Vec<T> x) {
  const Vec<T> m = expm1(abs(x) * T(-2));
  return copysign(m / (m + T(2)), x);
}

// 1 / (1 + e^-x)
template <class T>
BELFRY_INLINE Vec<T> sigmoid(Vec<T> x) {
  return T(1) / (T(1) + exp(-x));
}

// sigmoid(x) and 1 - sigmoid(x), both accurate where they are small.
template <class T>
struct SigmoidPair {
  Vec<T> value, complement;
};
template <class T>
BELFRY_INLINE SigmoidPair<T> sigmoid_pair(Vec<T> x) {
  const Vec<T> e = exp_no_overflow(-abs(x));
  const Vec<T> larger = T(1) / (T(1) + e);
  const Vec<T> smaller = e * larger;
  const Mask<T> positive = x > T(0);
  return {select(positive, larger, smaller), select(positive, smaller, larger)};
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
template <class T>
BELFRY_INLINE Vec<T> softplus(Vec<T> x) {
  return max(x, T(0)) + detail::log1p_unit(exp_no_overflow(-abs(x)));
}

// log(sigmoid(x)) = -softplus(-x)
template <class T>
BELFRY_INLINE Vec<T> log_sigmoid(Vec<T> x) {
  return -softplus(-x);
}

template <class T>
struct SinCos {
  Vec<T> sin, cos;
};

// For |x| <= 1e4 (float) or 1e6 (double); beyond, accuracy fades. NaN at infinity.
template <class T>
BELFRY_INLINE SinCos<T> sincos(Vec<T> x) {
  // pi / 2 in three parts; the first two times a quadrant number in range are exact.
  constexpr T kPart1 = detail::kIsFloat<T> ? T(0x1.92p+0) : T(0x1.921fb544p+0);
  constexpr T kPart2 = detail::kIsFloat<T> ? T(0x1.fb4p-12) : T(0x1.0b4611a6p-34);
  constexpr T kPart3 = detail::kIsFloat<T> ? T(0x1.4442d2p-24) : T(0x1.3198a2e037073p-69);
  const Vec<T> shifted = fma(x, T(0x1.45f306dc9c883p-1), detail::kRounder<T>);
  const Vec<T> n = shifted - detail::kRounder<T>;
  const Vec<T> r = fnma(n, kPart3, fnma(n, kPart2, fnma(n, kPart1, x)));
  const Vec<T> r2 = r * r;
  Vec<T> sin_tail, cos_tail;  // (sin r / r - 1) / r^2, (cos r - 1 + r^2 / 2) / r^4
  if constexpr (detail::kIsFloat<T>) {
    sin_tail = detail::poly(r2, -0x1.555546p-3f, 0x1.110756p-7f, -0x1.994b40p-13f);
    cos_tail = detail::poly(r2, 0x1.55554ap-5f, -0x1.6c0c82p-10f, 0x1.99ff40p-16f);
  } else {
    sin_tail = detail::poly(r2, -0x1.5555555555549p-3, 0x1.111111110f841p-7, -0x1.a01a019c0a277p-13,
                            0x1.71de3570fc4d1p-19, -0x1.ae5e60c3ba73ep-26, 0x1.5d915dd705c18p-33);
    cos_tail = detail::poly(r2, 0x1.555555555554cp-5, -0x1.6c16c16c15140p-10, 0x1.a01a019cab744p-16,
                            -0x1.27e4f80533c46p-22, 0x1.1ee9e890bba93p-29, -0x1.8facd15926234p-37);
  }
  const Vec<T> s = fma(sin_tail * r2, r, r);
  const Vec<T> c = fma(r2 * r2, cos_tail, fnma(r2, T(0.5), T(1)));
  // Quadrant q: odd swaps the two; sin is negative in 2, 3 and cos in 1, 2.
  using Int = typename VecTraits<T>::Bits;
  const detail::Bits<T> q = as_int(shifted);
  const Mask<T> swap = as_float((q & Int{1}) == Int{1});
  const detail::Bits<T> sin_sign = (q & Int{2}) << (std::numeric_limits<Int>::digits - 1);
  const detail::Bits<T> cos_sign = ((q + Int{1}) & Int{2})
                                   << (std::numeric_limits<Int>::digits - 1);
  return {as_float(as_int(select(swap, c, s)) ^ sin_sign),
          as_float(as_int(select(swap, s, c)) ^ cos_sign)};
}

}  // namespace belfry::cpu::BELFRY_ISA
