// bellman_backup_v_csr: V'(s) = max_a r(s,a) + γ Σ_j p_j V(col_j), over pieces of states of equal
// work. See backup_states.h for the kernel and backup_states-inl.h for its cost.
#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/core.h"

namespace belfry::cpu {

namespace {

template <class T>
Status bellman_backup_v_csr(const BellmanBackupVCsr<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0];
  const bool with_change = op.residual_inf || op.span_residual;
  auto backup = optimality_backup<T>(op);
  backup.values = backup.before = op.values.begin();
  backup.gamma = static_cast<T>(op.gamma);
  backup.tie_eps = static_cast<T>(op.tie_eps);
  backup.values_out = wanted(op.values_out);
  if (with_change && !backup.values_out) backup.values_out = context.scratch<T>(num_states);
  backup.policy = wanted(op.policy);
  backup.q_values = wanted(op.q_values);
  CheckedColumns columns(op.col, num_states);
  const SparseRows<T> rows = columns.watch(sparse_rows(op));
  const StatePieces pieces(op.row_ptr.begin(), num_states, backup.num_actions);
  if (!with_change) {
    sweep(pieces, rows, backup, context);
    return columns.finished(context);
  }
  auto* of_piece = context.scratch<math::Change<T>>(pieces.count());
  const auto change = sweep(pieces, rows, backup, of_piece, context);
  if (op.residual_inf) op.residual_inf[0] = static_cast<T>(change.residual());
  if (op.span_residual) op.span_residual[0] = static_cast<T>(change.span());
  return columns.finished(context);
}

}  // namespace

template <>
Status run(const BellmanBackupVCsr<float>& op, CpuContext& context) {
  return bellman_backup_v_csr(op, context);
}
template <>
Status run(const BellmanBackupVCsr<double>& op, CpuContext& context) {
  return bellman_backup_v_csr(op, context);
}

}  // namespace belfry::cpu
