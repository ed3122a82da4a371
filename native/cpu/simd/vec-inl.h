// Vec<T>: one register of T = float, double, int32_t or int64_t. Mask<T>: one truth value per lane.
// kLanes of float: 4 (baseline), 8 (avx2), 16 (avx512); double has half of that.
//
// Contract
// - A scalar T converts to a Vec<T> with that value in every lane: 2 * x, fma(x, 3, 1), load_n(p,
// n).
// - No function needs aligned memory except stream(). Counts n must be in [0, kLanes].
// - fma rounds once on avx2 and avx512, twice on baseline: levels may differ in the last bits.
//   Every result is a function of the arguments and the level alone.
// - min(a, b) and max(a, b) return b when a or b is NaN; min_nan, max_nan and the horizontal
//   reduce_min, reduce_max return NaN when any operand is. Comparisons with NaN are false.
// - reduce_sum adds the upper half to the lower half until one lane is left.

namespace belfry::cpu::BELFRY_ISA::raw {

typedef float F32 __attribute__((vector_size(BELFRY_VEC_BYTES)));
typedef double F64 __attribute__((vector_size(BELFRY_VEC_BYTES)));
typedef std::int32_t I32 __attribute__((vector_size(BELFRY_VEC_BYTES)));
typedef std::int64_t I64 __attribute__((vector_size(BELFRY_VEC_BYTES)));
typedef std::uint32_t U32 __attribute__((vector_size(BELFRY_VEC_BYTES)));
typedef std::uint64_t U64 __attribute__((vector_size(BELFRY_VEC_BYTES)));
typedef std::uint16_t U16 __attribute__((vector_size(BELFRY_VEC_BYTES / 2)));
typedef float HalfF32 __attribute__((vector_size(BELFRY_VEC_BYTES / 2)));

}  // namespace belfry::cpu::BELFRY_ISA::raw

#if BELFRY_ISA_LEVEL == 0
#include "cpu/simd/vec-baseline-inl.h"
#elif BELFRY_ISA_LEVEL == 1
#include "cpu/simd/vec-avx2-inl.h"
#else
#include "cpu/simd/vec-avx512-inl.h"
#endif

namespace belfry::cpu::BELFRY_ISA {

// Wrap is the type sums are formed in: integers wrap around.
template <class T>
struct VecTraits;
template <>
struct VecTraits<float> {
  using Raw = raw::F32;
  using Wrap = raw::F32;
  using RawMask = raw::M32;
  using Bits = std::int32_t;
};
template <>
struct VecTraits<double> {
  using Raw = raw::F64;
  using Wrap = raw::F64;
  using RawMask = raw::M64;
  using Bits = std::int64_t;
};
template <>
struct VecTraits<std::int32_t> {
  using Raw = raw::I32;
  using Wrap = raw::U32;
  using RawMask = raw::M32;
  using Bits = std::int32_t;
};
template <>
struct VecTraits<std::int64_t> {
  using Raw = raw::I64;
  using Wrap = raw::U64;
  using RawMask = raw::M64;
  using Bits = std::int64_t;
};

template <class T>
struct Mask {
  using Raw = typename VecTraits<T>::RawMask;
  Raw raw;

  BELFRY_INLINE friend Mask operator&(Mask a, Mask b) { return {Raw(a.raw & b.raw)}; }
  BELFRY_INLINE friend Mask operator|(Mask a, Mask b) { return {Raw(a.raw | b.raw)}; }
  BELFRY_INLINE friend Mask operator!(Mask a) { return {Raw(~a.raw)}; }
};

template <class T>
struct Vec {
  using Scalar = T;
  using Raw = typename VecTraits<T>::Raw;
  using Wrap = typename VecTraits<T>::Wrap;
  static constexpr int kLanes = static_cast<int>(BELFRY_VEC_BYTES / sizeof(T));

  Raw raw;

  Vec() = default;
  BELFRY_INLINE Vec(T x) : raw(raw::set1(x)) {}
  BELFRY_INLINE explicit Vec(Raw r) : raw(r) {}

