// Sums of sparse and dense rows, once per instruction set.
//
// A vector's worth of rows is done together: each row gathers its successors into one vector of
// partial sums, and the vectors are folded pairwise into one vector of row sums, which costs a
// third of folding each on its own. Many gathers of different rows are in flight at once; a sweep
// of random columns is limited by them (about 2.5 ns each), not by the entries streamed past
// (12 bytes each in float64, 8 in float32). Software prefetch made it slower.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int64_t kBlockRows = 256;

#if BELFRY_ISA_LEVEL == 0

// Without a gather instruction vectors only add work: four chains of scalar sums.
template <class T, class Sum>
BELFRY_INLINE T scalar_row_sum(const SparseRows<T>& rows, const T* x, int64_t begin, int64_t end) {
  const auto term = [&](int64_t e) {
    return static_cast<Sum>(rows.prob[e]) * static_cast<Sum>(x[rows.col[e]]);
  };
  Sum sum[4] = {};
  int64_t e = begin;
  for (; e + 4 <= end; e += 4) {
    for (int k = 0; k < 4; ++k) sum[k] += term(e + k);
  }
  for (; e < end; ++e) sum[0] += term(e);
  return static_cast<T>((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

template <class T>
BELFRY_INLINE void sum_rows(const SparseRows<T>& rows, const T* x, int64_t first, int64_t count,
                            T* sums) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t begin = rows.row_ptr[first + i], end = rows.row_ptr[first + i + 1];
    sums[i] = end - begin > kLongRow ? scalar_row_sum<T, double>(rows, x, begin, end)
                                     : scalar_row_sum<T, T>(rows, x, begin, end);
  }
}

#else

// a and b hold rows of W lanes, one after the other; returns the lower (upper) half of each row.
template <int W, bool kUpper, class T, std::size_t... J>
BELFRY_INLINE Vec<T> half_rows(Vec<T> a, Vec<T> b, std::index_sequence<J...>) {
  constexpr int kHalf = W / 2;
  constexpr int kFrom = kUpper ? kHalf : 0;
  return Vec<T>(__builtin_shufflevector(
      a.raw, b.raw, (static_cast<int>(J) / kHalf * W + static_cast<int>(J) % kHalf + kFrom)...));
}

// W vectors that hold rows of W lanes -> the sum of each row, in order. The additions are those of
// reduce_sum.
template <int W, class T>
BELFRY_INLINE Vec<T> fold_rows(Vec<T>* x) {
  if constexpr (W == 1) {
    return x[0];
  } else {
    constexpr auto kLane = std::make_index_sequence<static_cast<std::size_t>(Vec<T>::kLanes)>{};
    for (int i = 0; i < W / 2; ++i) {
      x[i] = half_rows<W, false>(x[2 * i], x[2 * i + 1], kLane) +
             half_rows<W, true>(x[2 * i], x[2 * i + 1], kLane);
    }
    return fold_rows<W / 2>(x);
  }
}

// Sum of a long float row, in float64.
static float long_row_sum(const SparseRows<float>& rows, const float* x, int64_t begin,
                          int64_t end) {
  constexpr int kLanes = Vec<float>::kLanes;
  Vec<double> lower = zero<double>(), upper = zero<double>();
  for (int64_t e = begin; e < end; e += kLanes) {
    const int n = static_cast<int>(end - e < kLanes ? end - e : kLanes);
    const Vec<float> p = load_n(rows.prob + e, n);
    const Vec<float> v = gather_n(x, rows.col + e, n);
    lower = fma(widen_lower(p), widen_lower(v), lower);
    upper = fma(widen_upper(p), widen_upper(v), upper);
  }
  return static_cast<float>(reduce_sum(lower + upper));
}

// A vector whose lanes add up to the row's sum.
template <class T>
BELFRY_INLINE Vec<T> row_vector(const SparseRows<T>& rows, const T* x, int64_t begin, int64_t end) {
  constexpr int kLanes = Vec<T>::kLanes;
  if constexpr (sizeof(T) == 4) {
    if (end - begin > kLongRow) {
      const T sum = long_row_sum(rows, x, begin, end);
      return load_n(&sum, 1);
    }
  }
  Vec<T> sum = zero<T>();
  int64_t e = begin;
  for (; e + kLanes <= end; e += kLanes) {
    sum = fma(load(rows.prob + e), gather(x, rows.col + e), sum);
  }
  const int rest = static_cast<int>(end - e);
  if (rest > 0) sum = fma(load_n(rows.prob + e, rest), gather_n(x, rows.col + e, rest), sum);
  return sum;
}

// kLanes rows of K entries each, K a power of two: kLanes / K rows fill a vector.
template <int K, class T>
BELFRY_INLINE Vec<T> short_row_sums(const SparseRows<T>& rows, const T* x, int64_t entry) {
  constexpr int kLanes = Vec<T>::kLanes;
  Vec<T> part[K];
  for (int i = 0; i < K; ++i) {
    const int64_t e = entry + i * kLanes;
    part[i] = fma(load(rows.prob + e), gather(x, rows.col + e), T(0));
  }
  return fold_rows<K>(part);
}

// Whether the kLanes rows at `row_ptr` all have `length` entries.
template <class T>
BELFRY_INLINE bool same_length(const int32_t* row_ptr, int32_t length) {
  constexpr int kLanes = Vec<T>::kLanes;
  if (row_ptr[kLanes] - row_ptr[0] != length * kLanes) return false;
  const auto begin = load_n(row_ptr, kLanes), end = load_n(row_ptr + 1, kLanes);
  const unsigned equal = mask_bits(end - begin == Vec<int32_t>(length));
  return (~equal & ((1u << kLanes) - 1u)) == 0;
}

// Sums of the kLanes rows at `row_ptr` if they are of one length K that fills vectors, K <= kLanes.
template <int K, class T>
BELFRY_INLINE bool try_full_vectors(const SparseRows<T>& rows, const T* x, const int32_t* row_ptr,
                                    int32_t length, T* sums) {
  if constexpr (K <= Vec<T>::kLanes) {
    if (length != K) return try_full_vectors<2 * K>(rows, x, row_ptr, length, sums);
    if (!same_length<T>(row_ptr, length)) return false;
    store(sums, short_row_sums<K>(rows, x, row_ptr[0]));
    return true;
  } else {
    return false;
  }
}

// Rows [0, count) of `row_ptr` are short and of many lengths: a gather for each would be mostly
// empty, so that one pass over their entries is better. At most kLanes entries a row.
template <class T>
BELFRY_INLINE bool worth_packing(const int32_t* row_ptr, int64_t count) {
  constexpr int kLanes = Vec<T>::kLanes;
  const int64_t num_entries = row_ptr[count] - row_ptr[0];
  const int64_t length = row_ptr[1] - row_ptr[0];
  const bool full_vectors = (length & (length - 1)) == 0 && num_entries == length * count;
  if (full_vectors || 4 * num_entries > 3 * kLanes * count) return false;
  int32_t longest = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int32_t own = row_ptr[i + 1] - row_ptr[i];
    longest = own > longest ? own : longest;
  }
  return longest <= kLanes;
}

