// C[m,n] = A Wᵀ for few rows: every row of W is read once per four rows of A, at the speed of the
// cache it comes from. Sums run along k in the lanes; those of a group are folded together, halves
// onto halves, which is the order of reduce_sum: a dot has the same bits in any group.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// Rows of W read side by side: more streams do not come from L2 any faster.
constexpr int kOutsAtOnce = 4;

// A row read in steps of one vector. `part` gives zeros from `count` on; `full` may be called while
// kReach whole vectors are left.
template <class T>
struct PlainRow {
  static constexpr int kReach = 1;
  const T* row;

  BELFRY_INLINE void begin(const T* from, int64_t) { row = from; }
  BELFRY_INLINE Vec<T> full(int64_t at) { return load(row + at); }
  BELFRY_INLINE Vec<T> part(int64_t at, int64_t, int count) { return load_n(row + at, count); }
};

#if BELFRY_ISA_LEVEL == 2

BELFRY_INLINE Vec<float> pick(Vec<float> a, Vec<std::int32_t> lanes, Vec<float> b) {
  return Vec<float>(
      raw::F32(_mm512_permutex2var_ps(__m512(a.raw), __m512i(lanes.raw), __m512(b.raw))));
}
BELFRY_INLINE Vec<double> pick(Vec<double> a, Vec<std::int64_t> lanes, Vec<double> b) {
  return Vec<double>(
      raw::F64(_mm512_permutex2var_pd(__m512d(a.raw), __m512i(lanes.raw), __m512d(b.raw))));
}
BELFRY_INLINE Vec<float> load_masked(const float* p, unsigned mask) {
  return Vec<float>(raw::F32(_mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), p)));
}
BELFRY_INLINE Vec<double> load_masked(const double* p, unsigned mask) {
  return Vec<double>(raw::F64(_mm512_maskz_loadu_pd(static_cast<__mmask8>(mask), p)));
}

// Shorter rows do not repay the setting up.
template <class T>
constexpr int64_t kLongRow = 8 * Vec<T>::kLanes;

// A row that does not begin on a cache line: a load across two lines costs twice, so lines are
// loaded whole and their parts put together. Nothing outside the row is read.
template <class T>
struct ShiftedRow {
  using Int = typename VecTraits<T>::Bits;
  static constexpr int kReach = 2;
  const T* line;
  int shift;
  Vec<Int> lanes;
  Vec<T> before;

  BELFRY_INLINE void begin(const T* from, int64_t k) {
    constexpr int kLanes = Vec<T>::kLanes;
    shift = static_cast<int>(reinterpret_cast<std::uintptr_t>(from) % BELFRY_VEC_BYTES / sizeof(T));
    line = from - shift;
    lanes = iota<Int>() + static_cast<Int>(shift);
    const int end = static_cast<int>(k < kLanes ? k + shift : kLanes);
    const unsigned mask = ((1u << (end < kLanes ? end : kLanes)) - 1u) & ~((1u << shift) - 1u);
    before = load_masked(line, mask);
  }
  BELFRY_INLINE Vec<T> join(Vec<T> next) {
    const Vec<T> vec = pick(before, lanes, next);
    before = next;
    return vec;
  }
  BELFRY_INLINE Vec<T> full(int64_t at) { return join(load(line + at + Vec<T>::kLanes)); }
  BELFRY_INLINE Vec<T> part(int64_t at, int64_t k, int) {
    constexpr int kLanes = Vec<T>::kLanes;
    const int64_t left = k + shift - at - kLanes;
    const int inside = static_cast<int>(left < 0 ? 0 : left < kLanes ? left : kLanes);
    return join(load_n(line + at + kLanes, inside));
  }
};

#endif

// Groups of kWidth lanes are halved; those of `a`, then those of `b`.
template <class T, int kWidth, int... kIndex>
BELFRY_INLINE Vec<T> fold_pair(Vec<T> a, Vec<T> b, detail::Indices<kIndex...>) {
  constexpr int kHalf = kWidth / 2;
  const Vec<T> low(
      __builtin_shufflevector(a.raw, b.raw, (kIndex / kHalf * kWidth + kIndex % kHalf)...));
  const Vec<T> high(
      __builtin_shufflevector(a.raw, b.raw, (kIndex / kHalf * kWidth + kIndex % kHalf + kHalf)...));
  return low + high;
}

// Lane i of the result is the sum of the lanes of sums[i], i < kCount <= kLanes.
template <class T, int kCount, int kWidth = Vec<T>::kLanes>
BELFRY_INLINE Vec<T> fold_all(Vec<T>* sums) {
  if constexpr (kWidth == 1) {
    return sums[0];
  } else {
    constexpr int kNext = kCount > 1 ? kCount / 2 : 1;
#pragma GCC unroll 16
    for (int i = 0; i < kNext; ++i) {
      sums[i] = fold_pair<T, kWidth>(sums[kCount > 1 ? 2 * i : 0], sums[kCount > 1 ? 2 * i + 1 : 0],
                                     typename detail::MakeIndices<Vec<T>::kLanes>::Type());
    }
    return fold_all<T, kNext, kWidth / 2>(sums);
  }
}

