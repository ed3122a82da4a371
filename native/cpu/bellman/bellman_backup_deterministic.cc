// bellman_backup_deterministic: Q(s,a) = r(s,a) + γ V(next(s,a)), V' = max_a Q (Puterman (1994),
// section 6.2). Bytes per pair: 4 + sizeof(T), plus one read of V; 2 flops.
//
// Where neighbouring states move alike, as on a board, V is read in order (stencil_states.h) and
// the tables' bytes are the limit. Elsewhere the gathers are: many independent loads are in flight
// in the plain loop, and a vector gather gains nothing. Successors are checked on the way.
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
      : backup_(row_backup<T>(op, op.rewards.dims[1], op.mode == Mode::min)) {
    model_.next_states = op.next_states.begin();
    model_.rewards = op.rewards.begin();
    model_.values = op.values.begin();
    model_.gamma = static_cast<T>(op.gamma);
    model_.num_states = op.rewards.dims[0];
    model_.num_actions = op.rewards.dims[1];
    model_.terminal = static_cast<int32_t>(op.terminal);
    model_.minimise = backup_.minimise;
    model_.values_out = backup_.values;
    model_.policy = backup_.policy;
  }

  Status run(CpuContext& context) {
    const StatePieces pieces(model_.num_states, 4 * model_.num_actions + 1);
    pieces.run(context, [this](int64_t begin, int64_t end, int64_t) { states(begin, end); });
    return bad_ ? bad_successor() : finished(context);
  }

 private:
  void states(int64_t begin, int64_t end) {
    const auto singly = [this](int64_t first, int64_t count) { gather(first, count); };
    // Q-values and masks are the general path's.
    if (backup_.q_values || backup_.mask.given()) {
      for (int64_t s = begin; s < end; s += most_states()) {
        gather(s, std::min(most_states(), end - s));
      }
      return;
    }
    const auto stream = [&](int64_t from) { return stencil_states(model_, from, end); };
    by_patterns(begin, end, most_states(), stream, singly);
  }
  int64_t most_states() const {
    return std::max<int64_t>(1, kRowsPerBlock / std::max<int64_t>(1, model_.num_actions));
  }
  // A successor that is no state reads nothing.
  T q_of(int64_t row) {
    const int32_t to = model_.next_states[row];
    const T reward = model_.rewards[row];
    if (to == model_.terminal) return reward;
    if (to < 0 || to >= model_.num_states) {
      __atomic_store_n(&bad_, 1, __ATOMIC_RELAXED);
      return reward;
    }
    return math::q_value(reward, model_.gamma, model_.values[to]);
  }
  void gather(int64_t first, int64_t count) {
    const int64_t num_actions = model_.num_actions, rows = count * num_actions;
    if (rows > kRowsPerBlock) {
      for (int64_t s = first; s < first + count; ++s) {
        backup_state(backup_, s, [this](int64_t row) { return q_of(row); });
        for (int64_t row = s * num_actions; row < (s + 1) * num_actions; ++row) {
          if (!backup_.mask(row)) q_of(row);  // is checked all the same
        }
      }
      return;
    }
    T q[kRowsPerBlock];
    for (int64_t i = 0; i < rows; ++i) q[i] = q_of(first * num_actions + i);
    choose_block(backup_, first, count, q);
  }
  Status bad_successor() const {
    const int64_t num_states = model_.num_states, count = num_states * model_.num_actions;
    const auto fits = [&](int32_t to) {
      return to == model_.terminal || (to >= 0 && to < num_states);
    };
    int64_t at = 0;
    while (fits(model_.next_states[at]) && at + 1 < count) ++at;
    return core::index_mismatch("nextStates", model_.next_states[at],
                                " at index " + std::to_string(at), num_states);
  }

  const RowBackup<T> backup_;
  DeterministicStates<T> model_;
  int32_t bad_ = 0;
};

}  // namespace

template <>
Status run(const BellmanBackupDeterministic<float>& op, CpuContext& context) {
  return DeterministicBackup<float>(op).run(context);
}
template <>
Status run(const BellmanBackupDeterministic<double>& op, CpuContext& context) {
  return DeterministicBackup<double>(op).run(context);
}

}  // namespace belfry::cpu
