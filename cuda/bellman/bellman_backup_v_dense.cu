// bellman_backup_v_dense: V'(s) = max_a r(s,a) + γ Σ_s' P(s'|s,a) V(s'), a warp per state. P is
// read once, coalesced; V stays in cache.
#include "cuda/bellman/model.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status bellman_backup_v_dense(const BellmanBackupVDense<T>& op, CudaContext& context) {
  auto backup = optimality_backup<T>(op, op.gamma);
  backup.values = op.values.begin();
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  backup.q_values = wanted(op.q_values);
  const DenseRows<T> rows{op.prob.begin(), backup.num_states};
  return device_status(sweep(rows, backup, context.stream()), "bellman_backup_v_dense");
}

}  // namespace

template <>
Status run(const BellmanBackupVDense<float>& op, CudaContext& context) {
  return bellman_backup_v_dense(op, context);
}
template <>
Status run(const BellmanBackupVDense<double>& op, CudaContext& context) {
  return bellman_backup_v_dense(op, context);
}

}  // namespace belfry::cuda
