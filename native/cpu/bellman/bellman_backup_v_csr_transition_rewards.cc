// bellman_backup_v_csr_transition_rewards: Q(s,a) = Σ_j p_j (r_j + γ c_j V(col_j)), V' = max_a Q
// (Puterman (1994), section 2.1.3). Bytes per entry: 4 + 2·sizeof(T) + the flag, plus one gather of
// V; 4 flops. A vector of entries at a time, summed in float64.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
Status transition_backup(const BellmanBackupTransitionRewards<T>& op, CpuContext& context) {
  const int64_t num_states = op.values.dims[0];
  const int64_t num_actions = actions_of(op.row_ptr.dims[0] - 1, num_states);
  const auto rows = transition_rows<T>(op);
  backup_blocks(
      StatePieces(op.row_ptr.begin(), num_states, num_actions, 2),
      row_backup<T>(op, num_actions, op.mode == Mode::min),
      [&](int64_t first, int64_t count, T* q) { outcome_means<T>(rows, first, count, q); },
      context);
  return finished(context);
}

}  // namespace

template <>
Status run(const BellmanBackupTransitionRewards<float>& op, CpuContext& context) {
  return transition_backup(op, context);
}
template <>
Status run(const BellmanBackupTransitionRewards<double>& op, CpuContext& context) {
  return transition_backup(op, context);
}

}  // namespace belfry::cpu
