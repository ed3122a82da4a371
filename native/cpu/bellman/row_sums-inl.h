// Sums of sparse and dense rows, once per instruction set.
//
// Sparse rows of one length that fills vectors are gathered straight into sums, a vector's worth of
// rows at a time, folded pairwise into one vector. Of other rows the entries of a block are first
// multiplied into a buffer in L1, with every lane of every gather used and no look at where a row
// ends, and added up from there. Rows of more than kLongRow entries come one by one.
//
// Dense rows go side by side, always in float64: a row has the same bits in any group.
//
// A sweep of random columns is limited by the gathers, not by the entries streamed past (12 bytes
// each in float64, 8 in float32). Prefetching V made it slower.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int64_t kBlockRows = 256;
constexpr int64_t kBlockEntries = 2048;

// Products of a vector's worth of entries. Adding 0 turns -0 into 0, so that padding a row with
// zeros does not change its bits.
template <class T>
BELFRY_INLINE Vec<T> product(const SparseRows<T>& rows, const T* x, int64_t entry,
                             IndexLimit& limit) {
  return fma(load(rows.prob + entry), checked_gather(x, rows.col + entry, limit), T(0));
}
template <class T>
BELFRY_INLINE Vec<T> product_n(const SparseRows<T>& rows, const T* x, int64_t entry, int n,
                               IndexLimit& limit) {
  return fma(load_n(rows.prob + entry, n), checked_gather_n(x, rows.col + entry, n, limit), T(0));
}

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

BELFRY_INLINE Vec<double> in_double(Vec<double> v) { return v; }
BELFRY_INLINE Vec<double> in_double(Vec<float> v) { return widen_lower(v) + widen_upper(v); }

// Sum of a row of more than kLongRow entries, in float64.
template <class T>
double long_row_sum(const SparseRows<T>& rows, const T* x, int64_t begin, int64_t end,
                    IndexLimit& limit) {
  constexpr int kLanes = Vec<T>::kLanes;
  Vec<double> sum[2] = {zero<double>(), zero<double>()};
  int64_t e = begin;
  for (; e + 2 * kLanes <= end; e += 2 * kLanes) {
    for (int k = 0; k < 2; ++k) sum[k] += in_double(product(rows, x, e + k * kLanes, limit));
  }
  for (; e < end; e += kLanes) {
    const int n = static_cast<int>(end - e < kLanes ? end - e : kLanes);
    sum[0] += in_double(product_n(rows, x, e, n, limit));
  }
  return reduce_sum(sum[0] + sum[1]);
}

template <class T>
BELFRY_INLINE void fetch_entries(const SparseRows<T>& rows, int64_t entry, int64_t count) {
  constexpr int64_t kAhead = 512;
  fetch_ahead(rows.prob + entry, count, kAhead * int64_t{sizeof(T)});
  fetch_ahead(rows.col + entry, count, kAhead * int64_t{sizeof(int32_t)});
}

// Rows of one length: kLanes at a time, which are K vectors or, where K = kLanes, a multiple of
// that. Returns how many rows were done.
template <int K, class T>
BELFRY_INLINE int64_t sum_groups(const SparseRows<T>& rows, const T* x, int64_t first,
                                 int64_t length, int64_t count, T* sums, IndexLimit& limit) {
  constexpr int kLanes = Vec<T>::kLanes;
  const int64_t stride = length < kLanes ? kLanes : length;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const int64_t entry = first + i * length;
    fetch_entries(rows, entry, kLanes * length);
    Vec<T> part[K];
    for (int k = 0; k < K; ++k) part[k] = product(rows, x, entry + k * stride, limit);
    for (int64_t done = kLanes; done < length; done += kLanes) {
      for (int k = 0; k < K; ++k) {
        part[k] += product(rows, x, entry + k * stride + done, limit);
      }
    }
    store(sums + i, fold_rows<K>(part));
  }
  return i;
}

// The same for lengths that fill vectors; 0 for others.
template <int K, class T>
BELFRY_INLINE int64_t sum_full_vectors(const SparseRows<T>& rows, const T* x, int64_t first,
                                       int64_t length, int64_t count, T* sums, IndexLimit& limit) {
  if (length == K) return sum_groups<K>(rows, x, first, K, count, sums, limit);
  if constexpr (K < Vec<T>::kLanes) {
    return sum_full_vectors<2 * K>(rows, x, first, length, count, sums, limit);
  } else {
    if (length == 0 || length % K != 0) return 0;
    return sum_groups<K>(rows, x, first, length, count, sums, limit);
  }
}

