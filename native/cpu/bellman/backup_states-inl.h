// Body of backup_states, once per instruction set.
//
// Blocks of states: the sums of their rows go to a buffer in L1, then Q is formed in vector form,
// then each state takes its best action, then the change of the block is folded into the extremes.
// Bytes per row of K entries: K·(4 + sizeof(T)) + 4 + sizeof(T), plus K gathers; 2K + 2 flops.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// q[i] of `count` rows from their sums in `q`, in place. True when one of them is NaN.
template <class T>
BELFRY_NOINLINE bool form_q(const T* rewards, T gamma, int64_t count, T* q) {
  constexpr int kLanes = Vec<T>::kLanes;
  const Vec<T> discount(gamma);
  Mask<T> nan = is_nan(discount);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Vec<T> value = load(rewards + i) + discount * load(q + i);
    nan = nan | is_nan(value);
    store(q + i, value);
  }
  bool any_nan = any(nan);
  for (; i < count; ++i) {
    q[i] = math::q_value(rewards[i], gamma, q[i]);
    any_nan = any_nan || q[i] != q[i];
  }
  return any_nan;
}

template <class T>
BELFRY_NOINLINE void write_q(const Backup<T>& backup, int64_t row, int64_t count, const T* q) {
  T* out = backup.q_values + row;
  const T masked = math::masked_q<T>(backup.minimise);
  for (int64_t i = 0; i < count; ++i) out[i] = backup.mask(row + i) ? q[i] : masked;
}

// Offers the actions [first, first + count) of a state, whose Q are q[0..count).
template <class T>
BELFRY_NOINLINE void offer_actions(const Backup<T>& backup, int64_t row, int64_t first,
                                   int64_t count, const T* q, math::GreedyChoice<T>& best) {
  for (int64_t i = 0; i < count; ++i) {
    if (!backup.mask(row + i)) continue;
    best.offer(static_cast<int32_t>(first + i), math::greedy_key(q[i], backup.minimise));
  }
}

// Index of the first action within the tie of `best`, among [first, first + count); −1: none.
template <class T>
BELFRY_NOINLINE int32_t first_tied(const Backup<T>& backup, int64_t row, int64_t first,
                                   int64_t count, const T* q, const math::GreedyChoice<T>& best) {
  for (int64_t i = 0; i < count; ++i) {
    const T key = math::greedy_key(q[i], backup.minimise);
    if (backup.mask(row + i) && math::within_tie(key, best.key, backup.tie_eps)) {
      return static_cast<int32_t>(first + i);
    }
  }
  return -1;
}

template <class T>
BELFRY_INLINE void write_choice(const Backup<T>& backup, int64_t state,
                                const math::GreedyChoice<T>& best) {
  if (backup.values_out) backup.values_out[state] = best.value(backup.minimise);
  if (backup.policy) backup.policy[state] = best.action;
}

template <class T>
BELFRY_NOINLINE void choose_carefully(const Backup<T>& backup, int64_t state, const T* q) {
  const int64_t num_actions = backup.num_actions, row = state * num_actions;
  math::GreedyChoice<T> best;
  offer_actions(backup, row, 0, num_actions, q, best);
  write_choice(backup, state, best);
  if (!backup.policy || !(backup.tie_eps > 0) || best.action <= 0) return;
  const int32_t tied = first_tied(backup, row, 0, num_actions, q, best);
  if (tied >= 0) backup.policy[state] = tied;
}

// All actions are allowed and no Q is NaN: a vector of states at a time.
template <class T>
BELFRY_NOINLINE void choose_quickly(const Backup<T>& backup, int64_t state, int64_t count,
                                    const T* q) {
  constexpr int kLanes = Vec<T>::kLanes;
  const int64_t num_actions = backup.num_actions;
  const Vec<T> sign(math::greedy_key(T(1), backup.minimise));
  int32_t row[kLanes];
  for (int i = 0; i < kLanes; ++i) row[i] = i * static_cast<int32_t>(num_actions);
  T actions[kBlockRows];
  for (int64_t i = 0; i < count; i += kLanes) {
    const int n = static_cast<int>(count - i < kLanes ? count - i : kLanes);
    const T* own = q + i * num_actions;
    Vec<T> best = sign * gather_n(own, row, n), action = zero<T>();
    for (int64_t a = 1; a < num_actions; ++a) {
      const Vec<T> key = sign * gather_n(own + a, row, n);
      action = select(key > best, Vec<T>(static_cast<T>(a)), action);
      best = select(key > best, key, best);
    }
    if (backup.values_out) store_n(backup.values_out + state + i, sign * best, n);
    store_n(actions + i, action, n);
  }
  if (!backup.policy) return;
  for (int64_t i = 0; i < count; ++i) backup.policy[state + i] = static_cast<int32_t>(actions[i]);
}

template <class T>
void choose(const Backup<T>& backup, int64_t state, int64_t count, const T* q, bool any_nan) {
  if (!any_nan && !backup.mask.given() && !(backup.tie_eps > 0) && backup.num_actions > 0) {
    return choose_quickly(backup, state, count, q);
  }
  for (int64_t i = 0; i < count; ++i) {
    choose_carefully(backup, state + i, q + i * backup.num_actions);
  }
}

