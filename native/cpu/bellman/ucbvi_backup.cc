// ucbvi_backup: Q_t = min(r + c H √(L/n) + P V_{t+1}, H − t), V_t = max_a Q_t, backwards from
// V_H = 0 (Azar, Osband and Munos, arXiv 1703.05449). Each step is a dense sweep, 2 S² A flops, and
// one pass over Q.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/optimism.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
Status ucbvi_backup(const UcbviBackup<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const int64_t num_rows = num_states * num_actions;
  T* rewards = context.scratch<T>(num_rows);
  T* q_scratch = op.q_values ? nullptr : context.scratch<T>(num_rows);
  T* v_scratch = op.values ? nullptr : context.scratch<T>(2 * num_states);
  const auto values_at = [&](int64_t t) {
    return v_scratch ? v_scratch + (t & 1) * num_states : op.values.begin() + t * num_states;
  };
  for (int64_t row = 0; row < num_rows; ++row) {
    rewards[row] = static_cast<T>(math::optimistic_reward(
        static_cast<double>(op.rewards[row]), static_cast<double>(op.count[row]),
        op.c * static_cast<double>(op.horizon), op.log_term));
  }
  std::fill_n(values_at(op.horizon), num_states, T(0));
  Backup<T> backup;
  backup.rewards = rewards;
  backup.num_actions = num_actions;
  const StatePieces pieces(num_states, num_states * num_actions), states(num_states, num_actions);
  for (int64_t t = op.horizon - 1; t >= 0; --t) {
    T* q = q_scratch ? q_scratch : op.q_values.begin() + t * num_rows;
    backup.values = values_at(t + 1);
    backup.q_values = q;
    sweep(pieces, DenseRows<T>{op.prob.begin(), num_states}, backup, context);
    const T cap = static_cast<T>(op.horizon - t);
    RowBackup<T> choice;
    choice.num_actions = num_actions;
    choice.values = values_at(t);
    choice.policy = op.policy ? op.policy.begin() + t * num_states : nullptr;
    choice.q_values = q;
    backup_rows(
        states, choice, [&](int64_t row) { return math::capped_q(q[row], op.count[row], cap); },
        context);
    if (context.stopped()) return aborted();
  }
  return {};
}

}  // namespace

template <>
Status run(const UcbviBackup<float>& op, CpuContext& context) {
  return ucbvi_backup(op, context);
}
template <>
Status run(const UcbviBackup<double>& op, CpuContext& context) {
  return ucbvi_backup(op, context);
}

}  // namespace belfry::cpu
