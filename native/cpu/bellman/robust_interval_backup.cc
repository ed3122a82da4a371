// robust_interval_backup: Q(s,a) = r + γ inf Σ p V over lo ≤ p ≤ hi, Σ p = 1 (Givan, Leach and Dean
// (2000)): every entry at lo, and the rest poured in ascending order of V. The value at which the
// rest runs out takes about 2 + log2 K passes over the K entries of a row instead of a sort; rows
// of up to 64 entries are done at once by comparing each with each. All in float64.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/row_measures.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
struct IntervalRows {
  MeasuredRows<T> model;
  const T *low, *high;
  T* worst;
  uint8_t* feasible;

  math::IntervalBox::Entry entry(int64_t e) const {
    return {static_cast<double>(low[e]), static_cast<double>(high[e]),
            model.key(model.rows.col[e])};
  }
  double q(int64_t row) const {
    const int64_t begin = model.rows.row_ptr[row], end = model.rows.row_ptr[row + 1];
    const math::IntervalBox box = end - begin <= kShortRow ? pour(begin, end) : search(begin, end);
    if (feasible) feasible[row] = box.feasible();
    return model.q(row, box.value());
  }
  // A short row: how much each entry gets is found in vector form.
  math::IntervalBox pour(int64_t begin, int64_t end) const {
    math::IntervalBox box;
    ShortRow rooms;
    double poured[kShortRow];
    auto pass = box.begin_pass();
    for (int64_t e = begin; e < end; ++e) {
      const auto own = entry(e);
      box.add(pass, own);
      rooms.push(math::IntervalBox::to_pour(own));
    }
    box.take(pass);
    if (box.done()) {
      if (worst) write_worst(box, begin, end);
      return box;
    }
    box.take_tail(lower_tail(rooms, box.target(), poured));
    for (int64_t e = begin; worst && e < end; ++e) {
      worst[e] = static_cast<T>(static_cast<double>(low[e]) + poured[e - begin]);
    }
    return box;
  }
  math::IntervalBox search(int64_t begin, int64_t end) const {
    math::IntervalBox box;
    run_passes(box, begin, end, [&](int64_t e) { return entry(e); });
    if (worst) write_worst(box, begin, end);
    return box;
  }
  void write_worst(const math::IntervalBox& box, int64_t begin, int64_t end) const {
    double left = box.mass_at_threshold();
    for (int64_t e = begin; e < end; ++e) {
      const auto own = entry(e);
      const double p = box.probability(own, left);
      if (box.at_threshold(own)) left -= p - own.low;
      worst[e] = static_cast<T>(p);
    }
  }
};

template <class T>
Status robust_interval_backup(const RobustIntervalBackup<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const auto backup = row_backup<T>(op, num_actions);
  const IntervalRows<T> rows{measured_rows<T>(op, op.nature == Nature::max), op.prob_lo.begin(),
                             op.prob_hi.begin(), wanted(op.worst_prob), wanted(op.feasible)};
  if (backup.mask.given()) {
    if (rows.worst) std::copy_n(rows.low, op.prob_lo.dims[0], rows.worst);
    if (rows.feasible) std::fill_n(rows.feasible, num_states * num_actions, uint8_t{1});
  }
  backup_rows(
      StatePieces(op.row_ptr.begin(), num_states, num_actions, 16), backup,
      [&](int64_t row) { return rows.q(row); }, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const RobustIntervalBackup<float>& op, CpuContext& context) {
  return robust_interval_backup(op, context);
}
template <>
Status run(const RobustIntervalBackup<double>& op, CpuContext& context) {
  return robust_interval_backup(op, context);
}

}  // namespace belfry::cpu