// Sums of up to kLanes rows of any lengths from their products. Masks instead of branches: lengths
// that change from row to row cannot be predicted.
template <class T>
BELFRY_INLINE Vec<T> add_rows(const T* products, const int32_t* row_ptr, int count, int32_t base) {
  constexpr int kLanes = Vec<T>::kLanes;
  const Vec<int32_t> begin = load_n(row_ptr, count, base);
  Vec<int32_t> left = load_n(row_ptr + 1, count, base) - begin;
  int32_t from[Vec<int32_t>::kLanes], length[Vec<int32_t>::kLanes];
  store(from, begin - Vec<int32_t>(base));
  Vec<T> part[kLanes];
  for (int k = 0; k < kLanes; ++k) part[k] = zero<T>();
  for (; any(left > Vec<int32_t>(0)); products += kLanes, left -= Vec<int32_t>(kLanes)) {
    store(length, clamp(left, Vec<int32_t>(0), Vec<int32_t>(kLanes)));
    for (int k = 0; k < kLanes; ++k) {
      part[k] += select(first_n<T>(length[k]), load(products + from[k]), zero<T>());
    }
  }
  return fold_rows<kLanes>(part);
}

// Rows of any lengths up to kLongRow.
template <class T>
BELFRY_INLINE void sum_ragged(const SparseRows<T>& rows, const T* x, const int32_t* row_ptr,
                              int64_t count, T* sums, IndexLimit& limit) {
  constexpr int kLanes = Vec<T>::kLanes;
  alignas(64) T products[kBlockEntries + 2 * kLongRow];
  const int32_t base = row_ptr[0], end = row_ptr[count];
  int64_t e = base;
  for (; e + kLanes <= end; e += kLanes) store(products + (e - base), product(rows, x, e, limit));
  const int rest = static_cast<int>(end - e);
  store_n(products + (e - base), product_n(rows, x, e, rest, limit), rest);
  for (int64_t i = 0; i < count; i += kLanes) {
    const int n = static_cast<int>(count - i < kLanes ? count - i : kLanes);
    store_n(sums + i, add_rows(products, row_ptr + i, n, base), n);
  }
}

struct Lengths {
  int32_t shortest, longest;
};
inline Lengths lengths_of(const int32_t* row_ptr, int64_t count) {
  using V = Vec<int32_t>;
  Lengths all{row_ptr[1] - row_ptr[0], row_ptr[1] - row_ptr[0]};
  V shortest(all.shortest), longest(all.longest);
  int64_t i = 0;
  for (; i + V::kLanes <= count; i += V::kLanes) {
    const V own = load(row_ptr + i + 1) - load(row_ptr + i);
    shortest = min(shortest, own);
    longest = max(longest, own);
  }
  const auto take = [&all](int32_t low, int32_t high) {
    all.shortest = low < all.shortest ? low : all.shortest;
    all.longest = high > all.longest ? high : all.longest;
  };
  for (; i < count; ++i) take(row_ptr[i + 1] - row_ptr[i], row_ptr[i + 1] - row_ptr[i]);
  for (int lane = 0; lane < V::kLanes; ++lane) take(shortest.raw[lane], longest.raw[lane]);
  return all;
}

template <class T>
BELFRY_NOINLINE void sum_rows(const SparseRows<T>& rows, const T* x, int64_t first, int64_t count,
                              T* sums) {
  IndexLimit limit(rows.num_columns);
  int64_t n = 0;
  for (int64_t done = 0; done < count; done += n) {
    const int32_t* ptr = rows.row_ptr + first + done;
    if (ptr[1] - ptr[0] > kLongRow) {
      sums[done] = static_cast<T>(long_row_sum(rows, x, ptr[0], ptr[1], limit));
      n = 1;
      continue;
    }
    n = count - done < kBlockRows ? count - done : kBlockRows;
    Lengths lengths = lengths_of(ptr, n);
    while (lengths.longest > kLongRow || ptr[n] - ptr[0] > kBlockEntries) {
      n /= 2;
      lengths = lengths_of(ptr, n);
    }
    int64_t i = 0;
    if (lengths.shortest == lengths.longest) {
      i = sum_full_vectors<1>(rows, x, ptr[0], lengths.longest, n, sums + done, limit);
    }
    if (i < n) sum_ragged(rows, x, ptr + i, n - i, sums + done + i, limit);
  }
  if (rows.bad_column && !limit.held()) __atomic_store_n(rows.bad_column, 1, __ATOMIC_RELAXED);
}

