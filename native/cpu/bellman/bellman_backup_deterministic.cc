// bellman_backup_deterministic: Q(s,a) = r(s,a) + γ V(next(s,a)), V' = max_a Q (Puterman (1994),
// eq. 6.2.2). Bytes per pair: 4 + sizeof(T), plus one read of V; 2 flops.
//
// Where neighbouring states move alike, as on a board, V is read in order (stencil_states.h) and
// the tables' bytes are the limit. Elsewhere the gathers are: many independent loads are in flight
// in the plain loop, and a vector gather gains nothing.
#include "cpu/bellman/row_backup.h"
#include "cpu/bellman/stencil_states.h"
#include "cpu/run.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
class DeterministicBackup {
 public:
  explicit DeterministicBackup(const BellmanBackupDeterministic<T>& op)
      : model_{op.next_states.begin(),   op.rewards.begin(),    op.values.begin(),
               static_cast<T>(op.gamma), op.rewards.dims[1],    static_cast<int32_t>(op.terminal),
               op.mode == Mode::min,     wanted(op.values_out), wanted(op.policy)},
        backup_(row_backup<T>(op, model_.num_actions, model_.minimise)) {}

  void states(int64_t begin, int64_t end) const {
    // Q-values and masks are the general path's.
    const bool may_stream = !backup_.q_values && !backup_.mask.given();
    int64_t step = kFewStates;
    for (int64_t s = begin; s < end;) {
      const int64_t streamed = may_stream ? stencil_states(model_, s, end) : s;
      // Where no pattern is found, it is looked for less often.
      step = streamed > s ? kFewStates : std::min(2 * step, most_states());
      s = streamed;
      const int64_t count = std::min(step, end - s);
      if (count > 0) gather(s, count);
      s += count;
    }
  }

 private:
  static constexpr int64_t kFewStates = 8;

  int64_t most_states() const {
    return std::max<int64_t>(1, kRowsPerBlock / std::max<int64_t>(1, model_.num_actions));
  }
  T q_of(int64_t row) const {
    const int32_t to = model_.next_states[row];
    const T reward = model_.rewards[row];
    return to == model_.terminal ? reward : math::q_value(reward, model_.gamma, model_.values[to]);
  }
  void gather(int64_t first, int64_t count) const {
    const int64_t num_actions = model_.num_actions, rows = count * num_actions;
    if (rows > kRowsPerBlock) {
      for (int64_t s = first; s < first + count; ++s) {
        backup_state(backup_, s, [this](int64_t row) { return q_of(row); });
      }
      return;
    }
    T q[kRowsPerBlock];
    for (int64_t i = 0; i < rows; ++i) q[i] = q_of(first * num_actions + i);
    choose_block(backup_, first, count, q);
  }

  const DeterministicStates<T> model_;
  const RowBackup<T> backup_;
};

template <class T>
Status bellman_backup_deterministic(const BellmanBackupDeterministic<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const DeterministicBackup<T> backup(op);
  const StatePieces pieces(num_states, 4 * num_actions + 1);
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t) { backup.states(begin, end); });
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
