// Level primitives of `baseline`: 16-byte vectors, SSE2 on x86-64, NEON through the compiler's
// vector extension on arm64. A mask is an integer vector of 0 and -1.

namespace belfry::cpu::BELFRY_ISA::raw {

using M32 = I32;
using M64 = I64;

BELFRY_INLINE F32 set1(float x) { return F32{x, x, x, x}; }
BELFRY_INLINE F64 set1(double x) { return F64{x, x}; }
BELFRY_INLINE I32 set1(std::int32_t x) { return I32{x, x, x, x}; }
BELFRY_INLINE I64 set1(std::int64_t x) { return I64{x, x}; }

// Rounds twice: there is no fused instruction in SSE2, and libm's fma costs a call per lane.
template <class V>
BELFRY_INLINE V fma(V a, V b, V c) {
  return a * b + c;
}
template <class V>
BELFRY_INLINE V fnma(V a, V b, V c) {
  return c - a * b;
}
template <class V>
BELFRY_INLINE V fms(V a, V b, V c) {
  return a * b - c;
}

BELFRY_INLINE F32 select(M32 m, F32 a, F32 b) { return F32((m & I32(a)) | (~m & I32(b))); }
BELFRY_INLINE F64 select(M64 m, F64 a, F64 b) { return F64((m & I64(a)) | (~m & I64(b))); }
BELFRY_INLINE I32 select(M32 m, I32 a, I32 b) { return (m & a) | (~m & b); }
BELFRY_INLINE I64 select(M64 m, I64 a, I64 b) { return (m & a) | (~m & b); }

BELFRY_INLINE F32 abs(F32 a) { return F32(I32(a) & set1(std::int32_t{0x7fffffff})); }
BELFRY_INLINE F64 abs(F64 a) { return F64(I64(a) & set1(std::int64_t{0x7fffffffffffffff})); }

#if defined(__x86_64__)
BELFRY_INLINE F32 sqrt(F32 a) { return _mm_sqrt_ps(a); }
BELFRY_INLINE F64 sqrt(F64 a) { return _mm_sqrt_pd(a); }
BELFRY_INLINE F32 min(F32 a, F32 b) { return _mm_min_ps(a, b); }
BELFRY_INLINE F64 min(F64 a, F64 b) { return _mm_min_pd(a, b); }
BELFRY_INLINE F32 max(F32 a, F32 b) { return _mm_max_ps(a, b); }
BELFRY_INLINE F64 max(F64 a, F64 b) { return _mm_max_pd(a, b); }
BELFRY_INLINE unsigned bits(M32 m) { return static_cast<unsigned>(_mm_movemask_ps(F32(m))); }
BELFRY_INLINE unsigned bits(M64 m) { return static_cast<unsigned>(_mm_movemask_pd(F64(m))); }
BELFRY_INLINE void stream(float* p, F32 a) { _mm_stream_ps(p, a); }
BELFRY_INLINE void stream(double* p, F64 a) { _mm_stream_pd(p, a); }
BELFRY_INLINE void stream_fence() { _mm_sfence(); }
#else
BELFRY_INLINE F32 sqrt(F32 a) {
  return F32{__builtin_sqrtf(a[0]), __builtin_sqrtf(a[1]), __builtin_sqrtf(a[2]),
             __builtin_sqrtf(a[3])};
}
BELFRY_INLINE F64 sqrt(F64 a) { return F64{__builtin_sqrt(a[0]), __builtin_sqrt(a[1])}; }
BELFRY_INLINE F32 min(F32 a, F32 b) { return select(M32(a < b), a, b); }
BELFRY_INLINE F64 min(F64 a, F64 b) { return select(M64(a < b), a, b); }
BELFRY_INLINE F32 max(F32 a, F32 b) { return select(M32(a > b), a, b); }
BELFRY_INLINE F64 max(F64 a, F64 b) { return select(M64(a > b), a, b); }
BELFRY_INLINE unsigned bits(M32 m) {
  const I32 b = m & I32{1, 2, 4, 8};
  return static_cast<unsigned>(b[0] | b[1] | b[2] | b[3]);
}
BELFRY_INLINE unsigned bits(M64 m) {
  const I64 b = m & I64{1, 2};
  return static_cast<unsigned>(b[0] | b[1]);
}
BELFRY_INLINE void stream(float* p, F32 a) { __builtin_memcpy(p, &a, sizeof a); }
BELFRY_INLINE void stream(double* p, F64 a) { __builtin_memcpy(p, &a, sizeof a); }
BELFRY_INLINE void stream_fence() {}
#endif

BELFRY_INLINE I32 min(I32 a, I32 b) { return select(M32(a < b), a, b); }
BELFRY_INLINE I32 max(I32 a, I32 b) { return select(M32(a > b), a, b); }

// Adding 2^23 (2^52) leaves no bits for a fraction; larger values are whole already.
BELFRY_INLINE F32 round(F32 a) {
  const F32 sign = F32(I32(a) & set1(std::numeric_limits<std::int32_t>::min()));
  const F32 magnitude = abs(a);
  const F32 whole = (magnitude + 8388608.0f) - 8388608.0f;
  const F32 r = select(M32(magnitude < 8388608.0f), whole, magnitude);
  return F32(I32(r) | I32(sign));
}
BELFRY_INLINE F64 round(F64 a) {
  const F64 sign = F64(I64(a) & set1(std::numeric_limits<std::int64_t>::min()));
  const F64 magnitude = abs(a);
  const F64 whole = (magnitude + 4503599627370496.0) - 4503599627370496.0;
  const F64 r = select(M64(magnitude < 4503599627370496.0), whole, magnitude);
  return F64(I64(r) | I64(sign));
}
BELFRY_INLINE F32 floor(F32 a) {
  const F32 r = round(a);
  return r - select(M32(r > a), set1(1.0f), set1(0.0f));
}
BELFRY_INLINE F64 floor(F64 a) {
  const F64 r = round(a);
  return r - select(M64(r > a), set1(1.0), set1(0.0));
}

BELFRY_INLINE M32 first_n_32(int n) { return M32(I32{0, 1, 2, 3} < set1(std::int32_t{n})); }
// By 32-bit lanes: SSE2 compares no wider integers.
BELFRY_INLINE M64 first_n_64(int n) { return M64(I32{0, 0, 1, 1} < set1(std::int32_t{n})); }

template <class V, class T>
BELFRY_INLINE V load_first(const T* p, int n) {
  V v{};
  for (int i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
template <class V, class T>
BELFRY_INLINE void store_first(T* p, V v, int n) {
  for (int i = 0; i < n; ++i) p[i] = v[i];
}
BELFRY_INLINE F32 load_n(const float* p, int n) { return load_first<F32>(p, n); }
BELFRY_INLINE F64 load_n(const double* p, int n) { return load_first<F64>(p, n); }
BELFRY_INLINE I32 load_n(const std::int32_t* p, int n) { return load_first<I32>(p, n); }
BELFRY_INLINE void store_n(float* p, F32 a, int n) { store_first(p, a, n); }
BELFRY_INLINE void store_n(double* p, F64 a, int n) { store_first(p, a, n); }
BELFRY_INLINE void store_n(std::int32_t* p, I32 a, int n) { store_first(p, a, n); }

BELFRY_INLINE F32 gather(const float* base, I32 i) {
  return F32{base[i[0]], base[i[1]], base[i[2]], base[i[3]]};
}
BELFRY_INLINE F32 gather(const float* base, const std::int32_t* i) {
  return F32{base[i[0]], base[i[1]], base[i[2]], base[i[3]]};
}
BELFRY_INLINE F64 gather(const double* base, const std::int32_t* i) {
  return F64{base[i[0]], base[i[1]]};
}
BELFRY_INLINE F32 gather_n(const float* base, const std::int32_t* index, int n) {
  F32 v{};
  for (int i = 0; i < n; ++i) v[i] = base[index[i]];
  return v;
}
BELFRY_INLINE F64 gather_n(const double* base, const std::int32_t* index, int n) {
  F64 v{};
  for (int i = 0; i < n; ++i) v[i] = base[index[i]];
  return v;
}

struct IndexLimit {
  std::uint32_t limit;
  bool all = true;
  BELFRY_INLINE explicit IndexLimit(std::int32_t count)
      : limit(static_cast<std::uint32_t>(count)) {}
  BELFRY_INLINE bool held() const { return all; }
  template <class V, class T>
  BELFRY_INLINE V gather(const T* base, const std::int32_t* index, int n) {
    V v{};
    for (int i = 0; i < n; ++i) {
      const bool below = static_cast<std::uint32_t>(index[i]) < limit;
      if (below) v[i] = base[index[i]];
      all = all && below;
    }
    return v;
  }
};
BELFRY_INLINE F32 limited_gather(const float* base, const std::int32_t* index, IndexLimit& limit) {
  return limit.gather<F32>(base, index, 4);
}
BELFRY_INLINE F64 limited_gather(const double* base, const std::int32_t* index, IndexLimit& limit) {
  return limit.gather<F64>(base, index, 2);
}
BELFRY_INLINE F32 limited_gather_n(const float* base, const std::int32_t* index, int n,
                                   IndexLimit& limit) {
  return limit.gather<F32>(base, index, n);
}
BELFRY_INLINE F64 limited_gather_n(const double* base, const std::int32_t* index, int n,
                                   IndexLimit& limit) {
  return limit.gather<F64>(base, index, n);
}

BELFRY_INLINE U16 load_u16_n(const std::uint16_t* p, int n) { return load_first<U16>(p, n); }
BELFRY_INLINE void store_u16_n(std::uint16_t* p, U16 a, int n) { store_first(p, a, n); }

BELFRY_INLINE I32 zero_extend(U16 a) { return __builtin_convertvector(a, I32); }
BELFRY_INLINE U16 low_halves(I32 a) { return __builtin_convertvector(a, U16); }
BELFRY_INLINE I32 load_u8(const std::uint8_t* p) { return I32{p[0], p[1], p[2], p[3]}; }
BELFRY_INLINE F64 widen(HalfF32 a) { return __builtin_convertvector(a, F64); }
BELFRY_INLINE HalfF32 narrow(F64 a) { return __builtin_convertvector(a, HalfF32); }

}  // namespace belfry::cpu::BELFRY_ISA::raw
