// filtered_logprob: what top-k, top-p and min-p leave of each row, and the softmax over it (arXiv
// 1904.09751, 2407.01082). Indices are partitioned, never sorted whole: the k-th largest by
// selection, the nucleus by sorting the largest 64, then eight times as many, until they hold the
// mass. Expected O(V) a row and O(m log m) for a nucleus of m; all sums in float64.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/logits_rows.h"
#include "math/flags.h"
#include "ops/token/logits.h"

namespace belfry::cpu {

namespace {

// A row is worked on in memory of its piece; more pieces would cost memory, not help.
constexpr int64_t kPieces = 64;

struct Filters {
  double inverse_temperature;
  NullableNumber top_k, top_p, min_p;
};

template <class T>
struct FilteredRow {
  const T* x;
  int64_t width;
  int32_t* kept;  // indices, `count` of them
  int64_t count = 0;
  double max = math::kNegativeInfinity<double>;
  bool wrong = false;  // holds a NaN or +Infinity

  double distance(int32_t i) const { return static_cast<double>(x[i]) - max; }
};

template <class T>
void collect(FilteredRow<T>& row, const math::FlagReader& keep, int64_t first) {
  for (int64_t i = 0; i < row.width; ++i) {
    const double x = static_cast<double>(row.x[i]);
    if (!keep(first + i) || x == math::kNegativeInfinity<double>) continue;
    row.wrong = row.wrong || !std::isfinite(x);
    row.max = std::max(row.max, x);
    row.kept[row.count++] = static_cast<int32_t>(i);
  }
}

// The larger first; of equal ones the lower index.
template <class T>
auto by_size(const FilteredRow<T>& row) {
  return [x = row.x](int32_t a, int32_t b) { return x[a] != x[b] ? x[a] > x[b] : a < b; };
}

template <class T, class Predicate>
void keep_if(FilteredRow<T>& row, Predicate predicate) {
  row.count = std::partition(row.kept, row.kept + row.count, predicate) - row.kept;
}

template <class T>
void keep_top_k(FilteredRow<T>& row, double k) {
  if (!(k < static_cast<double>(row.count))) return;
  const int64_t last = static_cast<int64_t>(k) - 1;
  std::nth_element(row.kept, row.kept + last, row.kept + row.count, by_size(row));
  const T least = row.x[row.kept[last]];
  keep_if(row, [&](int32_t i) { return row.x[i] >= least; });
}

template <class T>
void keep_top_p(FilteredRow<T>& row, double p, double inverse_temperature) {
  if (p >= 1) return;
  const auto mass = [&](int32_t i) { return std::exp(row.distance(i) * inverse_temperature); };
  double total = 0;
  for (int64_t i = 0; i < row.count; ++i) total += mass(row.kept[i]);
  for (int64_t most = 64;; most *= 8) {
    const int64_t sorted = std::min(most, row.count);
    if (sorted < row.count) {
      std::nth_element(row.kept, row.kept + sorted, row.kept + row.count, by_size(row));
    }
    std::sort(row.kept, row.kept + sorted, by_size(row));
    double reached = 0;
    for (int64_t i = 0; i < sorted; ++i) {
      reached += mass(row.kept[i]);
      if (reached < p * total) continue;
      row.count = i + 1;
      return;
    }
    if (sorted == row.count) return;
  }
}

template <class T>
void keep_min_p(FilteredRow<T>& row, double p, double inverse_temperature) {
  keep_if(row, [&](int32_t i) { return std::exp(row.distance(i) * inverse_temperature) >= p; });
}

template <class T>
void filter(FilteredRow<T>& row, const Filters& filters) {
  if (filters.top_k.present) keep_top_k(row, filters.top_k.value);
  if (filters.top_p.present) keep_top_p(row, filters.top_p.value, filters.inverse_temperature);
  if (filters.min_p.present) keep_min_p(row, filters.min_p.value, filters.inverse_temperature);
}

template <class T>
math::LogSumExp<double> sums_of(const FilteredRow<T>& row, double inverse_temperature) {
  math::LogSumExp<double> sums;
  sums.max = row.max;
  for (int64_t i = 0; i < row.count; ++i) {
    const double d = row.distance(row.kept[i]);
    const double e = std::exp(d * inverse_temperature);
    sums.sum += e;
    sums.weighted += d * e;
  }
  return sums;
}

template <class T>
struct Filtering {
  const FilteredLogprob<T>& op;
  LogitRows rows;
  Filters filters;
  math::FlagReader keep;
  ExcludedRow excluded;

  void write(int64_t row, double log_prob, double entropy) const {
    if (op.log_probs) op.log_probs[row] = static_cast<T>(log_prob);
    if (op.entropy) op.entropy[row] = static_cast<T>(entropy);
  }

  // The row as T: as it lies, or in `buffer`.
  const T* values(int64_t row, T* buffer) const {
    if (dtype_bytes(rows.dtype) == int64_t{sizeof(T)}) {
      return reinterpret_cast<const T*>(rows.address(row, 0));
    }
    for (int64_t i = 0; i < rows.width; ++i) {
      buffer[i] = static_cast<T>(capped_logit(rows, row, i));
    }
    return buffer;
  }

  void run_row(int64_t index, T* buffer, int32_t* kept) {
    uint8_t* flags = op.keep ? op.keep.begin() + index * rows.width : nullptr;
    if (flags) std::fill_n(flags, rows.width, uint8_t{0});
    const int32_t label = op.labels[index];
    if (label == op.ignore_index) return write(index, 0, 0);
    FilteredRow<T> row{values(index, buffer), rows.width, kept};
    collect(row, keep, index * rows.width);
    if (row.wrong) return write(index, std::nan(""), std::nan(""));
    if (row.count == 0 && !keep.given()) return excluded.note(index);
    if (!keep.given()) filter(row, filters);
    const auto sums = sums_of(row, rows.inverse_temperature);
    const bool found = std::find(kept, kept + row.count, label) != kept + row.count;
    const double x = static_cast<double>(row.x[label]);
    write(index,
          found ? math::log_probability(sums, x, rows.inverse_temperature)
                : math::kNegativeInfinity<double>,
          row.count == 0 ? 0 : math::entropy(sums, rows.inverse_temperature));
    for (int64_t i = 0; flags && i < row.count; ++i) flags[kept[i]] = 1;
  }
};

template <class T>
Status filtered_logprob(const FilteredLogprob<T>& op, CpuContext& context) {
  const double scale = 1 / op.temperature;
  const LogitRows rows{op.logits.data, op.logits.dtype, op.logits.dims[0], op.logits.dims[1],
                       scale};
  Filtering<T> work{
      op, rows, {scale, op.top_k, op.top_p, op.min_p}, math::read_flags(op.sampler_keep, true), {}};
  const int64_t chunk = (rows.rows + kPieces - 1) / kPieces;
  const int64_t pieces = std::min(rows.rows, kPieces);
  T* buffers = context.scratch<T>(pieces * rows.width);
  int32_t* kept = context.scratch<int32_t>(pieces * rows.width);
  context.parallel(rows.rows, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
    for (int64_t row = begin; row < end; ++row) {
      work.run_row(row, buffers + piece * rows.width, kept + piece * rows.width);
    }
  });
  return context.stopped() ? aborted() : work.excluded.status();
}

}  // namespace

template <>
Status run(const FilteredLogprob<float>& op, CpuContext& context) {
  return filtered_logprob(op, context);
}
template <>
Status run(const FilteredLogprob<double>& op, CpuContext& context) {
  return filtered_logprob(op, context);
}

}  // namespace belfry::cpu
