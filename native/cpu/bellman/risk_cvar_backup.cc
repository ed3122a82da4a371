// risk_cvar_backup: Q(s,a) = the mean of the worst α of the outcomes r_j + γ c_j V(col_j)
// (Rockafellar and Uryasev (2000)). Rows of less than 64 entries compare each with each in vector
// form instead of sorting, longer ones take about 2 + log2 K passes; all in float64.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/row_measures.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
Status risk_cvar_backup(const RiskCvarBackup<T>& op, CpuContext& context) {
  const int64_t num_states = op.values.dims[0];
  const int64_t num_actions = actions_of(op.row_ptr.dims[0] - 1, num_states);
  const auto rows = transition_rows<T>(op);
  const math::Cvar measure(op.alpha, math::kMassSlack<T>);
  backup_rows(
      StatePieces(op.row_ptr.begin(), num_states, num_actions, 16), row_backup<T>(op, num_actions),
      [&](int64_t row) { return rows.measure(measure, row); }, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const RiskCvarBackup<float>& op, CpuContext& context) {
  return risk_cvar_backup(op, context);
}
template <>
Status run(const RiskCvarBackup<double>& op, CpuContext& context) {
  return risk_cvar_backup(op, context);
}

}  // namespace belfry::cpu
