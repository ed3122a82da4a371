// max, soft and mellowmax of many rows, once per instruction set.
//
// Rows are as short as there are actions, so a row is no good unit for vectors. Exponents of a tile
// of whole rows (or of a piece of a long one) are put side by side in L1 and exponentiated in
// vectors; maxima and sums are scalar, or run along the row where it fills vectors.
// Bytes per action: read sizeof(T) + 1 where there is a mask.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int64_t kFqiTile = 512;

// The largest allowed value of a row; `count` is the number of them.
template <class T>
struct RowMax {
  T value;
  int64_t count;
};

template <class T>
BELFRY_INLINE void take_larger(T q, T& best) {
  best = q > best || q != q ? q : best;
}

template <class T>
RowMax<T> masked_max(const T* q, const math::FlagReader& allowed, int64_t first, int64_t length) {
  RowMax<T> row{-std::numeric_limits<T>::infinity(), 0};
  for (int64_t a = 0; a < length; ++a) {
    if (!allowed(first + a)) continue;
    take_larger(q[a], row.value);
    ++row.count;
  }
  return row;
}

template <class T>
T long_max(const T* q, int64_t length) {
  constexpr int kLanes = Vec<T>::kLanes;
  Vec<T> best = load(q);
  int64_t a = kLanes;
  for (; a + kLanes <= length; a += kLanes) best = max_nan(best, load(q + a));
  T value = reduce_max(best);
  for (; a < length; ++a) take_larger(q[a], value);
  return value;
}

template <class T>
BELFRY_INLINE RowMax<T> row_max(const math::FqiRows<T>& rows, int64_t row) {
  const int64_t length = rows.num_actions;
  const T* q = rows.next_q + row * length;
  if (rows.allowed.given()) return masked_max(q, rows.allowed, row * length, length);
  if (length >= 2 * Vec<T>::kLanes) return {long_max(q, length), length};
  T best = -std::numeric_limits<T>::infinity();
  for (int64_t a = 0; a < length; ++a) take_larger(q[a], best);
  return {best, length};
}

// (q − max) / τ of actions [from, to) of a row; −Infinity, whose exponential is 0, where an action
// is not allowed or the maximum is no number to subtract.
template <class T>
void put_exponents(const math::FqiRows<T>& rows, int64_t row, int64_t from, int64_t to, T max,
                   T inverse_tau, T* out) {
  const int64_t first = row * rows.num_actions;
  const bool finite = max - max == 0;
  for (int64_t a = from; a < to; ++a) {
    const bool takes_part = finite && rows.allowed(first + a);
    out[a - from] = takes_part ? (rows.next_q[first + a] - max) * inverse_tau
                               : -std::numeric_limits<T>::infinity();
  }
}

template <class T>
void exponentiate(T* data, int64_t count) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t i = 0; i < count; i += kLanes) {
    const int n = static_cast<int>(count - i < kLanes ? count - i : kLanes);
    store_n(data + i, exp(load_n(data + i, n)), n);
  }
}

template <class T>
double sum_of(const T* data, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(data[i]);
  return sum;
}

template <class T>
BELFRY_INLINE void write_soft(const math::FqiRows<T>& rows, int64_t row, RowMax<T> max,
                              double sum) {
  math::NextValue next;
  next.any = max.count > 0;
  if (rows.fqi_operator == FqiOperator::mellowmax) sum /= static_cast<double>(max.count);
  if (next.any) next.value = math::soft_value(static_cast<double>(max.value), sum, rows.tau);
  rows.target[row] = rows.target_of(row, next);
}

// A row of more actions than a tile holds.
template <class T>
void long_soft_row(const math::FqiRows<T>& rows, int64_t row, T inverse_tau) {
  alignas(64) T tile[kFqiTile];
  const RowMax<T> max = row_max(rows, row);
  double sum = 0;
  for (int64_t from = 0; from < rows.num_actions; from += kFqiTile) {
    const int64_t left = rows.num_actions - from;
    const int64_t count = left < kFqiTile ? left : kFqiTile;
    put_exponents(rows, row, from, from + count, max.value, inverse_tau, tile);
    exponentiate(tile, count);
    sum += sum_of(tile, count);
  }
  write_soft(rows, row, max, sum);
}

}  // namespace

template <class T>
void fqi_max_range(const math::FqiRows<T>& rows, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    math::NextValue next;
    if (!rows.terminated(row)) {
      const RowMax<T> max = row_max(rows, row);
      next = {static_cast<double>(max.value), max.count > 0};
    }
    rows.target[row] = rows.target_of(row, next);
  }
}

template <class T>
void fqi_soft_range(const math::FqiRows<T>& rows, int64_t begin, int64_t end) {
  const int64_t length = rows.num_actions;
  constexpr double kMost = static_cast<double>(std::numeric_limits<T>::max());
  const T inverse_tau = static_cast<T>(1 / rows.tau < kMost ? 1 / rows.tau : kMost);
  if (length > kFqiTile) {
    for (int64_t row = begin; row < end; ++row) long_soft_row(rows, row, inverse_tau);
    return;
  }
  alignas(64) T tile[kFqiTile];
  RowMax<T> max[kFqiTile];
  const int64_t at_once = length > 0 ? kFqiTile / length : kFqiTile;
  for (int64_t base = begin; base < end; base += at_once) {
    const int64_t count = end - base < at_once ? end - base : at_once;
    for (int64_t i = 0; i < count; ++i) {
      max[i] = row_max(rows, base + i);
      put_exponents(rows, base + i, 0, length, max[i].value, inverse_tau, tile + i * length);
    }
    exponentiate(tile, count * length);
    for (int64_t i = 0; i < count; ++i) {
      write_soft(rows, base + i, max[i], sum_of(tile + i * length, length));
    }
  }
}

template void fqi_max_range(const math::FqiRows<float>&, int64_t, int64_t);
template void fqi_max_range(const math::FqiRows<double>&, int64_t, int64_t);
template void fqi_soft_range(const math::FqiRows<float>&, int64_t, int64_t);
template void fqi_soft_range(const math::FqiRows<double>&, int64_t, int64_t);

}  // namespace belfry::cpu::BELFRY_ISA
