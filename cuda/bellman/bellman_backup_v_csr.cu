// bellman_backup_v_csr: V'(s) = max_a r(s,a) + γ Σ_j p_j V(col_j), one launch for all states (a
// second, of one block, where the residual or the span is asked for). Rows are as long as a group
// of lanes is wide, so the entries of a state are read in order; V is gathered through L2.
// Bytes per entry: 4 + sizeof(T), plus a 32-byte sector of V.
#include "cuda/bellman/model.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status bellman_backup_v_csr(const BellmanBackupVCsr<T>& op, CudaContext& context) {
  auto backup = optimality_backup<T>(op, op.gamma);
  backup.values = backup.before = op.values.begin();
  backup.tie_eps = static_cast<T>(op.tie_eps);
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  backup.q_values = wanted(op.q_values);
  const int lanes = lanes_of(op);
  const auto rows = sparse_rows<T>(op);
  if (!op.residual_inf && !op.span_residual) {
    return device_status(sweep<T>(rows, lanes, backup, nullptr, nullptr, context.stream()),
                         "bellman_backup_v_csr");
  }
  const int64_t num_partials = group_shape(backup.num_states, lanes).grid.x;
  auto* partials = context.scratch<math::Change<double>>(num_partials + 1);
  if (!partials) return context.failure();
  auto* change = partials + num_partials;
  cudaError_t error = sweep(rows, lanes, backup, partials, change, context.stream());
  if (error == cudaSuccess) {
    error =
        store_change(change, wanted(op.residual_inf), wanted(op.span_residual), context.stream());
  }
  return device_status(error, "bellman_backup_v_csr");
}

}  // namespace

template <>
Status run(const BellmanBackupVCsr<float>& op, CudaContext& context) {
  return bellman_backup_v_csr(op, context);
}
template <>
Status run(const BellmanBackupVCsr<double>& op, CudaContext& context) {
  return bellman_backup_v_csr(op, context);
}

}  // namespace belfry::cuda