// A state with more actions than the buffer holds.
template <class T, class Rows>
BELFRY_NOINLINE void backup_wide_state(const Rows& rows, const Backup<T>& backup, int64_t state,
                                       T* q) {
  const int64_t num_actions = backup.num_actions, row = state * num_actions;
  const auto part = [&](int64_t first) {
    const int64_t left = num_actions - first;
    const int64_t count = left < kBlockRows ? left : kBlockRows;
    sum_rows(rows, backup.values, row + first, count, q);
    form_q(backup.rewards + row + first, backup.gamma, count, q);
    return count;
  };
  math::GreedyChoice<T> best;
  for (int64_t first = 0; first < num_actions; first += kBlockRows) {
    const int64_t count = part(first);
    if (backup.q_values) write_q(backup, row + first, count, q);
    offer_actions(backup, row + first, first, count, q, best);
  }
  write_choice(backup, state, best);
  if (!backup.policy || !(backup.tie_eps > 0) || best.action <= 0) return;
  for (int64_t first = 0; first <= best.action; first += kBlockRows) {
    const int64_t count = part(first);
    const int32_t tied = first_tied(backup, row + first, first, count, q, best);
    if (tied < 0) continue;
    backup.policy[state] = tied;
    return;
  }
}

// Extremes of the change, a vector of states at a time.
template <class T>
struct ChangeLanes {
  math::Change<T> rest;  // states that do not fill a vector
  Vec<T> low, high, largest;
  Mask<T> nan;

  BELFRY_INLINE ChangeLanes()
      : low(rest.low), high(rest.high), largest(T(0)), nan(is_nan(largest)) {}
  BELFRY_INLINE void add(const T* before, const T* after, int64_t count) {
    constexpr int kLanes = Vec<T>::kLanes;
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      const Vec<T> value = load(after + i);
      const Vec<T> delta = value - load(before + i);
      nan = nan | is_nan(delta);
      low = min(delta, low);
      high = max(delta, high);
      largest = max(abs(value), largest);
    }
    for (; i < count; ++i) rest.add(before[i], after[i]);
  }
  BELFRY_INLINE void merge_into(math::Change<T>& change) const {
    change.merge(math::Change<T>{reduce_min(low), reduce_max(high), reduce_max(largest), any(nan)});
    change.merge(rest);
  }
};

template <class T, class Rows>
void backup_range(const Rows& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                  math::Change<T>* change) {
  T q[kBlockRows];
  ChangeLanes<T> lanes;
  const int64_t num_actions = backup.num_actions;
  const bool wide = num_actions > kBlockRows;
  const int64_t step = wide ? 1 : num_actions > 1 ? kBlockRows / num_actions : kBlockRows;
  for (int64_t state = begin; state < end; state += step) {
    const int64_t count = end - state < step ? end - state : step;
    if (wide) {
      backup_wide_state(rows, backup, state, q);
    } else {
      const int64_t row = state * num_actions, num_rows = count * num_actions;
      // What is read and written beside the rows comes into cache while these are summed: too
      // little at a time for the processor to see streams in it.
      fetch_ahead(backup.rewards + row, num_rows, 0);
      if (change) fetch_ahead(backup.before + state, count, 0);
      if (backup.values_out) fetch_ahead<1>(backup.values_out + state, count, 0);
      if (backup.policy) fetch_ahead<1>(backup.policy + state, count, 0);
      sum_rows(rows, backup.values, row, num_rows, q);
      const bool any_nan = form_q(backup.rewards + row, backup.gamma, num_rows, q);
      if (backup.q_values) write_q(backup, row, num_rows, q);
      if (backup.values_out || backup.policy) choose(backup, state, count, q, any_nan);
    }
    if (change) lanes.add(backup.before + state, backup.values_out + state, count);
  }
  if (change) lanes.merge_into(*change);
}

}  // namespace

template <class T>
void sparse_backup(const SparseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                   math::Change<T>* change) {
  backup_range(rows, backup, begin, end, change);
}
template <class T>
void dense_backup(const DenseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                  math::Change<T>* change) {
  backup_range(rows, backup, begin, end, change);
}
template <class T>
void weighing_backup(const DenseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                     math::Change<T>* change, MassRange& range) {
  for (int64_t s = begin; backup.mask.given() && s < end; ++s) {
    if (!math::any_allowed(backup.mask, s, backup.num_actions)) range.add(0);
  }
  backup_range(WeighedRows<T>{rows, backup.mask, &range}, backup, begin, end, change);
}

template void weighing_backup(const DenseRows<float>&, const Backup<float>&, int64_t, int64_t,
                              math::Change<float>*, MassRange&);
template void weighing_backup(const DenseRows<double>&, const Backup<double>&, int64_t, int64_t,
                              math::Change<double>*, MassRange&);
template void sparse_backup(const SparseRows<float>&, const Backup<float>&, int64_t, int64_t,
                            math::Change<float>*);
template void sparse_backup(const SparseRows<double>&, const Backup<double>&, int64_t, int64_t,
                            math::Change<double>*);
template void dense_backup(const DenseRows<float>&, const Backup<float>&, int64_t, int64_t,
                           math::Change<float>*);
template void dense_backup(const DenseRows<double>&, const Backup<double>&, int64_t, int64_t,
                           math::Change<double>*);

}  // namespace belfry::cpu::BELFRY_ISA