BELFRY_INLINE Vec<double> load_double(const double* p) { return load(p); }
BELFRY_INLINE Vec<double> load_double(const float* p) { return load_widen(p); }
BELFRY_INLINE Vec<double> load_double_n(const double* p, int n) { return load_n(p, n); }
BELFRY_INLINE Vec<double> load_double_n(const float* p, int n) { return load_widen_n(p, n); }

// Eight chains in all, to hide the latency of fma: of a row each, where a vector is that wide.
constexpr int kChains = Vec<double>::kLanes < 8 ? 8 / Vec<double>::kLanes : 1;

// dots[r] = row r of `prob` times x, still spread over the lanes. x is loaded once for all rows.
// `scale` sees what is read of each row.
template <int kRows, class T, class Scale>
BELFRY_INLINE void spread_dots(const T* prob, int64_t length, const T* x, Vec<double>* dots,
                               Scale& scale) {
  constexpr int kLanes = Vec<double>::kLanes, kStep = kChains * kLanes;
  Vec<double> sums[kChains][kRows];
  for (int c = 0; c < kChains; ++c) {
    for (int r = 0; r < kRows; ++r) sums[c][r] = zero<double>();
  }
  int64_t i = 0;
  for (; i + kStep <= length; i += kStep) {
#pragma GCC unroll 8
    for (int c = 0; c < kChains; ++c) {
      const Vec<double> right = load_double(x + i + c * kLanes);
      const T* left = prob + i + c * kLanes;
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const Vec<double> p = load_double(left + r * length);
        scale.see(r, p);
        sums[c][r] = fma(p, right, sums[c][r]);
      }
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < kChains; ++c, i += kLanes) {
    if (i >= length) break;
    const int n = static_cast<int>(length - i < kLanes ? length - i : kLanes);
    const Vec<double> right = load_double_n(x + i, n);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vec<double> p = load_double_n(prob + r * length + i, n);
      scale.see(r, p);
      sums[c][r] = fma(p, right, sums[c][r]);
    }
  }
  for (int half = kChains / 2; half > 0; half /= 2) {
    for (int c = 0; c < half; ++c) {
      for (int r = 0; r < kRows; ++r) sums[c][r] += sums[c + half][r];
    }
  }
  for (int r = 0; r < kRows; ++r) dots[r] = sums[0][r];
}

// Sums alone.
struct NoScales {
  template <int kRows>
  struct Scale {
    BELFRY_INLINE void see(int, Vec<double>) {}
  };
  template <int kRows>
  BELFRY_INLINE void take(int64_t, Scale<kRows>&) {}
  BELFRY_INLINE void finish() {}
};

// Dense rows whose masses are wanted too.
template <class T>
struct WeighedRows {
  DenseRows<T> rows;
  math::FlagReader mask;
  MassRange* range;
};

template <class T>
class Scales {
 public:
  explicit Scales(const WeighedRows<T>& weighed) : weighed_(weighed) {}

  template <int kRows>
  struct Scale {
    Vec<double> mass[kRows], least[kRows];

    BELFRY_INLINE Scale() {
      for (int r = 0; r < kRows; ++r) mass[r] = least[r] = zero<double>();
    }
    BELFRY_INLINE void see(int r, Vec<double> p) {
      mass[r] += p;
      least[r] = min(p, least[r]);
    }
  };
  template <int kRows>
  BELFRY_INLINE void take(int64_t first, Scale<kRows>& scale) {
    fetch_pages(first + 8 * kRows, kRows);
    Vec<double> least = scale.least[0];
    for (int r = 1; r < kRows; ++r) least = min(scale.least[r], least);
    if (any(least < zero<double>())) look_at(first, kRows);
    if constexpr (kRows == Vec<double>::kLanes) {
      const Vec<double> mass = fold_rows<kRows>(scale.mass);
      if (!weighed_.mask.given()) return take_all(mass);
      store(masses_, mass);
    } else {
      for (int r = 0; r < kRows; ++r) masses_[r] = reduce_sum(scale.mass[r]);
    }
    for (int r = 0; r < kRows; ++r) {
      if (weighed_.mask(first + r)) range_.add(masses_[r]);
    }
  }
  BELFRY_INLINE void finish() {
    range_.merge({reduce_min(low_), reduce_max(high_), !any(is_nan(odd_))});
    weighed_.range->merge(range_);
  }

