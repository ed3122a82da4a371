// Loads, stores, gathers, and widening of Vec<T>.
// Part of vec-inl.h.

namespace belfry::cpu::BELFRY_ISA {

template <class T>
BELFRY_INLINE Vec<T> load(const T* p) {
  Vec<T> v;
  __builtin_memcpy(&v.raw, p, sizeof v.raw);
  return v;
}
template <class T>
BELFRY_INLINE void store(T* p, Arg<T> v) {
  __builtin_memcpy(p, &v.raw, sizeof v.raw);
}
// Touches p[0..n) only. The lanes from n on are 0, or fill.
template <class T>
BELFRY_INLINE Vec<T> load_n(const T* p, int n) {
  return Vec<T>(raw::load_n(p, n));
}
template <class T>
BELFRY_INLINE Vec<T> load_n(const T* p, int n, Arg<T> fill) {
  return select(first_n<T>(n), load_n(p, n), fill);
}
template <class T>
BELFRY_INLINE void store_n(T* p, Arg<T> v, int n) {
  raw::store_n(p, v.raw, n);
}

// Asks for the lines of the `count` elements that lie `ahead` bytes after p (before, if negative):
// the processor's own prefetch ends with every 4 KiB page, and follows few streams. Level 3 is
// every cache, 2 all but the first. Where no memory is, nothing happens.
template <int kWrite = 0, int kLevel = 3, class T>
BELFRY_INLINE void fetch_ahead(const T* p, std::int64_t count, std::int64_t ahead) {
  constexpr std::int64_t kLine = 64;
  const char* at = reinterpret_cast<const char*>(p) + ahead;
  const std::int64_t bytes = count * std::int64_t{sizeof(T)};
  for (std::int64_t i = 0; i < bytes; i += kLine) __builtin_prefetch(at + i, kWrite, kLevel);
}

// Non-temporal store: for outputs larger than the cache that are not read again soon.
// p must satisfy is_aligned(p); call stream_fence() once after the last one.
template <class T>
BELFRY_INLINE void stream(T* p, Arg<T> v) {
  raw::stream(p, v.raw);
}
BELFRY_INLINE void stream_fence() { raw::stream_fence(); }
template <class T>
BELFRY_INLINE bool is_aligned(const T* p) {
  return reinterpret_cast<std::uintptr_t>(p) % BELFRY_VEC_BYTES == 0;
}

// base[index[i]]. Indices are not checked. gather_n reads n indices; the other lanes are 0.
template <class T>
BELFRY_INLINE Vec<T> gather(const T* base, const std::int32_t* index) {
  return Vec<T>(raw::gather(base, index));
}
template <class T>
BELFRY_INLINE Vec<T> gather_n(const T* base, const std::int32_t* index, int n) {
  return Vec<T>(raw::gather_n(base, index, n));
}
// The same for indices that nobody has checked: one outside [0, count) reads nothing and gives 0;
// limit.held() then is false.
using raw::IndexLimit;
template <class T>
BELFRY_INLINE Vec<T> checked_gather(const T* base, const std::int32_t* index, IndexLimit& limit) {
  return Vec<T>(raw::limited_gather(base, index, limit));
}
template <class T>
BELFRY_INLINE Vec<T> checked_gather_n(const T* base, const std::int32_t* index, int n,
                                      IndexLimit& limit) {
  return Vec<T>(raw::limited_gather_n(base, index, n, limit));
}
BELFRY_INLINE Vec<float> gather(const float* base, Vec<std::int32_t> index) {
  return Vec<float>(raw::gather(base, index.raw));
}

// 0, 1, 2, ...
template <class T>
BELFRY_INLINE Vec<T> iota() {
  Vec<T> v;
  for (int i = 0; i < Vec<T>::kLanes; ++i) v.raw[i] = static_cast<T>(i);
  return v;
}

// --- other storage types ----------------------------------------------------------------------

// The two halves of a float vector, lane 0 first.
BELFRY_INLINE Vec<double> widen_lower(Vec<float> v) {
  raw::HalfF32 half[2];
  __builtin_memcpy(half, &v.raw, sizeof half);
  return Vec<double>(raw::widen(half[0]));
}
BELFRY_INLINE Vec<double> widen_upper(Vec<float> v) {
  raw::HalfF32 half[2];
  __builtin_memcpy(half, &v.raw, sizeof half);
  return Vec<double>(raw::widen(half[1]));
}

// Vec<double>::kLanes floats, widened; rounded to nearest even on the way back.
BELFRY_INLINE Vec<double> load_widen(const float* p) {
  raw::HalfF32 half;
  __builtin_memcpy(&half, p, sizeof half);
  return Vec<double>(raw::widen(half));
}
BELFRY_INLINE void store_narrow(float* p, Vec<double> v) {
  const raw::HalfF32 half = raw::narrow(v.raw);
  __builtin_memcpy(p, &half, sizeof half);
}
BELFRY_INLINE Vec<double> load_widen_n(const float* p, int n) { return widen_lower(load_n(p, n)); }
BELFRY_INLINE void store_narrow_n(float* p, Vec<double> v, int n) {
  const raw::HalfF32 half = raw::narrow(v.raw);
  for (int i = 0; i < n; ++i) p[i] = half[i];
}

// One byte per lane, 0..255.
BELFRY_INLINE Vec<std::int32_t> load_u8(const std::uint8_t* p) {
  return Vec<std::int32_t>(raw::load_u8(p));
}
// The lanes whose byte is not 0.
BELFRY_INLINE Mask<std::int32_t> nonzero_u8(const std::uint8_t* p) {
#if BELFRY_ISA_LEVEL == 2
  return {raw::nonzero_u8(p)};
#else
  return load_u8(p) != 0;
#endif
}

}  // namespace belfry::cpu::BELFRY_ISA
