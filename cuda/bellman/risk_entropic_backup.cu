// risk_entropic_backup: Q(s,a) = −(1/β) log Σ_j p_j exp(−β (r_j + γ c_j V(col_j))). A group of
// lanes per state makes two passes over each row, as on the CPU.
#include "cuda/bellman/row_backup.cuh"
#include "math/tilting.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
Status risk_entropic_backup(const RiskEntropicBackup<T>& op, CudaContext& context) {
  const int64_t num_states = op.values.dims[0];
  const int64_t num_actions = actions_of(op.row_ptr.dims[0] - 1, num_states);
  const math::EntropicRisk measure(op.beta, math::kMassSlack<T>,
                                   math::mass_rounding(std::numeric_limits<T>::epsilon()));
  const MeasuredOutcomes<T, math::EntropicRisk> q_of{transition_rows<T>(op), measure};
  const auto backup = row_backup<T>(op, num_states, num_actions);
  return device_status(start_backup(q_of, backup, lanes_of(op), context.stream()),
                       "risk_entropic_backup");
}

}  // namespace

template <>
Status run(const RiskEntropicBackup<float>& op, CudaContext& context) {
  return risk_entropic_backup(op, context);
}
template <>
Status run(const RiskEntropicBackup<double>& op, CudaContext& context) {
  return risk_entropic_backup(op, context);
}

}  // namespace belfry::cuda
