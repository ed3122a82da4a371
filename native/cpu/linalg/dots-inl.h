// C[m,n] = A Wᵀ for few rows: every row of W is read once per four rows of A, at the speed of the
// cache it comes from. Sums run along k in the lanes; those of a group are folded together, halves
// onto halves, which is the order of reduce_sum: a dot has the same bits in any group, or alone.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// Rows of W read side by side: more streams do not come from L2 any faster.
constexpr int kOutsAtOnce = 4;

// One stream does, up to twice as fast, where vectors are as long as lines, W is no larger than L2,
// and its rows are so long that their folding is hidden, and so short that several are under way.
template <class T, class Stored>
BELFRY_INLINE bool one_stream(const Product<T, Stored>& p) {
  constexpr int64_t kLanes = Vec<T>::kLanes, kBytes = int64_t{1} << 20;
  return BELFRY_VEC_BYTES == 64 && sizeof(Stored) == sizeof(T) && p.k >= 8 * kLanes &&
         p.k <= 32 * kLanes && p.n <= kBytes / (p.b_stride * int64_t{sizeof(T)});
}

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

// Weights as they are stored.
template <class T>
BELFRY_INLINE Vec<T> read(const T* p) {
  return load(p);
}
template <class T>
BELFRY_INLINE Vec<T> read_n(const T* p, int n) {
  return load_n(p, n);
}
BELFRY_INLINE Vec<float> read(const Bf16* p) { return load_bf16(&p->bits); }
BELFRY_INLINE Vec<float> read_n(const Bf16* p, int n) { return load_bf16_n(&p->bits, n); }

template <class T, int kRows, int kOuts>
BELFRY_INLINE void add_terms(const Vec<T>* left, Vec<T> right, Vec<T>* sums) {
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) sums[r * kOuts] = fma(left[r], right, sums[r * kOuts]);
}

// sums[r * kOuts + o] = row r of A times row o of W, still spread over the lanes.
template <class T, int kRows, int kOuts, class Stored>
BELFRY_INLINE void spread_dots(const Product<T, Stored>& p, const T* a, const Stored* w,
                               Vec<T>* sums) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int i = 0; i < kRows * kOuts; ++i) sums[i] = zero<T>();
  Vec<T> left[kRows];
  int64_t at = 0;
  for (; at + kLanes <= p.k; at += kLanes) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) left[r] = load(a + r * p.a_stride + at);
#pragma GCC unroll 4
    for (int o = 0; o < kOuts; ++o) {
      add_terms<T, kRows, kOuts>(left, read(w + o * p.b_stride + at), sums + o);
    }
  }
  if (at == p.k) return;
  const int count = static_cast<int>(p.k - at);
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) left[r] = load_n(a + r * p.a_stride + at, count);
#pragma GCC unroll 4
  for (int o = 0; o < kOuts; ++o) {
    add_terms<T, kRows, kOuts>(left, read_n(w + o * p.b_stride + at, count), sums + o);
  }
}

// Columns [first, first + kOuts) of kRows rows of C.
template <class T, int kRows, int kOuts, class Stored>
BELFRY_INLINE void group_of_dots(const Product<T, Stored>& p, const T* a, T* c, int64_t first) {
  constexpr int kCount = kRows * kOuts;
  constexpr int kFolded = kCount < Vec<T>::kLanes ? kCount : Vec<T>::kLanes;
  Vec<T> sums[kCount];
  spread_dots<T, kRows, kOuts>(p, a, p.b + first * p.b_stride, sums);
  constexpr int kWide = kOuts < Vec<T>::kLanes ? kOuts : Vec<T>::kLanes;
  constexpr bool kAtOnce = kCount == kWide;
  T dots[kCount];
  Vec<T> folded;
#pragma GCC unroll 8
  for (int i = 0; i < kCount; i += kFolded) {
    folded = fold_all<T, kFolded>(sums + i);
    if constexpr (!kAtOnce) store_n(dots + i, folded, kFolded);
  }
  for (int i = 0; i < kCount; i += kWide) {
    const int64_t column = first + i % kOuts;
    put(c + i / kOuts * p.c_stride + column, kAtOnce ? folded : load_n(dots + i, kWide),
        p.bias ? p.bias + column : nullptr, p.accumulate, kWide);
  }
}

// One row of C, column after column.
template <class T, class Stored>
void row_in_turn(const Product<T, Stored>& p, const T* a, T* c) {
  constexpr int kLanes = Vec<T>::kLanes;
  const Stored* w = p.b;
  for (int64_t column = 0; column < p.n; ++column, w += p.b_stride) {
    Vec<T> sum = zero<T>();
    int64_t at = 0;
#pragma GCC unroll 4
    for (; at + kLanes <= p.k; at += kLanes) sum = fma(load(a + at), read(w + at), sum);
    if (at < p.k) {
      const int count = static_cast<int>(p.k - at);
      sum = fma(load_n(a + at, count), read_n(w + at, count), sum);
    }
    const T* add = p.accumulate ? c + column : p.bias ? p.bias + column : nullptr;
    c[column] = add ? *add + reduce_sum(sum) : reduce_sum(sum);
  }
}

template <class T, int kRows, class Stored>
void rows_of_dots(const Product<T, Stored>& p, int64_t row) {
  const T* a = p.a + row * p.a_stride;
  T* c = p.c + row * p.c_stride;
  if (kRows == 1 && one_stream(p)) return row_in_turn(p, a, c);
  int64_t first = 0;
  for (; first + kOutsAtOnce <= p.n; first += kOutsAtOnce) {
    group_of_dots<T, kRows, kOutsAtOnce>(p, a, c, first);
  }
  for (; first < p.n; ++first) group_of_dots<T, kRows, 1>(p, a, c, first);
}

}  // namespace

template <class T, class Stored>
void product_few(const Product<T, Stored>& p) {
  int64_t row = 0;
  for (; row + 4 <= p.m; row += 4) rows_of_dots<T, 4>(p, row);
  for (; row + 2 <= p.m; row += 2) rows_of_dots<T, 2>(p, row);
  if (row < p.m) rows_of_dots<T, 1>(p, row);
}

template <class T>
int64_t lanes() {
  return Vec<T>::kLanes;
}

template int64_t lanes<float>();
template int64_t lanes<double>();
template void product_few(const Product<float>&);
template void product_few(const Product<double>&);
template void product_few(const Product<float, Bf16>&);

}  // namespace belfry::cpu::BELFRY_ISA