// Products of all entries to a buffer in L1, then each row's from there; the bits are those of
// row_vector.
template <class T>
BELFRY_INLINE void sum_packed_rows(const SparseRows<T>& rows, const T* x, const int32_t* row_ptr,
                                   int64_t count, T* sums) {
  constexpr int kLanes = Vec<T>::kLanes;
  T products[kBlockRows * kLanes];
  const int64_t base = row_ptr[0], end = row_ptr[count];
  int64_t e = base;
  for (; e + kLanes <= end; e += kLanes) {
    store(products + (e - base), fma(load(rows.prob + e), gather(x, rows.col + e), T(0)));
  }
  const int rest = static_cast<int>(end - e);
  if (rest > 0) {
    const Vec<T> last = gather_n(x, rows.col + e, rest);
    store_n(products + (e - base), fma(load_n(rows.prob + e, rest), last, T(0)), rest);
  }
  for (int64_t done = 0; done < count; done += kLanes) {
    const int n = static_cast<int>(count - done < kLanes ? count - done : kLanes);
    const int32_t* ptr = row_ptr + done;
    Vec<T> part[kLanes];
    for (int i = 0; i < kLanes; ++i) {
      part[i] = i < n ? load_n(products + (ptr[i] - base), ptr[i + 1] - ptr[i]) : zero<T>();
    }
    store_n(sums + done, fold_rows<kLanes>(part), n);
  }
}

