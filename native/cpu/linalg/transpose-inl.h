// Transposition in registers, a square of kLanes by kLanes elements at a time.

namespace belfry::cpu::BELFRY_ISA {
namespace detail {

template <int... kIndex>
struct Indices {};
template <int kCount, int... kIndex>
struct MakeIndices : MakeIndices<kCount - 1, kCount - 1, kIndex...> {};
template <int... kIndex>
struct MakeIndices<0, kIndex...> {
  using Type = Indices<kIndex...>;
};

// One step of a transposition swaps the odd blocks of `a` with the even blocks of `b`.
template <class T, int kBlock, int... kIndex>
BELFRY_INLINE void swap_blocks(Vec<T>& a, Vec<T>& b, Indices<kIndex...>) {
  constexpr int kLanes = Vec<T>::kLanes;
  const Vec<T> even(__builtin_shufflevector(
      a.raw, b.raw, (kIndex / kBlock % 2 == 0 ? kIndex : kLanes + kIndex - kBlock)...));
  const Vec<T> odd(__builtin_shufflevector(
      a.raw, b.raw, (kIndex / kBlock % 2 == 0 ? kIndex + kBlock : kLanes + kIndex)...));
  a = even;
  b = odd;
}

template <class T, int kBlock = Vec<T>::kLanes / 2>
BELFRY_INLINE void transpose(Vec<T>* rows) {
  constexpr int kLanes = Vec<T>::kLanes;
  if constexpr (kBlock > 0) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      if ((i & kBlock) == 0) {
        swap_blocks<T, kBlock>(rows[i], rows[i + kBlock], typename MakeIndices<kLanes>::Type());
      }
    }
    transpose<T, kBlock / 2>(rows);
  }
}

}  // namespace detail

namespace {

template <class T>
struct Square {
  Vec<T> rows[Vec<T>::kLanes];

  // `height` rows of `width` elements, the rest zeros, transposed.
  BELFRY_INLINE void load_transposed(const T* from, int64_t stride, int height, int width) {
    constexpr int kLanes = Vec<T>::kLanes;
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      if (i >= height)
        rows[i] = zero<T>();
      else if (width == kLanes)
        rows[i] = load(from + i * stride);
      else
        rows[i] = load_n(from + i * stride, width);
    }
    detail::transpose<T>(rows);
  }
};

BELFRY_INLINE int at_most(int64_t limit, int64_t n) {
  return static_cast<int>(n < limit ? n : limit);
}

// to[k][width] = from[rows][k]ᵀ with zeros from column `rows` on; `width` in whole vectors.
template <class T>
void transpose_into(const T* from, int64_t stride, int64_t rows, int64_t k, T* to, int64_t width) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t column = 0; column < width; column += kLanes) {
    for (int64_t at = 0; at < k; at += kLanes) {
      const int depth = at_most(kLanes, k - at);
      Square<T> square;
      square.load_transposed(from + column * stride + at, stride, at_most(kLanes, rows - column),
                             depth);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) {
        if (i < depth) store(to + (at + i) * width + column, square.rows[i]);
      }
    }
  }
}

// to[0..count) = sum, added to what is there or to the bias, if any.
template <class T>
BELFRY_INLINE void put(T* to, Vec<T> sum, const T* bias, bool accumulate, int count) {
  const T* add = accumulate ? to : bias;
  if (count == Vec<T>::kLanes)
    store(to, add ? load(add) + sum : sum);
  else
    store_n(to, add ? load_n(add, count) + sum : sum, count);
}

// c[rows][n] = from[n][width]ᵀ, put as above.
template <class T>
void add_transposed(const T* from, int64_t width, int64_t rows, int64_t n, const T* bias,
                    bool accumulate, T* c, int64_t stride) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t row = 0; row < rows; row += kLanes) {
    for (int64_t at = 0; at < n; at += kLanes) {
      const int columns = at_most(kLanes, n - at);
      Square<T> square;
      square.load_transposed(from + at * width + row, width, columns, kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) {
        if (i >= rows - row) continue;
        put(c + (row + i) * stride + at, square.rows[i], bias ? bias + at : nullptr, accumulate,
            columns);
      }
    }
  }
}

}  // namespace
}  // namespace belfry::cpu::BELFRY_ISA