 private:
  // These rows come from memory: a touch of their pages lets the processor look ahead in them.
  BELFRY_INLINE void fetch_pages(int64_t row, int64_t count) const {
    constexpr int64_t kPage = 4096;
    const int64_t bytes = weighed_.rows.length * int64_t{sizeof(T)};
    const char* at = reinterpret_cast<const char*>(weighed_.rows.prob) + row * bytes;
    for (int64_t i = 0; i < count * bytes; i += kPage) __builtin_prefetch(at + i);
  }
  BELFRY_INLINE void take_all(Vec<double> mass) {
    low_ = min(mass, low_);
    high_ = max(mass, high_);
    odd_ += mass - mass;
  }
  BELFRY_NOINLINE void look_at(int64_t first, int64_t count) {
    const int64_t length = weighed_.rows.length;
    for (int64_t row = first; row < first + count; ++row) {
      const T* prob = weighed_.rows.prob + row * length;
      for (int64_t i = 0; weighed_.mask(row) && i < length; ++i) range_.negative |= prob[i] < 0;
    }
  }

  const WeighedRows<T>& weighed_;
  MassRange range_;
  Vec<double> low_{1.0}, high_{1.0}, odd_{0.0};
  double masses_[Vec<double>::kLanes];
};

template <class T, class Weigh>
BELFRY_INLINE void sum_dense_rows(const DenseRows<T>& rows, const T* x, int64_t first,
                                  int64_t count, T* sums, Weigh weigh) {
  constexpr int kLanes = Vec<double>::kLanes;
  const int64_t length = rows.length;
  const T* prob = rows.prob + first * length;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes, prob += kLanes * length) {
    Vec<double> dots[kLanes];
    typename Weigh::template Scale<kLanes> scale;
    spread_dots<kLanes>(prob, length, x, dots, scale);
    weigh.template take<kLanes>(first + i, scale);
    double folded[kLanes];
    store(folded, fold_rows<kLanes>(dots));
    for (int k = 0; k < kLanes; ++k) sums[i + k] = static_cast<T>(folded[k]);
  }
  for (; i < count; ++i, prob += length) {
    Vec<double> dot;
    typename Weigh::template Scale<1> scale;
    spread_dots<1>(prob, length, x, &dot, scale);
    weigh.template take<1>(first + i, scale);
    sums[i] = static_cast<T>(reduce_sum(dot));
  }
  weigh.finish();
}
template <class T>
BELFRY_NOINLINE void sum_rows(const DenseRows<T>& rows, const T* x, int64_t first, int64_t count,
                              T* sums) {
  sum_dense_rows(rows, x, first, count, sums, NoScales());
}
template <class T>
BELFRY_NOINLINE void sum_rows(const WeighedRows<T>& weighed, const T* x, int64_t first,
                              int64_t count, T* sums) {
  sum_dense_rows(weighed.rows, x, first, count, sums, Scales<T>(weighed));
}

}  // namespace

template <class T>
void sparse_row_sums(const SparseRows<T>& rows, const T* x, int64_t begin, int64_t end, T* sums) {
  sum_rows(rows, x, begin, end - begin, sums);
}

template <class T>
void dense_row_sums(const DenseRows<T>& rows, const T* x, int64_t begin, int64_t end, T* sums) {
  sum_rows(rows, x, begin, end - begin, sums);
}

template void dense_row_sums(const DenseRows<float>&, const float*, int64_t, int64_t, float*);
template void dense_row_sums(const DenseRows<double>&, const double*, int64_t, int64_t, double*);
template void sparse_row_sums(const SparseRows<float>&, const float*, int64_t, int64_t, float*);
template void sparse_row_sums(const SparseRows<double>&, const double*, int64_t, int64_t, double*);

}  // namespace belfry::cpu::BELFRY_ISA