template <class T>
BELFRY_INLINE void sum_row_groups(const SparseRows<T>& rows, const T* x, const int32_t* row_ptr,
                                  int64_t count, T* sums) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t done = 0; done < count; done += kLanes) {
    const int32_t* ptr = row_ptr + done;
    const int n = static_cast<int>(count - done < kLanes ? count - done : kLanes);
    if (n == kLanes && try_full_vectors<1>(rows, x, ptr, ptr[1] - ptr[0], sums + done)) continue;
    Vec<T> part[kLanes];
    if (n == kLanes) {
      for (int i = 0; i < kLanes; ++i) part[i] = row_vector(rows, x, ptr[i], ptr[i + 1]);
    } else {
      for (int i = 0; i < kLanes; ++i) {
        part[i] = i < n ? row_vector(rows, x, ptr[i], ptr[i + 1]) : zero<T>();
      }
    }
    store_n(sums + done, fold_rows<kLanes>(part), n);
  }
}

template <class T>
BELFRY_INLINE void sum_rows(const SparseRows<T>& rows, const T* x, int64_t first, int64_t count,
                            T* sums) {
  for (int64_t done = 0; done < count; done += kBlockRows) {
    const int64_t n = count - done < kBlockRows ? count - done : kBlockRows;
    const int32_t* ptr = rows.row_ptr + first + done;
    if (worth_packing<T>(ptr, n)) {
      sum_packed_rows(rows, x, ptr, n, sums + done);
    } else {
      sum_row_groups(rows, x, ptr, n, sums + done);
    }
  }
}

#endif

static double dot(const double* a, const double* b, int64_t length) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> s[4] = {zero<double>(), zero<double>(), zero<double>(), zero<double>()};
  int64_t i = 0;
  for (; i + 4 * kLanes <= length; i += 4 * kLanes) {
    for (int k = 0; k < 4; ++k) {
      s[k] = fma(load(a + i + k * kLanes), load(b + i + k * kLanes), s[k]);
    }
  }
  for (; i < length; i += kLanes) {
    const int n = static_cast<int>(length - i < kLanes ? length - i : kLanes);
    s[0] = fma(load_n(a + i, n), load_n(b + i, n), s[0]);
  }
  return reduce_sum((s[0] + s[1]) + (s[2] + s[3]));
}

static float dot(const float* a, const float* b, int64_t length) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> s[2] = {zero<double>(), zero<double>()};
  int64_t i = 0;
  for (; i + 2 * kLanes <= length; i += 2 * kLanes) {
    for (int k = 0; k < 2; ++k) {
      s[k] = fma(load_widen(a + i + k * kLanes), load_widen(b + i + k * kLanes), s[k]);
    }
  }
  for (; i < length; i += kLanes) {
    const int n = static_cast<int>(length - i < kLanes ? length - i : kLanes);
    s[0] = fma(load_widen_n(a + i, n), load_widen_n(b + i, n), s[0]);
  }
  return static_cast<float>(reduce_sum(s[0] + s[1]));
}

template <class T>
BELFRY_INLINE void sum_rows(const DenseRows<T>& rows, const T* x, int64_t first, int64_t count,
                            T* sums) {
  for (int64_t i = 0; i < count; ++i) {
    sums[i] = dot(rows.prob + (first + i) * rows.length, x, rows.length);
  }
}

}  // namespace

template <class T>
void sparse_row_sums(const SparseRows<T>& rows, const T* x, int64_t begin, int64_t end, T* sums) {
  sum_rows(rows, x, begin, end - begin, sums);
}

template void sparse_row_sums(const SparseRows<float>&, const float*, int64_t, int64_t, float*);
template void sparse_row_sums(const SparseRows<double>&, const double*, int64_t, int64_t, double*);

}  // namespace belfry::cpu::BELFRY_ISA
