// Panels of the right operand: [panel][k][columns], columns in whole vectors, zeros where B ends.

namespace belfry::cpu::BELFRY_ISA {

// Vectors across a panel.
constexpr int kPanelVecs = 2;

template <class T>
constexpr int64_t kPanelColumns = kPanelVecs* Vec<T>::kLanes;

template <class T>
int64_t columns_of_panel() {
  return kPanelColumns<T>;
}

template <class T>
BELFRY_INLINE int vecs_across(int64_t columns) {
  constexpr int64_t kLanes = Vec<T>::kLanes;
  return static_cast<int>(columns >= kPanelColumns<T> ? kPanelVecs
                                                      : (columns + kLanes - 1) / kLanes);
}

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

// One vector of columns of Wᵀ: `rows` rows of W become lanes, the others zeros.
template <class T>
void pack_vec_of_columns(const T* w, int64_t w_stride, int64_t k, int rows, T* out,
                         int64_t out_stride) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t at = 0; at < k; at += kLanes) {
    const int depth = static_cast<int>(k - at < kLanes ? k - at : kLanes);
    Vec<T> block[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      const T* row = w + i * w_stride + at;
      if (i >= rows)
        block[i] = zero<T>();
      else if (depth == kLanes)
        block[i] = load(row);
      else
        block[i] = load_n(row, depth);
    }
    detail::transpose<T>(block);
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      if (i < depth) store(out + (at + i) * out_stride, block[i]);
    }
  }
}

}  // namespace

template <class T>
void pack_columns_range(const T* w, int64_t w_stride, int64_t k, int64_t begin, int64_t end,
                        T* panels) {
  constexpr int64_t kLanes = Vec<T>::kLanes;
  for (int64_t column = begin; column < end; column += kPanelColumns<T>) {
    const int vecs = vecs_across<T>(end - column);
    T* panel = panels + column * k;
    for (int v = 0; v < vecs; ++v) {
      const int64_t first = column + v * kLanes;
      const int rows = static_cast<int>(end - first < kLanes ? end - first : kLanes);
      pack_vec_of_columns(w + first * w_stride, w_stride, k, rows, panel + v * kLanes,
                          vecs * kLanes);
    }
  }
}

template <class T>
void pack_rows_range(const T* b, int64_t b_stride, int64_t k, int64_t begin, int64_t end,
                     T* panels) {
  constexpr int64_t kLanes = Vec<T>::kLanes;
  for (int64_t column = begin; column < end; column += kPanelColumns<T>) {
    const int vecs = vecs_across<T>(end - column);
    T* out = panels + column * k;
    for (int64_t row = 0; row < k; ++row) {
      const T* in = b + row * b_stride + column;
      for (int v = 0; v < vecs; ++v, out += kLanes) {
        const int64_t left = end - column - v * kLanes;
        const T* from = in + v * kLanes;
        store(out, left >= kLanes ? load(from) : load_n(from, static_cast<int>(left)));
      }
    }
  }
}

template int64_t columns_of_panel<float>();
template int64_t columns_of_panel<double>();
template void pack_columns_range(const float*, int64_t, int64_t, int64_t, int64_t, float*);
template void pack_columns_range(const double*, int64_t, int64_t, int64_t, int64_t, double*);
template void pack_rows_range(const float*, int64_t, int64_t, int64_t, int64_t, float*);
template void pack_rows_range(const double*, int64_t, int64_t, int64_t, int64_t, double*);

}  // namespace belfry::cpu::BELFRY_ISA
