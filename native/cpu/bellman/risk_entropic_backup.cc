// risk_entropic_backup: Q(s,a) = −(1/β) log Σ_j p_j exp(−β (r_j + γ c_j V(col_j))) (Howard and
// Matheson (1972)). Two passes over a row, the second with one expm1 per entry; all in float64.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/tilting.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
Status risk_entropic_backup(const RiskEntropicBackup<T>& op, CpuContext& context) {
  const int64_t num_states = op.values.dims[0];
  const int64_t num_actions = actions_of(op.row_ptr.dims[0] - 1, num_states);
  const auto rows = transition_rows<T>(op);
  const math::EntropicRisk measure(op.beta, math::kMassSlack<T>,
                                   math::mass_rounding(std::numeric_limits<T>::epsilon()));
  backup_rows(
      StatePieces(op.row_ptr.begin(), num_states, num_actions, 16), row_backup<T>(op, num_actions),
      [&](int64_t row) { return rows.measure(measure, row); }, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const RiskEntropicBackup<float>& op, CpuContext& context) {
  return risk_entropic_backup(op, context);
}
template <>
Status run(const RiskEntropicBackup<double>& op, CpuContext& context) {
  return risk_entropic_backup(op, context);
}

}  // namespace belfry::cpu
