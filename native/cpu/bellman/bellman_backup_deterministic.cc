// bellman_backup_deterministic: Q(s,a) = r(s,a) + γ V(next(s,a)), V' = max_a Q (Puterman (1994),
// eq. 6.2.2). Bytes per pair: 4 + sizeof(T), plus one gather of V; 2 flops. Many independent loads
// are in flight in the plain loop, which is limited by the gathers: a vector gather gains nothing.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
Status bellman_backup_deterministic(const BellmanBackupDeterministic<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const T gamma = static_cast<T>(op.gamma);
  const auto terminal = static_cast<int32_t>(op.terminal);
  const int32_t* next = op.next_states.begin();
  const auto backup = row_backup<T>(op, num_actions, op.mode == Mode::min);
  const T *rewards = op.rewards.begin(), *values = op.values.begin();
  const auto fill_q = [=](int64_t first, int64_t count, T* q) {
    for (int64_t i = 0; i < count; ++i) {
      const int32_t to = next[first + i];
      const T reward = rewards[first + i];
      q[i] = to == terminal ? reward : math::q_value(reward, gamma, values[to]);
    }
  };
  backup_blocks(StatePieces(num_states, 4 * num_actions + 1), backup, fill_q, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const BellmanBackupDeterministic<float>& op, CpuContext& context) {
  return bellman_backup_deterministic(op, context);
}
template <>
Status run(const BellmanBackupDeterministic<double>& op, CpuContext& context) {
  return bellman_backup_deterministic(op, context);
}

}  // namespace belfry::cpu
