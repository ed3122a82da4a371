// Vectors written one after the other past the caches, in whole lines however they lie to them. The
// tool of a kernel whose output is larger than the caches: a plain store would read the line first.
// Included as a body before the kernel's.

namespace belfry::cpu::BELFRY_ISA {
namespace {

#if BELFRY_ISA_LEVEL > 0

// What begins with lane `by` of a and goes on with the lanes of b; 0 <= by <= lanes. Works on words
// of 32 bits, whatever T.
template <class T>
class Slide {
 public:
  BELFRY_INLINE explicit Slide(int by)
      : words_(iota<std::int32_t>() + Vec<std::int32_t>(by * static_cast<int>(sizeof(T) / 4))) {}
  BELFRY_INLINE Vec<T> operator()(Vec<T> a, Vec<T> b) const {
    const raw::F32 x = raw::F32(a.raw), y = raw::F32(b.raw);
#if BELFRY_ISA_LEVEL == 2
    const raw::F32 words = _mm512_permutex2var_ps(x, __m512i(words_.raw), y);
#else
    const __m256i index = __m256i(words_.raw);
    const raw::F32 words =
        _mm256_blendv_ps(_mm256_permutevar8x32_ps(x, index), _mm256_permutevar8x32_ps(y, index),
                         __m256(words_.raw > 7));
#endif
    return Vec<T>(decltype(a.raw)(words));
  }

 private:
  Vec<std::int32_t> words_;
};

// Vectors come in by put and put_n; finish writes what has not filled a line. Others may write the
// lines around at the same time. stream_fence() after the last one.
template <class T>
class LineWriter {
  static constexpr int kLanes = Vec<T>::kLanes;

 public:
  BELFRY_INLINE explicit LineWriter(T* to) : LineWriter(to, lanes_past_line(to)) {}

  BELFRY_INLINE void put(Vec<T> v) {
    if (skip_ > 0) {
      *this = after(*this, v, kLanes);
      return;
    }
    stream(line_, slide_(last_, v));
    line_ += kLanes;
    last_ = v;
  }
  // The first n lanes.
  BELFRY_INLINE void put_n(Vec<T> v, int n) { *this = after(*this, v, n); }
  BELFRY_INLINE void finish() const {
    T lanes[kLanes];
    store(lanes, slide_(last_, last_));
    store_n(line_ + skip_, load_n(lanes + skip_, held_ - skip_), held_ - skip_);
  }

 private:
  BELFRY_INLINE LineWriter(T* to, int past)
      : line_(to - past), last_(T(0)), slide_(kLanes - past), held_(past), skip_(past) {}
  BELFRY_INLINE static int lanes_past_line(const T* to) {
    return static_cast<int>(reinterpret_cast<std::uintptr_t>(to) % BELFRY_VEC_BYTES / sizeof(T));
  }

  // By value: a writer whose address is known would live in memory.
  BELFRY_NOINLINE static LineWriter after(LineWriter writer, Vec<T> v, int n) {
    T lanes[3 * kLanes] = {};
    T* line = lanes + kLanes;
    store(line, writer.slide_(writer.last_, v));
    store(line + kLanes, writer.slide_(v, v));
    const int held = writer.held_ + n, skip = writer.skip_;
    writer.last_ = load(lanes + held);
    writer.held_ = held % kLanes;
    writer.slide_ = Slide<T>(kLanes - writer.held_);
    if (held < kLanes) return writer;
    if (skip == 0) {
      stream(writer.line_, load(line));
    } else {
      store_n(writer.line_ + skip, load_n(line + skip, kLanes - skip), kLanes - skip);
    }
    writer.line_ += kLanes;
    writer.skip_ = 0;
    return writer;
  }

  T* line_;
  Vec<T> last_;  // its last `held_` lanes wait for the rest of their line
  Slide<T> slide_;
  int held_;
  int skip_;  // lanes of the line that are not ours
};

#else

// Without a permutation by a number of lanes: plain stores.
template <class T>
class LineWriter {
 public:
  BELFRY_INLINE explicit LineWriter(T* to) : to_(to) {}
  BELFRY_INLINE void put(Vec<T> v) {
    store(to_, v);
    to_ += Vec<T>::kLanes;
  }
  BELFRY_INLINE void put_n(Vec<T> v, int n) {
    store_n(to_, v, n);
    to_ += n;
  }
  BELFRY_INLINE void finish() const {}

 private:
  T* to_;
};

#endif

}  // namespace
}  // namespace belfry::cpu::BELFRY_ISA
