// bellman_backup_deterministic: Q(s,a) = r(s,a) + γ V(next(s,a)), V' = max_a Q. The lanes of a
// group share the actions of a state, so that both tables are read in order; V is gathered through
// L2.
#include "cuda/bellman/row_backup.cuh"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
struct DeterministicQ {
  const int32_t* next_states;
  const T *rewards, *values;
  int64_t num_states;
  T gamma;
  int32_t terminal;

  __device__ T operator()(int64_t row) const {
    const int32_t next = next_states[row];
    if (next == terminal) return rewards[row];
    const bool inside = next >= 0 && next < num_states;
    return math::q_value(rewards[row], gamma, inside ? values[next] : math::kNaN<T>);
  }
};

template <class T>
Status bellman_backup_deterministic(const BellmanBackupDeterministic<T>& op, CudaContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const DeterministicQ<T> q_of{op.next_states.begin(),   op.rewards.begin(),
                               op.values.begin(),        num_states,
                               static_cast<T>(op.gamma), static_cast<int32_t>(op.terminal)};
  const auto backup = row_backup<T>(op, num_states, num_actions, op.mode == Mode::min);
  return device_status(start_action_backup(q_of, backup, context.stream()),
                       "bellman_backup_deterministic");
}

}  // namespace

template <>
Status run(const BellmanBackupDeterministic<float>& op, CudaContext& context) {
  return bellman_backup_deterministic(op, context);
}
template <>
Status run(const BellmanBackupDeterministic<double>& op, CudaContext& context) {
  return bellman_backup_deterministic(op, context);
}

}  // namespace belfry::cuda