template <class T, int kRows, int kOuts>
BELFRY_INLINE void add_terms(const Vec<T>* left, Vec<T> right, Vec<T>* sums) {
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) sums[r * kOuts] = fma(left[r], right, sums[r * kOuts]);
}

// sums[r * kOuts + o] = row r of A times row o of W, still spread over the lanes.
template <class T, class Row, int kRows, int kOuts>
BELFRY_INLINE void spread_dots(const Product<T>& p, const T* a, const T* w, Vec<T>* sums) {
  constexpr int kLanes = Vec<T>::kLanes;
  Row rows[kOuts];
#pragma GCC unroll 4
  for (int o = 0; o < kOuts; ++o) rows[o].begin(w + o * p.b_stride, p.k);
  for (int i = 0; i < kRows * kOuts; ++i) sums[i] = zero<T>();
  int64_t at = 0;
  Vec<T> left[kRows];
  for (; at + Row::kReach * kLanes <= p.k; at += kLanes) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) left[r] = load(a + r * p.a_stride + at);
#pragma GCC unroll 4
    for (int o = 0; o < kOuts; ++o) {
      add_terms<T, kRows, kOuts>(left, rows[o].full(at), sums + o);
    }
  }
  for (; at < p.k; at += kLanes) {
    const int count = static_cast<int>(p.k - at < kLanes ? p.k - at : kLanes);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) left[r] = load_n(a + r * p.a_stride + at, count);
#pragma GCC unroll 4
    for (int o = 0; o < kOuts; ++o) {
      add_terms<T, kRows, kOuts>(left, rows[o].part(at, p.k, count), sums + o);
    }
  }
}

// Columns [first, first + kOuts) of kRows rows of C.
template <class T, class Row, int kRows, int kOuts>
BELFRY_INLINE void group_of_dots(const Product<T>& p, const T* a, T* c, int64_t first) {
  constexpr int kCount = kRows * kOuts;
  constexpr int kFolded = kCount < Vec<T>::kLanes ? kCount : Vec<T>::kLanes;
  Vec<T> sums[kCount];
  spread_dots<T, Row, kRows, kOuts>(p, a, p.b + first * p.b_stride, sums);
  if constexpr (kRows == 1 && kFolded == kOuts) {
    const T* add = p.accumulate ? c + first : p.bias ? p.bias + first : nullptr;
    const Vec<T> dots = fold_all<T, kOuts>(sums);
    store_n(c + first, add ? load_n(add, kOuts) + dots : dots, kOuts);
    return;
  }
  T dots[kCount];
#pragma GCC unroll 8
  for (int i = 0; i < kCount; i += kFolded) {
    store_n(dots + i, fold_all<T, kFolded>(sums + i), kFolded);
  }
  for (int r = 0; r < kRows; ++r) {
    T* row = c + r * p.c_stride + first;
    for (int o = 0; o < kOuts; ++o) {
      const T add = p.accumulate ? row[o] : p.bias ? p.bias[first + o] : T(0);
      row[o] = add + dots[r * kOuts + o];
    }
  }
}

template <class T, class Row, int kRows>
void rows_of_dots(const Product<T>& p, int64_t row) {
  const T* a = p.a + row * p.a_stride;
  T* c = p.c + row * p.c_stride;
  int64_t first = 0;
  for (; first + kOutsAtOnce <= p.n; first += kOutsAtOnce) {
    group_of_dots<T, Row, kRows, kOutsAtOnce>(p, a, c, first);
  }
  for (; first < p.n; ++first) group_of_dots<T, Row, kRows, 1>(p, a, c, first);
}

template <class T, class Row>
void all_rows_of_dots(const Product<T>& p) {
  int64_t row = 0;
  for (; row + 4 <= p.m; row += 4) rows_of_dots<T, Row, 4>(p, row);
  for (; row + 2 <= p.m; row += 2) rows_of_dots<T, Row, 2>(p, row);
  if (row < p.m) rows_of_dots<T, Row, 1>(p, row);
}

}  // namespace

template <class T>
void product_few(const Product<T>& p) {
#if BELFRY_ISA_LEVEL == 2
  const auto bytes = static_cast<std::uintptr_t>(p.b_stride) * sizeof(T);
  const bool aligned = (reinterpret_cast<std::uintptr_t>(p.b) | bytes) % BELFRY_VEC_BYTES == 0;
  if (!aligned && p.k >= kLongRow<T>) {
    return all_rows_of_dots<T, ShiftedRow<T>>(p);
  }
#endif
  all_rows_of_dots<T, PlainRow<T>>(p);
}

template void product_few(const Product<float>&);
template void product_few(const Product<double>&);

}  // namespace belfry::cpu::BELFRY_ISA
