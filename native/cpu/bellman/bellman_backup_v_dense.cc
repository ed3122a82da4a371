// bellman_backup_v_dense: V'(s) = max_a r(s,a) + γ Σ_s' P(s'|s,a) V(s'). A row is a dot product of
// S terms (in float64 when there are more than 64); P is read once, V stays in cache.
#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/core.h"

namespace belfry::cpu {

namespace {

template <class T>
Status bellman_backup_v_dense(const BellmanBackupVDense<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0];
  auto backup = optimality_backup<T>(op);
  backup.values = op.values.begin();
  backup.gamma = static_cast<T>(op.gamma);
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  backup.q_values = wanted(op.q_values);
  const StatePieces pieces(num_states, num_states * backup.num_actions);
  sweep(pieces, DenseRows<T>{op.prob.begin(), num_states}, backup, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const BellmanBackupVDense<float>& op, CpuContext& context) {
  return bellman_backup_v_dense(op, context);
}
template <>
Status run(const BellmanBackupVDense<double>& op, CpuContext& context) {
  return bellman_backup_v_dense(op, context);
}

}  // namespace belfry::cpu
