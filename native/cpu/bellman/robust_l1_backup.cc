// robust_l1_backup: Q(s,a) = r + γ inf Σ p V over ‖p − p̂‖₁ ≤ κ (Strehl and Littman (2008)): κ/2 of
// the mass moves from the largest values to the smallest. Rows of less than 64
// entries compare each with each in vector form instead of sorting, longer ones take about
// 2 + log2 K passes; all in float64.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/row_measures.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

// The smallest key of all states; NaN when one is.
template <class T>
double cheapest_state(const MeasuredRows<T>& rows, int64_t num_states) {
  double cheapest = math::kInfinity<double>;
  for (int64_t s = 0; s < num_states; ++s) {
    const double key = rows.key(s);
    if (key != key) return key;
    cheapest = std::min(cheapest, key);
  }
  return cheapest;
}

template <class T>
Status robust_l1_backup(const RobustL1Backup<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const auto rows = measured_rows<T>(op, op.nature == Nature::max);
  const double cheapest =
      op.support == Support::all ? cheapest_state(rows, num_states) : math::kInfinity<double>;
  const math::L1Ball ball(op.kappa, cheapest, math::kMassSlack<T>);
  backup_rows(
      StatePieces(op.row_ptr.begin(), num_states, num_actions, 16), row_backup<T>(op, num_actions),
      [&](int64_t row) { return rows.q_of(ball, row); }, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const RobustL1Backup<float>& op, CpuContext& context) {
  return robust_l1_backup(op, context);
}
template <>
Status run(const RobustL1Backup<double>& op, CpuContext& context) {
  return robust_l1_backup(op, context);
}

}  // namespace belfry::cpu
