// bellman_backup_v_csr_transition_rewards: Q(s,a) = Σ_j p_j (r_j + γ c_j V(col_j)), V' = max_a Q. A
// group of lanes per state, as wide as a row is long; all tables are read in order, V through L2.
#include "cuda/bellman/row_backup.cuh"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
struct MeanOutcome {
  TransitionRows<T> model;

  __device__ double operator()(int lanes, int64_t row) const {
    double sum = 0;
    const int64_t end = row < 0 ? 0 : model.rows.end(row);
    for (int64_t e = row < 0 ? 0 : model.rows.begin(row) + lane_id() % lanes; e < end; e += lanes) {
      const math::Outcome o = model.outcome(e);
      sum += o.mass * o.key;
    }
    return lanes_reduce(sum, Add{}, lanes);
  }
};

template <class T>
Status transition_backup(const BellmanBackupTransitionRewards<T>& op, CudaContext& context) {
  const int64_t num_states = op.values.dims[0];
  const int64_t num_actions = actions_of(op.row_ptr.dims[0] - 1, num_states);
  const auto backup = row_backup<T>(op, num_states, num_actions, op.mode == Mode::min);
  const MeanOutcome<T> q_of{transition_rows<T>(op)};
  return device_status(start_backup(q_of, backup, lanes_of(op), context.stream()),
                       "bellman_backup_v_csr_transition_rewards");
}

}  // namespace

template <>
Status run(const BellmanBackupTransitionRewards<float>& op, CudaContext& context) {
  return transition_backup(op, context);
}
template <>
Status run(const BellmanBackupTransitionRewards<double>& op, CudaContext& context) {
  return transition_backup(op, context);
}

}  // namespace belfry::cuda
