// bf16 and f16 (as uint16_t bit patterns) to and from Vec<float>. Part of vec-inl.h.
//
// To half: round to nearest even, too large becomes infinity, subnormals are kept, NaN stays NaN
// (quiet, top payload bits kept). To float: exact; a signalling NaN becomes quiet (bf16: is kept).
// The bits are the same on every level.

namespace belfry::cpu::BELFRY_ISA {
namespace detail {

using I32 = Vec<std::int32_t>;

BELFRY_INLINE raw::U16 load_u16(const std::uint16_t* p) {
  raw::U16 v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
BELFRY_INLINE void store_u16(std::uint16_t* p, raw::U16 v) { __builtin_memcpy(p, &v, sizeof v); }

BELFRY_INLINE Vec<float> from_bf16(raw::U16 h) { return as_float(I32(raw::zero_extend(h)) << 16); }

BELFRY_INLINE raw::U16 to_bf16(Vec<float> x) {
  const I32 bits = as_int(x);
  const I32 upper = bits >> 16;
  // Half an ulp less one, plus one when the kept part is odd; the carry may reach the exponent.
  const I32 rounded = (bits + 0x7fff + (upper & 1)) >> 16;
  return raw::low_halves(select(as_int(is_nan(x)), upper | 0x40, rounded).raw);
}

#if BELFRY_ISA_LEVEL > 0

BELFRY_INLINE Vec<float> from_f16(raw::U16 h) { return Vec<float>(raw::f16_to_f32(h)); }
BELFRY_INLINE raw::U16 to_f16(Vec<float> x) { return raw::f32_to_f16(x.raw); }

#else

BELFRY_INLINE Vec<float> from_f16(raw::U16 h) {
  const I32 bits(raw::zero_extend(h));
  const I32 magnitude = bits & 0x7fff;
  // As a float this has the half's exponent, biased by 15 instead of 127; 2^112 repairs it, and
  // makes subnormal halves normal.
  const I32 finite = as_int(as_float(magnitude << 13) * 0x1p112f);
  const I32 quiet = select(magnitude > 0x7c00, I32(0x400000), 0);
  const I32 special = (magnitude << 13) | 0x7f800000 | quiet;
  return as_float(select(magnitude >= 0x7c00, special, finite) | ((bits & 0x8000) << 16));
}

BELFRY_INLINE raw::U16 to_f16(Vec<float> x) {
  const I32 bits = as_int(x);
  const I32 magnitude = bits & 0x7fffffff;
  const I32 odd = (magnitude >> 13) & 1;
  const I32 normal = (magnitude - (112 << 23) + 0xfff + odd) >> 13;
  // Below 2^-14 the float adder rounds to a multiple of 2^-24: the last bit of 0.5 is worth that.
  const I32 subnormal = as_int(as_float(magnitude) + 0.5f) - (126 << 23);
  const I32 nan = ((magnitude >> 13) & 0x3ff) | 0x7e00;
  I32 h = select(magnitude < (113 << 23), subnormal, normal);
  h = select(magnitude >= (143 << 23), 0x7c00, h);
  h = select(magnitude > 0x7f800000, nan, h);
  return raw::low_halves((h | ((bits >> 16) & 0x8000)).raw);
}

#endif

}  // namespace detail

// The _n forms touch p[0..n) only; lanes from n on are 0.
BELFRY_INLINE Vec<float> load_bf16(const std::uint16_t* p) {
  return detail::from_bf16(detail::load_u16(p));
}
BELFRY_INLINE Vec<float> load_bf16_n(const std::uint16_t* p, int n) {
  return detail::from_bf16(raw::load_u16_n(p, n));
}
BELFRY_INLINE Vec<float> load_f16(const std::uint16_t* p) {
  return detail::from_f16(detail::load_u16(p));
}
BELFRY_INLINE Vec<float> load_f16_n(const std::uint16_t* p, int n) {
  return detail::from_f16(raw::load_u16_n(p, n));
}
BELFRY_INLINE void store_bf16(std::uint16_t* p, Vec<float> v) {
  detail::store_u16(p, detail::to_bf16(v));
}
BELFRY_INLINE void store_bf16_n(std::uint16_t* p, Vec<float> v, int n) {
  raw::store_u16_n(p, detail::to_bf16(v), n);
}
BELFRY_INLINE void store_f16(std::uint16_t* p, Vec<float> v) {
  detail::store_u16(p, detail::to_f16(v));
}
BELFRY_INLINE void store_f16_n(std::uint16_t* p, Vec<float> v, int n) {
  raw::store_u16_n(p, detail::to_f16(v), n);
}

}  // namespace belfry::cpu::BELFRY_ISA
