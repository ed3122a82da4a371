// robust_kl_backup: Q(s,a) = r + γ inf Σ p V over KL(p ‖ p̂) ≤ κ, by its dual. A group of lanes per
// state makes about ten passes over each row, as on the CPU.
#include "cuda/bellman/row_backup.cuh"
#include "math/tilting.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
Status robust_kl_backup(const RobustKlBackup<T>& op, CudaContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const math::KlBall ball(op.kappa, math::kMassSlack<T>);
  const MeasuredValues<T, math::KlBall> q_of{measured_rows<T>(op, op.nature == Nature::max), ball};
  const auto backup = row_backup<T>(op, num_states, num_actions);
  return device_status(start_backup(q_of, backup, lanes_of(op), context.stream()),
                       "robust_kl_backup");
}

}  // namespace

template <>
Status run(const RobustKlBackup<float>& op, CudaContext& context) {
  return robust_kl_backup(op, context);
}
template <>
Status run(const RobustKlBackup<double>& op, CudaContext& context) {
  return robust_kl_backup(op, context);
}

}  // namespace belfry::cuda
