// option_smdp_backup: Q(s,o) = R(s,o) + Σ_s' P_γ(s'|s,o) V(s'), V' = max_o Q: the dense backup with
// γ = 1, a warp per state.
#include "cuda/bellman/model.cuh"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
Status option_smdp_backup(const OptionSmdpBackup<T>& op, CudaContext& context) {
  auto backup = optimality_backup<T>(op, 1);
  backup.values = op.values.begin();
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  backup.q_values = wanted(op.q_values);
  const DenseRows<T> rows{op.prob_discounted.begin(), backup.num_states};
  return device_status(sweep(rows, backup, context.stream()), "option_smdp_backup");
}

}  // namespace

template <>
Status run(const OptionSmdpBackup<float>& op, CudaContext& context) {
  return option_smdp_backup(op, context);
}
template <>
Status run(const OptionSmdpBackup<double>& op, CudaContext& context) {
  return option_smdp_backup(op, context);
}

}  // namespace belfry::cuda
