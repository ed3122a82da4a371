// bellman_backup_v_csr_transition_rewards: Q(s,a) = Σ_j p_j (r_j + γ c_j V(col_j)), V' = max_a Q
// (Puterman (1994), eq. 2.1.2). Bytes per entry: 4 + 2·sizeof(T) + the flag, plus one gather of V;
// 4 flops. Two chains of float64 sums keep up with memory.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
double row_mean(const TransitionRows<T>& rows, int64_t row) {
  const int64_t end = rows.row_ptr[row + 1];
  double sum[2] = {};
  int64_t e = rows.row_ptr[row];
  for (; e + 2 <= end; e += 2) {
    sum[0] += static_cast<double>(rows.prob[e]) * rows.outcome(e);
    sum[1] += static_cast<double>(rows.prob[e + 1]) * rows.outcome(e + 1);
  }
  if (e < end) sum[0] += static_cast<double>(rows.prob[e]) * rows.outcome(e);
  return sum[0] + sum[1];
}

template <class T>
Status transition_backup(const BellmanBackupTransitionRewards<T>& op, CpuContext& context) {
  const int64_t num_states = op.values.dims[0];
  const int64_t num_actions = actions_of(op.row_ptr.dims[0] - 1, num_states);
  const auto rows = transition_rows<T>(op);
  backup_rows(
      StatePieces(op.row_ptr.begin(), num_states, num_actions, 2),
      row_backup<T>(op, num_actions, op.mode == Mode::min),
      [&](int64_t row) { return row_mean(rows, row); }, context);
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
