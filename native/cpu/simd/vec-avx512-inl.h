// Level primitives of `avx512`: 64-byte vectors, one bit per lane in a mask.
// The zero-masked forms with all lanes set compile to the plain instructions; the plain intrinsics
// have an undefined source operand, which GCC warns about.

namespace belfry::cpu::BELFRY_ISA::raw {

using M32 = __mmask16;
using M64 = __mmask8;

constexpr M32 kAll32 = 0xffff;
constexpr M64 kAll64 = 0xff;
constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
constexpr int kDown = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;

BELFRY_INLINE F32 set1(float x) { return _mm512_set1_ps(x); }
BELFRY_INLINE F64 set1(double x) { return _mm512_set1_pd(x); }
BELFRY_INLINE I32 set1(std::int32_t x) { return I32(_mm512_set1_epi32(x)); }
BELFRY_INLINE I64 set1(std::int64_t x) { return I64(_mm512_set1_epi64(x)); }

BELFRY_INLINE F32 fma(F32 a, F32 b, F32 c) { return _mm512_fmadd_ps(a, b, c); }
BELFRY_INLINE F64 fma(F64 a, F64 b, F64 c) { return _mm512_fmadd_pd(a, b, c); }
BELFRY_INLINE F32 fnma(F32 a, F32 b, F32 c) { return _mm512_fnmadd_ps(a, b, c); }
BELFRY_INLINE F64 fnma(F64 a, F64 b, F64 c) { return _mm512_fnmadd_pd(a, b, c); }
BELFRY_INLINE F32 fms(F32 a, F32 b, F32 c) { return _mm512_fmsub_ps(a, b, c); }
BELFRY_INLINE F64 fms(F64 a, F64 b, F64 c) { return _mm512_fmsub_pd(a, b, c); }

BELFRY_INLINE F32 select(M32 m, F32 a, F32 b) { return _mm512_mask_blend_ps(m, b, a); }
BELFRY_INLINE F64 select(M64 m, F64 a, F64 b) { return _mm512_mask_blend_pd(m, b, a); }
BELFRY_INLINE I32 select(M32 m, I32 a, I32 b) {
  return I32(_mm512_mask_blend_epi32(m, __m512i(b), __m512i(a)));
}
BELFRY_INLINE I64 select(M64 m, I64 a, I64 b) {
  return I64(_mm512_mask_blend_epi64(m, __m512i(b), __m512i(a)));
}

BELFRY_INLINE M32 lt(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
BELFRY_INLINE M64 lt(F64 a, F64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
BELFRY_INLINE M32 lt(I32 a, I32 b) { return _mm512_cmplt_epi32_mask(__m512i(a), __m512i(b)); }
BELFRY_INLINE M64 lt(I64 a, I64 b) { return _mm512_cmplt_epi64_mask(__m512i(a), __m512i(b)); }
BELFRY_INLINE M32 le(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
BELFRY_INLINE M64 le(F64 a, F64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
BELFRY_INLINE M32 le(I32 a, I32 b) { return _mm512_cmple_epi32_mask(__m512i(a), __m512i(b)); }
BELFRY_INLINE M64 le(I64 a, I64 b) { return _mm512_cmple_epi64_mask(__m512i(a), __m512i(b)); }
BELFRY_INLINE M32 eq(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
BELFRY_INLINE M64 eq(F64 a, F64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }
BELFRY_INLINE M32 eq(I32 a, I32 b) { return _mm512_cmpeq_epi32_mask(__m512i(a), __m512i(b)); }
BELFRY_INLINE M64 eq(I64 a, I64 b) { return _mm512_cmpeq_epi64_mask(__m512i(a), __m512i(b)); }
// True for NaN.
BELFRY_INLINE M32 not_lt(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ); }
BELFRY_INLINE M64 not_lt(F64 a, F64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_NLT_UQ); }
BELFRY_INLINE unsigned bits(M32 m) { return m; }
BELFRY_INLINE unsigned bits(M64 m) { return m; }
BELFRY_INLINE M32 first_n_32(int n) { return M32((1u << n) - 1u); }
BELFRY_INLINE M64 first_n_64(int n) { return M64((1u << n) - 1u); }

BELFRY_INLINE F32 abs(F32 a) { return F32(I32(a) & set1(std::int32_t{0x7fffffff})); }
BELFRY_INLINE F64 abs(F64 a) { return F64(I64(a) & set1(std::int64_t{0x7fffffffffffffff})); }
BELFRY_INLINE F32 sqrt(F32 a) { return _mm512_maskz_sqrt_ps(kAll32, a); }
BELFRY_INLINE F64 sqrt(F64 a) { return _mm512_maskz_sqrt_pd(kAll64, a); }
BELFRY_INLINE F32 min(F32 a, F32 b) { return _mm512_maskz_min_ps(kAll32, a, b); }
BELFRY_INLINE F64 min(F64 a, F64 b) { return _mm512_maskz_min_pd(kAll64, a, b); }
BELFRY_INLINE F32 max(F32 a, F32 b) { return _mm512_maskz_max_ps(kAll32, a, b); }
BELFRY_INLINE F64 max(F64 a, F64 b) { return _mm512_maskz_max_pd(kAll64, a, b); }
BELFRY_INLINE I32 min(I32 a, I32 b) {
  return I32(_mm512_maskz_min_epi32(kAll32, __m512i(a), __m512i(b)));
}
BELFRY_INLINE I32 max(I32 a, I32 b) {
  return I32(_mm512_maskz_max_epi32(kAll32, __m512i(a), __m512i(b)));
}
BELFRY_INLINE F32 round(F32 a) { return _mm512_maskz_roundscale_ps(kAll32, a, kNearest); }
BELFRY_INLINE F64 round(F64 a) { return _mm512_maskz_roundscale_pd(kAll64, a, kNearest); }
BELFRY_INLINE F32 floor(F32 a) { return _mm512_maskz_roundscale_ps(kAll32, a, kDown); }
BELFRY_INLINE F64 floor(F64 a) { return _mm512_maskz_roundscale_pd(kAll64, a, kDown); }

// a * 2^n for whole n, in the lanes of m; 0 elsewhere. Overflow gives infinity.
BELFRY_INLINE F32 scale(M32 m, F32 a, F32 n) { return _mm512_maskz_scalef_ps(m, a, n); }
BELFRY_INLINE F64 scale(M64 m, F64 a, F64 n) { return _mm512_maskz_scalef_pd(m, a, n); }

// a = mantissa(a) * 2^exponent(a) with the mantissa in [0.75, 1.5); negative numbers give NaN,
// zero gives 1 and -infinity, infinity gives 1 and infinity.
BELFRY_INLINE F32 mantissa(F32 a) {
  return _mm512_maskz_getmant_ps(kAll32, a, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
}
BELFRY_INLINE F64 mantissa(F64 a) {
  return _mm512_maskz_getmant_pd(kAll64, a, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
}
BELFRY_INLINE F32 exponent(F32 a, F32 mantissa_of_a) {
  const F32 e = _mm512_maskz_getexp_ps(kAll32, a);
  return _mm512_mask_add_ps(e, lt(mantissa_of_a, set1(1.0f)), e, set1(1.0f));
}
BELFRY_INLINE F64 exponent(F64 a, F64 mantissa_of_a) {
  const F64 e = _mm512_maskz_getexp_pd(kAll64, a);
  return _mm512_mask_add_pd(e, lt(mantissa_of_a, set1(1.0)), e, set1(1.0));
}

BELFRY_INLINE F32 load_n(const float* p, int n) { return _mm512_maskz_loadu_ps(first_n_32(n), p); }
BELFRY_INLINE F64 load_n(const double* p, int n) { return _mm512_maskz_loadu_pd(first_n_64(n), p); }
BELFRY_INLINE I32 load_n(const std::int32_t* p, int n) {
  return I32(_mm512_maskz_loadu_epi32(first_n_32(n), p));
}
BELFRY_INLINE void store_n(float* p, F32 a, int n) { _mm512_mask_storeu_ps(p, first_n_32(n), a); }
BELFRY_INLINE void store_n(double* p, F64 a, int n) { _mm512_mask_storeu_pd(p, first_n_64(n), a); }
BELFRY_INLINE void store_n(std::int32_t* p, I32 a, int n) {
  _mm512_mask_storeu_epi32(p, first_n_32(n), __m512i(a));
}
BELFRY_INLINE void stream(float* p, F32 a) { _mm512_stream_ps(p, a); }
BELFRY_INLINE void stream(double* p, F64 a) { _mm512_stream_pd(p, a); }
BELFRY_INLINE void stream_fence() { _mm_sfence(); }

// A gather merges into its register and so waits for what was in it. GCC leaves that to chance when
// it can see that no lane is masked; where it cannot, it sets the register to 0 first.
template <class M>
BELFRY_INLINE M hidden(M mask) {
  asm("" : "+Yk"(mask));
  return mask;
}
BELFRY_INLINE F32 gather(const float* base, I32 i) {
  return _mm512_mask_i32gather_ps(F32{}, hidden(kAll32), __m512i(i), base, 4);
}
BELFRY_INLINE F32 gather(const float* base, const std::int32_t* index) {
  return gather(base, I32(_mm512_loadu_si512(index)));
}
BELFRY_INLINE F64 gather(const double* base, const std::int32_t* index) {
  const __m256i i = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index));
  return _mm512_mask_i32gather_pd(F64{}, hidden(kAll64), i, base, 8);
}
BELFRY_INLINE F32 gather_n(const float* base, const std::int32_t* index, int n) {
  const __m512i i = _mm512_maskz_loadu_epi32(first_n_32(n), index);
  return _mm512_mask_i32gather_ps(F32{}, first_n_32(n), i, base, 4);
}
BELFRY_INLINE F64 gather_n(const double* base, const std::int32_t* index, int n) {
  const __m256i i = _mm256_maskz_loadu_epi32(first_n_64(n), index);
  return _mm512_mask_i32gather_pd(F64{}, first_n_64(n), i, base, 8);
}

struct IndexLimit {
  I32 limit;
  M32 held32 = kAll32;
  M64 held64 = kAll64;
  BELFRY_INLINE explicit IndexLimit(std::int32_t count) : limit(set1(count)) {}
  BELFRY_INLINE bool held() const { return held32 == kAll32 && held64 == kAll64; }
};
BELFRY_INLINE F32 limited_gather(const float* base, const std::int32_t* index, IndexLimit& limit) {
  const __m512i i = _mm512_loadu_si512(index);
  const M32 held = _mm512_cmplt_epu32_mask(i, __m512i(limit.limit));
  limit.held32 &= held;
  return _mm512_mask_i32gather_ps(F32{}, held, i, base, 4);
}
BELFRY_INLINE F64 limited_gather(const double* base, const std::int32_t* index, IndexLimit& limit) {
  const __m256i i = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index));
  const M64 held = _mm256_cmplt_epu32_mask(i, _mm512_castsi512_si256(__m512i(limit.limit)));
  limit.held64 &= held;
  return _mm512_mask_i32gather_pd(F64{}, held, i, base, 8);
}
BELFRY_INLINE F32 limited_gather_n(const float* base, const std::int32_t* index, int n,
                                   IndexLimit& limit) {
  const M32 lanes = first_n_32(n);
  const __m512i i = _mm512_maskz_loadu_epi32(lanes, index);
  const M32 held = _mm512_mask_cmplt_epu32_mask(lanes, i, __m512i(limit.limit));
  limit.held32 &= static_cast<M32>(held | ~lanes);
  return _mm512_mask_i32gather_ps(F32{}, held, i, base, 4);
}
BELFRY_INLINE F64 limited_gather_n(const double* base, const std::int32_t* index, int n,
                                   IndexLimit& limit) {
  const M64 lanes = first_n_64(n);
  const __m256i i = _mm256_maskz_loadu_epi32(lanes, index);
  const M64 held =
      _mm256_mask_cmplt_epu32_mask(lanes, i, _mm512_castsi512_si256(__m512i(limit.limit)));
  limit.held64 &= static_cast<M64>(held | ~lanes);
  return _mm512_mask_i32gather_pd(F64{}, held, i, base, 8);
}

BELFRY_INLINE U16 load_u16_n(const std::uint16_t* p, int n) {
  return U16(_mm256_maskz_loadu_epi16(first_n_32(n), p));
}
BELFRY_INLINE void store_u16_n(std::uint16_t* p, U16 a, int n) {
  _mm256_mask_storeu_epi16(p, first_n_32(n), __m256i(a));
}
BELFRY_INLINE F32 f16_to_f32(U16 h) { return _mm512_maskz_cvtph_ps(kAll32, __m256i(h)); }
BELFRY_INLINE U16 f32_to_f16(F32 a) { return U16(_mm512_maskz_cvtps_ph(kAll32, a, kNearest)); }

BELFRY_INLINE I32 zero_extend(U16 a) {
  return I32(_mm512_maskz_cvtepu16_epi32(kAll32, __m256i(a)));
}
BELFRY_INLINE U16 low_halves(I32 a) { return U16(_mm512_maskz_cvtepi32_epi16(kAll32, __m512i(a))); }
BELFRY_INLINE I32 load_u8(const std::uint8_t* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return I32(_mm512_maskz_cvtepu8_epi32(kAll32, bytes));
}
BELFRY_INLINE M32 nonzero_u8(const std::uint8_t* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return _mm_test_epi8_mask(bytes, bytes);
}
BELFRY_INLINE F64 widen(HalfF32 a) { return _mm512_maskz_cvtps_pd(kAll64, a); }
BELFRY_INLINE HalfF32 narrow(F64 a) { return _mm512_maskz_cvtpd_ps(kAll64, a); }

}  // namespace belfry::cpu::BELFRY_ISA::raw
