// bellman_backup_q_csr: q'(s,a) = r(s,a) + γ Σ_j p_j V(col_j), with V = max_a q or Σ_a π(a|s) q.
// Two passes: V of every state (reads q once), then the sparse backup without a choice.
#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/core.h"

namespace belfry::cpu {

namespace {

template <class T>
T greedy_value(const T* q, const math::FlagReader& mask, int64_t row, int64_t num_actions) {
  math::GreedyChoice<T> best;
  for (int64_t a = 0; a < num_actions; ++a) {
    if (mask(row + a)) best.offer(static_cast<int32_t>(a), q[row + a]);
  }
  return best.value(false);
}

template <class T>
T policy_value(const T* q, const T* policy, const math::FlagReader& mask, int64_t row,
               int64_t num_actions) {
  double sum = 0;
  for (int64_t a = 0; a < num_actions; ++a) {
    if (mask(row + a)) sum += static_cast<double>(math::policy_term(policy[row + a], q[row + a]));
  }
  return static_cast<T>(sum);
}

template <class T>
Status bellman_backup_q_csr(const BellmanBackupQCsr<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const auto mask = math::read_flags(op.action_mask, true);
  const bool greedy = op.q_operator == QOperator::max;
  if (!op.q_values_out) return {};
  T* values = context.scratch<T>(num_states);
  context.parallel(
      num_states, chunk_for(2 * num_actions + 1), [&](int64_t begin, int64_t end, int64_t) {
        for (int64_t s = begin; s < end; ++s) {
          const int64_t row = s * num_actions;
          values[s] =
              greedy ? greedy_value(op.q_values.begin(), mask, row, num_actions)
                     : policy_value(op.q_values.begin(), op.policy.begin(), mask, row, num_actions);
        }
      });
  Backup<T> backup;
  backup.rewards = op.rewards.begin();
  backup.values = values;
  backup.mask = mask;
  backup.num_actions = num_actions;
  backup.gamma = static_cast<T>(op.gamma);
  backup.q_values = op.q_values_out.begin();
  CheckedColumns columns(op.col, num_states);
  sweep(StatePieces(op.row_ptr.begin(), num_states, num_actions), columns.watch(sparse_rows(op)),
        backup, context);
  return columns.finished(context);
}

}  // namespace

template <>
Status run(const BellmanBackupQCsr<float>& op, CpuContext& context) {
  return bellman_backup_q_csr(op, context);
}
template <>
Status run(const BellmanBackupQCsr<double>& op, CpuContext& context) {
  return bellman_backup_q_csr(op, context);
}

}  // namespace belfry::cpu
