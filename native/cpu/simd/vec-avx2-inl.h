// Level primitives of `avx2`: 32-byte vectors. A mask is an integer vector of 0 and -1.

namespace belfry::cpu::BELFRY_ISA::raw {

using M32 = I32;
using M64 = I64;

BELFRY_INLINE F32 set1(float x) { return _mm256_set1_ps(x); }
BELFRY_INLINE F64 set1(double x) { return _mm256_set1_pd(x); }
BELFRY_INLINE I32 set1(std::int32_t x) { return I32(_mm256_set1_epi32(x)); }
BELFRY_INLINE I64 set1(std::int64_t x) { return I64(_mm256_set1_epi64x(x)); }

BELFRY_INLINE F32 fma(F32 a, F32 b, F32 c) { return _mm256_fmadd_ps(a, b, c); }
BELFRY_INLINE F64 fma(F64 a, F64 b, F64 c) { return _mm256_fmadd_pd(a, b, c); }
BELFRY_INLINE F32 fnma(F32 a, F32 b, F32 c) { return _mm256_fnmadd_ps(a, b, c); }
BELFRY_INLINE F64 fnma(F64 a, F64 b, F64 c) { return _mm256_fnmadd_pd(a, b, c); }
BELFRY_INLINE F32 fms(F32 a, F32 b, F32 c) { return _mm256_fmsub_ps(a, b, c); }
BELFRY_INLINE F64 fms(F64 a, F64 b, F64 c) { return _mm256_fmsub_pd(a, b, c); }

BELFRY_INLINE F32 select(M32 m, F32 a, F32 b) { return _mm256_blendv_ps(b, a, F32(m)); }
BELFRY_INLINE F64 select(M64 m, F64 a, F64 b) { return _mm256_blendv_pd(b, a, F64(m)); }
BELFRY_INLINE I32 select(M32 m, I32 a, I32 b) { return I32(select(m, F32(a), F32(b))); }
BELFRY_INLINE I64 select(M64 m, I64 a, I64 b) { return I64(select(m, F64(a), F64(b))); }

BELFRY_INLINE F32 abs(F32 a) { return F32(I32(a) & set1(std::int32_t{0x7fffffff})); }
BELFRY_INLINE F64 abs(F64 a) { return F64(I64(a) & set1(std::int64_t{0x7fffffffffffffff})); }
BELFRY_INLINE F32 sqrt(F32 a) { return _mm256_sqrt_ps(a); }
BELFRY_INLINE F64 sqrt(F64 a) { return _mm256_sqrt_pd(a); }
BELFRY_INLINE F32 min(F32 a, F32 b) { return _mm256_min_ps(a, b); }
BELFRY_INLINE F64 min(F64 a, F64 b) { return _mm256_min_pd(a, b); }
BELFRY_INLINE F32 max(F32 a, F32 b) { return _mm256_max_ps(a, b); }
BELFRY_INLINE F64 max(F64 a, F64 b) { return _mm256_max_pd(a, b); }
BELFRY_INLINE I32 min(I32 a, I32 b) { return I32(_mm256_min_epi32(__m256i(a), __m256i(b))); }
BELFRY_INLINE I32 max(I32 a, I32 b) { return I32(_mm256_max_epi32(__m256i(a), __m256i(b))); }
BELFRY_INLINE F32 round(F32 a) {
  return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
BELFRY_INLINE F64 round(F64 a) {
  return _mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
BELFRY_INLINE F32 floor(F32 a) { return _mm256_floor_ps(a); }
BELFRY_INLINE F64 floor(F64 a) { return _mm256_floor_pd(a); }

BELFRY_INLINE unsigned bits(M32 m) { return static_cast<unsigned>(_mm256_movemask_ps(F32(m))); }
BELFRY_INLINE unsigned bits(M64 m) { return static_cast<unsigned>(_mm256_movemask_pd(F64(m))); }
BELFRY_INLINE M32 first_n_32(int n) {
  return M32(I32{0, 1, 2, 3, 4, 5, 6, 7} < set1(std::int32_t{n}));
}
BELFRY_INLINE M64 first_n_64(int n) { return M64(I64{0, 1, 2, 3} < set1(std::int64_t{n})); }

BELFRY_INLINE F32 load_n(const float* p, int n) {
  return _mm256_maskload_ps(p, __m256i(first_n_32(n)));
}
BELFRY_INLINE F64 load_n(const double* p, int n) {
  return _mm256_maskload_pd(p, __m256i(first_n_64(n)));
}
BELFRY_INLINE I32 load_n(const std::int32_t* p, int n) {
  return I32(_mm256_maskload_epi32(p, __m256i(first_n_32(n))));
}
BELFRY_INLINE void store_n(float* p, F32 a, int n) {
  _mm256_maskstore_ps(p, __m256i(first_n_32(n)), a);
}
BELFRY_INLINE void store_n(double* p, F64 a, int n) {
  _mm256_maskstore_pd(p, __m256i(first_n_64(n)), a);
}
BELFRY_INLINE void store_n(std::int32_t* p, I32 a, int n) {
  _mm256_maskstore_epi32(p, __m256i(first_n_32(n)), __m256i(a));
}
BELFRY_INLINE void stream(float* p, F32 a) { _mm256_stream_ps(p, a); }
BELFRY_INLINE void stream(double* p, F64 a) { _mm256_stream_pd(p, a); }
BELFRY_INLINE void stream_fence() { _mm_sfence(); }

BELFRY_INLINE __m128i load_index4(const std::int32_t* p) {
  __m128i v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
// The masked form: the plain one has an undefined source operand, which GCC warns about.
BELFRY_INLINE F32 gather(const float* base, I32 i) {
  const F32 zero{};
  return _mm256_mask_i32gather_ps(zero, base, __m256i(i), F32(zero == zero), 4);
}
BELFRY_INLINE F32 gather(const float* base, const std::int32_t* index) {
  I32 i;
  __builtin_memcpy(&i, index, sizeof i);
  return gather(base, i);
}
BELFRY_INLINE F64 gather(const double* base, const std::int32_t* index) {
  const F64 zero{};
  return _mm256_mask_i32gather_pd(zero, base, load_index4(index), F64(zero == zero), 8);
}
BELFRY_INLINE F32 gather_n(const float* base, const std::int32_t* index, int n) {
  const F32 mask = F32(first_n_32(n));
  return _mm256_mask_i32gather_ps(F32{}, base, __m256i(load_n(index, n)), mask, 4);
}
BELFRY_INLINE F64 gather_n(const double* base, const std::int32_t* index, int n) {
  const __m128i lanes = _mm_setr_epi32(0, 1, 2, 3);
  const __m128i i = _mm_maskload_epi32(index, _mm_cmplt_epi32(lanes, _mm_set1_epi32(n)));
  return _mm256_mask_i32gather_pd(F64{}, base, i, F64(first_n_64(n)), 8);
}

// Compared as signed numbers with the top bit turned over: negative indices come last.
struct IndexLimit {
  I32 limit;
  I32 held_lanes = set1(std::int32_t{-1});
  BELFRY_INLINE explicit IndexLimit(std::int32_t count) : limit(set1(count) ^ top()) {}
  BELFRY_INLINE static I32 top() { return set1(static_cast<std::int32_t>(0x80000000u)); }
  BELFRY_INLINE bool held() const { return _mm256_movemask_epi8(__m256i(held_lanes)) == -1; }
  // Lanes that may be read among those of `lanes`.
  BELFRY_INLINE I32 test(I32 index, I32 lanes) {
    const I32 below = (index ^ top()) < limit;
    held_lanes &= below | ~lanes;
    return below & lanes;
  }
};
BELFRY_INLINE F32 gather_lanes(const float* base, I32 index, I32 lanes, IndexLimit& limit) {
  return _mm256_mask_i32gather_ps(F32{}, base, __m256i(index), F32(limit.test(index, lanes)), 4);
}
BELFRY_INLINE F64 gather_lanes(const double* base, __m128i index, __m128i lanes,
                               IndexLimit& limit) {
  const I32 wide_lanes = I32(_mm256_zextsi128_si256(lanes));
  const I32 held = limit.test(I32(_mm256_zextsi128_si256(index)), wide_lanes);
  const __m256i mask = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(__m256i(held)));
  return _mm256_mask_i32gather_pd(F64{}, base, index, F64(mask), 8);
}
BELFRY_INLINE F32 limited_gather(const float* base, const std::int32_t* index, IndexLimit& limit) {
  I32 i;
  __builtin_memcpy(&i, index, sizeof i);
  return gather_lanes(base, i, set1(std::int32_t{-1}), limit);
}
BELFRY_INLINE F64 limited_gather(const double* base, const std::int32_t* index, IndexLimit& limit) {
  return gather_lanes(base, load_index4(index), _mm_set1_epi32(-1), limit);
}
BELFRY_INLINE F32 limited_gather_n(const float* base, const std::int32_t* index, int n,
                                   IndexLimit& limit) {
  return gather_lanes(base, load_n(index, n), I32(first_n_32(n)), limit);
}
BELFRY_INLINE F64 limited_gather_n(const double* base, const std::int32_t* index, int n,
                                   IndexLimit& limit) {
  const __m128i lanes = _mm_cmplt_epi32(_mm_setr_epi32(0, 1, 2, 3), _mm_set1_epi32(n));
  return gather_lanes(base, _mm_maskload_epi32(index, lanes), lanes, limit);
}

BELFRY_INLINE U16 load_u16_n(const std::uint16_t* p, int n) {
  U16 v{};
  for (int i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
BELFRY_INLINE void store_u16_n(std::uint16_t* p, U16 a, int n) {
  for (int i = 0; i < n; ++i) p[i] = a[i];
}
BELFRY_INLINE F32 f16_to_f32(U16 h) { return _mm256_cvtph_ps(__m128i(h)); }
BELFRY_INLINE U16 f32_to_f16(F32 a) {
  return U16(_mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

BELFRY_INLINE I32 zero_extend(U16 a) { return I32(_mm256_cvtepu16_epi32(__m128i(a))); }
// Saturating pack of values that fit, then the two used quarters side by side.
BELFRY_INLINE U16 low_halves(I32 a) {
  const __m256i low = __m256i(a & set1(std::int32_t{0xffff}));
  const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, low), 0x08);
  return U16(_mm256_castsi256_si128(packed));
}
BELFRY_INLINE I32 load_u8(const std::uint8_t* p) {
  return I32(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
}
BELFRY_INLINE F64 widen(HalfF32 a) { return _mm256_cvtps_pd(a); }
BELFRY_INLINE HalfF32 narrow(F64 a) { return _mm256_cvtpd_ps(a); }

}  // namespace belfry::cpu::BELFRY_ISA::raw
