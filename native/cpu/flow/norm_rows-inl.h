// Body of norm_rows.h, once per instruction set. A row is read once per pass and stays in L1.

namespace belfry::cpu::BELFRY_ISA {
namespace {

using Wide = Vec<double>;

BELFRY_INLINE Wide widen_n(const float* p, int n) {
  return n == Wide::kLanes ? load_widen(p) : load_widen_n(p, n);
}
BELFRY_INLINE Wide widen_n(const double* p, int n) {
  return n == Wide::kLanes ? load(p) : load_n(p, n);
}
BELFRY_INLINE void narrow_n(float* p, Wide v, int n) {
  if (n == Wide::kLanes)
    store_narrow(p, v);
  else
    store_narrow_n(p, v, n);
}
BELFRY_INLINE void narrow_n(double* p, Wide v, int n) {
  if (n == Wide::kLanes)
    store(p, v);
  else
    store_n(p, v, n);
}

// body(first, count) for every vector of a row.
template <class Body>
BELFRY_INLINE void for_each_vec(int64_t width, Body body) {
  int64_t i = 0;
  for (; i + Wide::kLanes <= width; i += Wide::kLanes) body(i, Wide::kLanes);
  if (i < width) body(i, static_cast<int>(width - i));
}

template <class T>
BELFRY_INLINE Wide scale_of(const T* gamma, int64_t at, int count) {
  return gamma ? widen_n(gamma + at, count) : Wide(1.0);
}

BELFRY_INLINE Wide normalised(Wide x, const math::RowStats& stats) {
  return (x - stats.mean) * Wide(stats.inverse);
}

// out = before(v) projected, times `after`: the map shared by tangents and gradients.
template <class T>
BELFRY_INLINE void project_row(const T* x, const math::RowStats& stats, const T* v, int64_t width,
                               const T* before, const T* after, T* out) {
  Wide sum(0.0), weighted(0.0);
  for_each_vec(width, [&](int64_t at, int count) {
    const Wide g = widen_n(v + at, count) * scale_of(before, at, count);
    sum += g;
    weighted = fma(g, normalised(widen_n(x + at, count), stats), weighted);
  });
  const Wide mean(reduce_sum(sum) / static_cast<double>(width));
  const Wide mean_weighted(reduce_sum(weighted) / static_cast<double>(width));
  for_each_vec(width, [&](int64_t at, int count) {
    const Wide g = widen_n(v + at, count) * scale_of(before, at, count);
    const Wide h = normalised(widen_n(x + at, count), stats);
    const Wide projected = (g - mean - h * mean_weighted) * Wide(stats.inverse);
    narrow_n(out + at, projected * scale_of(after, at, count), count);
  });
}

}  // namespace

template <class T>
void stats_body(const NormRows<T>& norm, const T* x, math::RowStats* stats) {
  const double width = static_cast<double>(norm.width);
  for (int64_t row = 0; row < norm.rows; ++row, x += norm.width) {
    Wide sum(0.0), squares(0.0);
    for_each_vec(norm.width, [&](int64_t at, int count) { sum += widen_n(x + at, count); });
    const double mean = reduce_sum(sum) / width;
    for_each_vec(norm.width, [&](int64_t at, int count) {
      const Wide apart = select(first_n<double>(count), widen_n(x + at, count) - mean, 0.0);
      squares = fma(apart, apart, squares);
    });
    stats[row] = math::row_stats(mean, reduce_sum(squares), width, norm.eps);
  }
}

template <class T>
void forward_body(const NormRows<T>& norm, const math::RowStats* stats, const T* x, T* y) {
  for (int64_t row = 0; row < norm.rows; ++row, x += norm.width, y += norm.width) {
    for_each_vec(norm.width, [&](int64_t at, int count) {
      const Wide h = normalised(widen_n(x + at, count), stats[row]);
      const Wide shift = norm.beta ? widen_n(norm.beta + at, count) : Wide(0.0);
      narrow_n(y + at, fma(h, scale_of(norm.gamma, at, count), shift), count);
    });
  }
}

template <class T>
void tangent_body(const NormRows<T>& norm, const math::RowStats* stats, const T* x, const T* tx,
                  T* ty) {
  for (int64_t row = 0; row < norm.rows; ++row) {
    const int64_t at = row * norm.width;
    project_row<T>(x + at, stats[row], tx + at, norm.width, nullptr, norm.gamma, ty + at);
  }
}

template <class T>
void backward_body(const NormRows<T>& norm, const math::RowStats* stats, const T* x, const T* gy,
                   T* gx) {
  for (int64_t row = 0; row < norm.rows; ++row) {
    const int64_t at = row * norm.width;
    project_row<T>(x + at, stats[row], gy + at, norm.width, norm.gamma, nullptr, gx + at);
  }
}

template <class T>
void norm_sums_body(const NormRows<T>& norm, const math::RowStats* stats, const T* x, const T* gy,
                    double* gamma_sums, double* beta_sums) {
  for (int64_t row = 0; row < norm.rows; ++row, x += norm.width, gy += norm.width) {
    for_each_vec(norm.width, [&](int64_t at, int count) {
      const Wide g = widen_n(gy + at, count);
      const Wide h = normalised(widen_n(x + at, count), stats[row]);
      narrow_n(gamma_sums + at, fma(g, h, widen_n(gamma_sums + at, count)), count);
      narrow_n(beta_sums + at, g + widen_n(beta_sums + at, count), count);
    });
  }
}

#define BELFRY_INSTANTIATE(T)                                                                     \
  template void stats_body(const NormRows<T>&, const T*, math::RowStats*);                        \
  template void forward_body(const NormRows<T>&, const math::RowStats*, const T*, T*);            \
  template void tangent_body(const NormRows<T>&, const math::RowStats*, const T*, const T*, T*);  \
  template void backward_body(const NormRows<T>&, const math::RowStats*, const T*, const T*, T*); \
  template void norm_sums_body(const NormRows<T>&, const math::RowStats*, const T*, const T*,     \
                               double*, double*);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu::BELFRY_ISA
