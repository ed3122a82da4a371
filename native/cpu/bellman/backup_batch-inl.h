// Body of backup_states_batch, once per instruction set.
//
// Value functions lie in lanes: an entry of the model is read once and multiplies one contiguous
// vector of V, so there is no gather. Sums run over the entries in order, in float64 for float
// rows of more than kLongRow entries; they do not depend on the size of the batch.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int64_t kBatchBlockRows = 128;

static void long_row_lanes(const SparseRows<float>& rows, const float* by_state, int64_t stride,
                           int64_t begin, int64_t end, float* sums) {
  constexpr int kLanes = Vec<double>::kLanes, kVectors = kBatchLanes<float> / kLanes;
  Vec<double> sum[kVectors];
  for (int k = 0; k < kVectors; ++k) sum[k] = zero<double>();
  for (int64_t e = begin; e < end; ++e) {
    const float* v = by_state + rows.col[e] * stride;
    const Vec<double> p(static_cast<double>(rows.prob[e]));
    for (int k = 0; k < kVectors; ++k) sum[k] = fma(p, load_widen(v + k * kLanes), sum[k]);
  }
  for (int k = 0; k < kVectors; ++k) store_narrow(sums + k * kLanes, sum[k]);
}

// Sums of one row for kBatchLanes value functions.
template <class T>
BELFRY_INLINE void row_lanes(const SparseRows<T>& rows, const T* by_state, int64_t stride,
                             int64_t begin, int64_t end, T* sums) {
  if constexpr (sizeof(T) == 4) {
    if (end - begin > kLongRow) {
      return long_row_lanes(rows, by_state, stride, begin, end, sums);
    }
  }
  constexpr int kVectors = kBatchLanes<T> / Vec<T>::kLanes;
  Vec<T> sum[kVectors];
  for (int k = 0; k < kVectors; ++k) sum[k] = zero<T>();
  for (int64_t e = begin; e < end; ++e) {
    const T* v = by_state + rows.col[e] * stride;
    const Vec<T> p(rows.prob[e]);
    for (int k = 0; k < kVectors; ++k) sum[k] = fma(p, load(v + k * Vec<T>::kLanes), sum[k]);
  }
  for (int k = 0; k < kVectors; ++k) store(sums + k * Vec<T>::kLanes, sum[k]);
}

template <class T>
Backup<T> of_function(const Backup<T>& backup, int64_t function, int64_t num_states) {
  Backup<T> one = backup;
  one.rewards += function * num_states * backup.num_actions;
  if (one.values_out) one.values_out += function * num_states;
  if (one.policy) one.policy += function * num_states;
  return one;
}

// `count` states of the value functions [lane, lane + lanes).
template <class T>
struct BatchBlock {
  const SparseRows<T>& rows;
  const BatchValues<T>& values;
  const Backup<T>& backup;
  int64_t num_states, lane;
  T sums[kBatchBlockRows * kBatchLanes<T>];
  T q[kBatchBlockRows];

  int lanes() const {
    const int64_t left = values.count - lane;
    return static_cast<int>(left < kBatchLanes<T> ? left : kBatchLanes<T>);
  }
  void sum(int64_t row, int64_t count) {
    const T* v = values.by_state + lane;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t begin = rows.row_ptr[row + i], end = rows.row_ptr[row + i + 1];
      row_lanes(rows, v, values.stride, begin, end, sums + i * kBatchLanes<T>);
    }
  }
  // Q of one function over the rows summed last; true when one is NaN.
  bool take(const Backup<T>& one, int k, int64_t row, int64_t count) {
    for (int64_t i = 0; i < count; ++i) q[i] = sums[i * kBatchLanes<T> + k];
    return form_q(one.rewards + row, one.gamma, count, q);
  }
  void run(int64_t state, int64_t count) {
    const int64_t row = state * backup.num_actions, num_rows = count * backup.num_actions;
    sum(row, num_rows);
    for (int k = 0; k < lanes(); ++k) {
      const Backup<T> one = of_function(backup, lane + k, num_states);
      const bool any_nan = take(one, k, row, num_rows);
      choose(one, state, count, q, any_nan);
    }
  }
  // A state with more actions than the buffer holds.
  void run_wide(int64_t state) {
    const int64_t num_actions = backup.num_actions, row = state * num_actions;
    math::GreedyChoice<T> best[kBatchLanes<T>];
    for (int64_t first = 0; first < num_actions; first += kBatchBlockRows) {
      const int64_t left = num_actions - first;
      const int64_t count = left < kBatchBlockRows ? left : kBatchBlockRows;
      sum(row + first, count);
      for (int k = 0; k < lanes(); ++k) {
        const Backup<T> one = of_function(backup, lane + k, num_states);
        take(one, k, row + first, count);
        offer_actions(one, row + first, first, count, q, best[k]);
      }
    }
    for (int k = 0; k < lanes(); ++k) {
      write_choice(of_function(backup, lane + k, num_states), state, best[k]);
    }
  }
};

}  // namespace

template <class T>
void batch_backup(const SparseRows<T>& rows, const BatchValues<T>& values, const Backup<T>& backup,
                  int64_t num_states, int64_t begin, int64_t end) {
  const int64_t num_actions = backup.num_actions;
  const bool wide = num_actions > kBatchBlockRows;
  const int64_t step = wide ? 1 : num_actions > 1 ? kBatchBlockRows / num_actions : kBatchBlockRows;
  BatchBlock<T> block{rows, values, backup, num_states, 0, {}, {}};
  for (int64_t state = begin; state < end; state += step) {
    const int64_t count = end - state < step ? end - state : step;
    for (block.lane = 0; block.lane < values.count; block.lane += kBatchLanes<T>) {
      wide ? block.run_wide(state) : block.run(state, count);
    }
  }
}

template void batch_backup(const SparseRows<float>&, const BatchValues<float>&,
                           const Backup<float>&, int64_t, int64_t, int64_t);
template void batch_backup(const SparseRows<double>&, const BatchValues<double>&,
                           const Backup<double>&, int64_t, int64_t, int64_t);

}  // namespace belfry::cpu::BELFRY_ISA
