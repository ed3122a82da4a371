// option_smdp_backup: Q(s,o) = R(s,o) + Σ_s' P_γ(s'|s,o) V(s'), V' = max_o Q (Sutton, Precup and
// Singh (1999)): the dense backup with γ = 1. P_γ is read once, V stays in cache.
#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
Status option_smdp_backup(const OptionSmdpBackup<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0];
  auto backup = optimality_backup<T>(op);
  backup.values = op.values.begin();
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  backup.q_values = wanted(op.q_values);
  const StatePieces pieces(num_states, num_states * backup.num_actions);
  sweep(pieces, DenseRows<T>{op.prob_discounted.begin(), num_states}, backup, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const OptionSmdpBackup<float>& op, CpuContext& context) {
  return option_smdp_backup(op, context);
}
template <>
Status run(const OptionSmdpBackup<double>& op, CpuContext& context) {
  return option_smdp_backup(op, context);
}

}  // namespace belfry::cpu
