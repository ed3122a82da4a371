// risk_cvar_backup: Q(s,a) = the mean of the worst α of the outcomes r_j + γ c_j V(col_j). A group
// of lanes per state finds the quantile by passes over the row, as on the CPU.
#include "cuda/bellman/row_backup.cuh"
#include "math/row_measures.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
Status risk_cvar_backup(const RiskCvarBackup<T>& op, CudaContext& context) {
  const int64_t num_states = op.values.dims[0];
  const int64_t num_actions = actions_of(op.row_ptr.dims[0] - 1, num_states);
  const math::Cvar measure(op.alpha, math::kMassSlack<T>);
  const MeasuredOutcomes<T, math::Cvar> q_of{transition_rows<T>(op), measure};
  const auto backup = row_backup<T>(op, num_states, num_actions);
  return device_status(start_backup(q_of, backup, lanes_of(op), context.stream()),
                       "risk_cvar_backup");
}

}  // namespace

template <>
Status run(const RiskCvarBackup<float>& op, CudaContext& context) {
  return risk_cvar_backup(op, context);
}
template <>
Status run(const RiskCvarBackup<double>& op, CudaContext& context) {
  return risk_cvar_backup(op, context);
}

}  // namespace belfry::cuda