  BELFRY_INLINE friend Vec operator+(Vec a, Vec b) { return Vec(Raw(Wrap(a.raw) + Wrap(b.raw))); }
  BELFRY_INLINE friend Vec operator-(Vec a, Vec b) { return Vec(Raw(Wrap(a.raw) - Wrap(b.raw))); }
  BELFRY_INLINE friend Vec operator*(Vec a, Vec b) { return Vec(Raw(Wrap(a.raw) * Wrap(b.raw))); }
  BELFRY_INLINE friend Vec operator/(Vec a, Vec b) { return Vec(a.raw / b.raw); }
  BELFRY_INLINE friend Vec operator-(Vec a) { return Vec(Raw(-Wrap(a.raw))); }
  BELFRY_INLINE Vec& operator+=(Vec b) { return *this = *this + b; }
  BELFRY_INLINE Vec& operator-=(Vec b) { return *this = *this - b; }
  BELFRY_INLINE Vec& operator*=(Vec b) { return *this = *this * b; }

  // Integers only. Shift counts are in [0, bits of T).
  BELFRY_INLINE friend Vec operator&(Vec a, Vec b) { return Vec(a.raw & b.raw); }
  BELFRY_INLINE friend Vec operator|(Vec a, Vec b) { return Vec(a.raw | b.raw); }
  BELFRY_INLINE friend Vec operator^(Vec a, Vec b) { return Vec(a.raw ^ b.raw); }
  BELFRY_INLINE friend Vec operator<<(Vec a, int n) { return Vec(a.raw << n); }
  // Fills with zeros.
  BELFRY_INLINE friend Vec operator>>(Vec a, int n) { return Vec(Raw(Wrap(a.raw) >> n)); }

#if BELFRY_ISA_LEVEL < 2
  using RawMask = typename VecTraits<T>::RawMask;
  BELFRY_INLINE friend Mask<T> operator<(Vec a, Vec b) { return {RawMask(a.raw < b.raw)}; }
  BELFRY_INLINE friend Mask<T> operator<=(Vec a, Vec b) { return {RawMask(a.raw <= b.raw)}; }
  BELFRY_INLINE friend Mask<T> operator==(Vec a, Vec b) { return {RawMask(a.raw == b.raw)}; }
#else
  BELFRY_INLINE friend Mask<T> operator<(Vec a, Vec b) { return {raw::lt(a.raw, b.raw)}; }
  BELFRY_INLINE friend Mask<T> operator<=(Vec a, Vec b) { return {raw::le(a.raw, b.raw)}; }
  BELFRY_INLINE friend Mask<T> operator==(Vec a, Vec b) { return {raw::eq(a.raw, b.raw)}; }
#endif
  BELFRY_INLINE friend Mask<T> operator>(Vec a, Vec b) { return b < a; }
  BELFRY_INLINE friend Mask<T> operator>=(Vec a, Vec b) { return b <= a; }
  BELFRY_INLINE friend Mask<T> operator!=(Vec a, Vec b) { return !(a == b); }
};

// A parameter that takes no part in deduction, so that scalars convert.
template <class T>
using Arg = Vec<std::type_identity_t<T>>;

template <class T>
BELFRY_INLINE Vec<T> broadcast(T x) {
  return Vec<T>(x);
}
template <class T>
BELFRY_INLINE Vec<T> zero() {
  return Vec<T>(T(0));
}

// --- arithmetic -----------------------------------------------------------------------------

// a * b + c
template <class T>
BELFRY_INLINE Vec<T> fma(Vec<T> a, Arg<T> b, Arg<T> c) {
  return Vec<T>(raw::fma(a.raw, b.raw, c.raw));
}
// c - a * b
template <class T>
BELFRY_INLINE Vec<T> fnma(Vec<T> a, Arg<T> b, Arg<T> c) {
  return Vec<T>(raw::fnma(a.raw, b.raw, c.raw));
}
// a * b - c
template <class T>
BELFRY_INLINE Vec<T> fms(Vec<T> a, Arg<T> b, Arg<T> c) {
  return Vec<T>(raw::fms(a.raw, b.raw, c.raw));
}
template <class T>
BELFRY_INLINE Vec<T> select(Mask<T> m, Vec<T> a, Arg<T> b) {
  return Vec<T>(raw::select(m.raw, a.raw, b.raw));
}
template <class T>
BELFRY_INLINE Vec<T> select(Mask<T> m, T a, Arg<T> b) {
  return Vec<T>(raw::select(m.raw, raw::set1(a), b.raw));
}
template <class T>
BELFRY_INLINE Vec<T> min(Vec<T> a, Arg<T> b) {
  return Vec<T>(raw::min(a.raw, b.raw));
}
template <class T>
BELFRY_INLINE Vec<T> max(Vec<T> a, Arg<T> b) {
  return Vec<T>(raw::max(a.raw, b.raw));
}
template <class T>
BELFRY_INLINE Vec<T> min_nan(Vec<T> a, Arg<T> b) {
  return select(a != a, a, min(a, b));
}
template <class T>
BELFRY_INLINE Vec<T> max_nan(Vec<T> a, Arg<T> b) {
  return select(a != a, a, max(a, b));
}
// x in [low, high]; NaN stays NaN.
template <class T>
BELFRY_INLINE Vec<T> clamp(Vec<T> x, Arg<T> low, Arg<T> high) {
  return Vec<T>(raw::min(high.raw, raw::max(low.raw, x.raw)));
}
template <class T>
BELFRY_INLINE Vec<T> abs(Vec<T> a) {
  return Vec<T>(raw::abs(a.raw));
}
template <class T>
BELFRY_INLINE Vec<T> sqrt(Vec<T> a) {
  return Vec<T>(raw::sqrt(a.raw));
}
template <class T>
BELFRY_INLINE Vec<T> floor(Vec<T> a) {
  return Vec<T>(raw::floor(a.raw));
}
// To the nearest whole number, ties to even.
template <class T>
BELFRY_INLINE Vec<T> round(Vec<T> a) {
  return Vec<T>(raw::round(a.raw));
}
template <class T>
BELFRY_INLINE Mask<T> is_nan(Vec<T> a) {
  return a != a;
}

// --- masks ----------------------------------------------------------------------------------

// Bit i is lane i.
template <class T>
BELFRY_INLINE unsigned mask_bits(Mask<T> m) {
  return raw::bits(m.raw);
}
template <class T>
BELFRY_INLINE bool any(Mask<T> m) {
  return mask_bits(m) != 0;
}
template <class T>
BELFRY_INLINE bool all(Mask<T> m) {
  return mask_bits(m) == (1u << Vec<T>::kLanes) - 1u;
}
template <class T>
BELFRY_INLINE int count(Mask<T> m) {
  return __builtin_popcount(mask_bits(m));
}
// True in lanes [0, n).
template <class T>
BELFRY_INLINE Mask<T> first_n(int n) {
  if constexpr (sizeof(T) == 4) {
    return {raw::first_n_32(n)};
  } else {
    return {raw::first_n_64(n)};
  }
}

// --- bit patterns and conversions -------------------------------------------------------------

BELFRY_INLINE Vec<std::int32_t> as_int(Vec<float> a) { return Vec<std::int32_t>(raw::I32(a.raw)); }
BELFRY_INLINE Vec<std::int64_t> as_int(Vec<double> a) { return Vec<std::int64_t>(raw::I64(a.raw)); }
BELFRY_INLINE Vec<float> as_float(Vec<std::int32_t> a) { return Vec<float>(raw::F32(a.raw)); }
BELFRY_INLINE Vec<double> as_float(Vec<std::int64_t> a) { return Vec<double>(raw::F64(a.raw)); }
BELFRY_INLINE Mask<float> as_float(Mask<std::int32_t> m) { return {m.raw}; }
BELFRY_INLINE Mask<double> as_float(Mask<std::int64_t> m) { return {m.raw}; }
BELFRY_INLINE Mask<std::int32_t> as_int(Mask<float> m) { return {m.raw}; }
BELFRY_INLINE Mask<std::int64_t> as_int(Mask<double> m) { return {m.raw}; }

// Magnitude of a, sign of b.
template <class T>
BELFRY_INLINE Vec<T> copysign(Vec<T> a, Arg<T> b) {
  const Vec<typename VecTraits<T>::Bits> sign =
      std::numeric_limits<typename VecTraits<T>::Bits>::min();
  return as_float(as_int(abs(a)) | (as_int(b) & sign));
}
BELFRY_INLINE Vec<float> to_float(Vec<std::int32_t> a) {
  return Vec<float>(__builtin_convertvector(a.raw, raw::F32));
}
// |a| < 2^31; truncates.
BELFRY_INLINE Vec<std::int32_t> to_int(Vec<float> a) {
  return Vec<std::int32_t>(__builtin_convertvector(a.raw, raw::I32));
}

}  // namespace belfry::cpu::BELFRY_ISA

#include "cpu/simd/vec-half-inl.h"
#include "cpu/simd/vec-memory-inl.h"
#include "cpu/simd/vec-reduce-inl.h"
