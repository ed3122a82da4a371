// Body of whiten, once per instruction set.
//
// A piece is passed over twice while it is in cache: sums of x − shift, the shift being its first
// valid number, then squares about the mean. Lanes of sums hide the latency of the additions. Each
// kind of mask has a loop of its own, which the compiler can put into vectors.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int kLanes = 16;

struct AllValid {
  BELFRY_INLINE bool operator()(int64_t) const { return true; }
};
template <class Flag>
struct FlagsOf {
  const Flag* flags;
  BELFRY_INLINE bool operator()(int64_t i) const { return flags[i] != 0; }
};

// x, or 0 where the flag is down, without a branch: whatever x is, a NaN too.
BELFRY_INLINE double where(bool flag, double x) {
  const auto bits = __builtin_bit_cast(uint64_t, x);
  return __builtin_bit_cast(double, bits&(uint64_t{0} - static_cast<uint64_t>(flag)));
}
BELFRY_INLINE float where(bool flag, float x) {
  const auto bits = __builtin_bit_cast(uint32_t, x);
  return __builtin_bit_cast(float, bits&(uint32_t{0} - static_cast<uint32_t>(flag)));
}

template <class Add>
BELFRY_INLINE void lane_by_lane(int64_t begin, int64_t end, const Add& add) {
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) add(i + lane, lane);
  }
  for (int lane = 0; i < end; ++i, ++lane) add(i, lane);
}

BELFRY_INLINE double sum_of(const double* lanes) {
  double sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += lanes[lane];
  return sum;
}

template <class T, class Valid>
math::Moments moments_where(const T* values, int64_t begin, int64_t end, const Valid& valid) {
  int64_t first = begin;
  while (first < end && !valid(first)) ++first;
  if (first == end) return {};
  const double shift = static_cast<double>(values[first]);
  double sums[kLanes] = {}, counts[kLanes] = {}, squares[kLanes] = {};
  lane_by_lane(first, end, [&](int64_t i, int lane) {
    const bool flag = valid(i);
    sums[lane] += where(flag, static_cast<double>(values[i]) - shift);
    counts[lane] += static_cast<double>(flag);
  });
  const double count = sum_of(counts), mean = sum_of(sums) / count;
  lane_by_lane(first, end, [&](int64_t i, int lane) {
    const double d = where(valid(i), static_cast<double>(values[i]) - shift - mean);
    squares[lane] += d * d;
  });
  return {count, shift + mean, sum_of(squares)};
}

template <class T, class Valid>
void line_where(const T* values, int64_t begin, int64_t end, const Valid& valid,
                const math::WhitenLine& line, T* out) {
  for (int64_t i = begin; i < end; ++i) {
    out[i] = where(valid(i), static_cast<T>(line(static_cast<double>(values[i]))));
  }
}

}  // namespace

template <class T>
math::Moments piece_moments(const T* values, int64_t begin, int64_t end,
                            const math::FlagReader& mask) {
  if (mask.bytes) return moments_where(values, begin, end, FlagsOf<uint8_t>{mask.bytes});
  if (mask.words) return moments_where(values, begin, end, FlagsOf<int32_t>{mask.words});
  return moments_where(values, begin, end, AllValid{});
}

template <class T>
void piece_line(const T* values, int64_t begin, int64_t end, const math::FlagReader& mask,
                const math::WhitenLine& line, T* out) {
  if (mask.bytes) {
    line_where(values, begin, end, FlagsOf<uint8_t>{mask.bytes}, line, out);
  } else if (mask.words) {
    line_where(values, begin, end, FlagsOf<int32_t>{mask.words}, line, out);
  } else {
    line_where(values, begin, end, AllValid{}, line, out);
  }
}

template math::Moments piece_moments(const float*, int64_t, int64_t, const math::FlagReader&);
template math::Moments piece_moments(const double*, int64_t, int64_t, const math::FlagReader&);
template void piece_line(const float*, int64_t, int64_t, const math::FlagReader&,
                         const math::WhitenLine&, float*);
template void piece_line(const double*, int64_t, int64_t, const math::FlagReader&,
                         const math::WhitenLine&, double*);

}  // namespace belfry::cpu::BELFRY_ISA
