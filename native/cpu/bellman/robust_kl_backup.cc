// robust_kl_backup: Q(s,a) = r + γ inf Σ p V over KL(p ‖ p̂) ≤ κ, by its one-dimensional dual
// (Nilim and El Ghaoui (2005)). About ten passes over a row with one expm1 per entry; all in
// float64.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/tilting.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
Status robust_kl_backup(const RobustKlBackup<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const auto rows = measured_rows<T>(op, op.nature == Nature::max);
  const math::KlBall ball(op.kappa, math::kMassSlack<T>);
  backup_rows(
      StatePieces(op.row_ptr.begin(), num_states, num_actions, 100), row_backup<T>(op, num_actions),
      [&](int64_t row) { return rows.q_of(ball, row); }, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const RobustKlBackup<float>& op, CpuContext& context) {
  return robust_kl_backup(op, context);
}
template <>
Status run(const RobustKlBackup<double>& op, CpuContext& context) {
  return robust_kl_backup(op, context);
}

}  // namespace belfry::cpu
