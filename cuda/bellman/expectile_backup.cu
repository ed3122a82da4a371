// expectile_backup: the τ-expectile of Q(s,·) under behaviour weights, or the weighted mean of Q
// over expectiles of the successors. Two launches: Q of all rows, then a group of lanes per state
// makes the Newton steps over its actions.
#include "cuda/bellman/row_backup.cuh"
#include "math/row_measures.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void expectiles_of_actions(math::FlagReader mask, const T* q, const T* weights,
                                      double tau, int64_t num_states, int64_t num_actions,
                                      int lanes, T* out) {
  const GroupRounds rounds(lanes);
  for (int64_t base = rounds.first; base < num_states; base += rounds.step) {
    const int64_t state = rounds.state(base, num_states);
    const int64_t begin = state < 0 ? 0 : state * num_actions;
    const int64_t end = state < 0 ? 0 : begin + num_actions;
    math::Expectile expectile(tau, false, 0);
    run_machine(lanes, expectile, begin, end, [&](int64_t row) {
      if (!mask(row)) return math::Outcome{0, 0};
      return math::Outcome{static_cast<double>(weights[row]), static_cast<double>(q[row])};
    });
    if (state >= 0 && lane_id() % lanes == 0) out[state] = static_cast<T>(expectile.value());
  }
}

template <class T>
cudaError_t write_q(const ExpectileBackup<T>& op, T* q, cudaStream_t stream) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const auto mask = math::read_flags(op.action_mask, true);
  if (op.over == ExpectileOver::actions) {
    auto backup = empty_backup<T>(num_states, num_actions, op.gamma);
    backup.rewards = op.rewards.begin();
    backup.mask = mask;
    backup.values = op.values.begin();
    backup.q_values = q;
    return sweep<T>(sparse_rows<T>(op), lanes_of(op), backup, nullptr, nullptr, stream);
  }
  const math::Expectile expectile(op.tau, true, math::kMassSlack<T>);
  const MeasuredValues<T, math::Expectile> q_of{measured_rows<T>(op, false), expectile};
  const RowBackup<T> backup{mask, num_states, num_actions, false, nullptr, nullptr, q};
  return start_backup(q_of, backup, lanes_of(op), stream);
}

template <class T>
Status expectile_backup(const ExpectileBackup<T>& op, CudaContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const int64_t num_rows = num_states * num_actions;
  T* q = op.q_values ? op.q_values.begin() : context.scratch<T>(num_rows);
  if (!q) return context.failure();
  cudaError_t error = write_q(op, q, context.stream());
  if (error == cudaSuccess && op.values_out) {
    const int lanes = lanes_for(num_rows, num_states);
    const double tau = op.over == ExpectileOver::actions ? op.tau : 0.5;
    error = launch(expectiles_of_actions<T>, group_shape(num_states, lanes), context.stream(),
                   math::read_flags(op.action_mask, true), q, op.behavior.begin(), tau, num_states,
                   num_actions, lanes, op.values_out.begin());
  }
  return device_status(error, "expectile_backup");
}

}  // namespace

template <>
Status run(const ExpectileBackup<float>& op, CudaContext& context) {
  return expectile_backup(op, context);
}
template <>
Status run(const ExpectileBackup<double>& op, CudaContext& context) {
  return expectile_backup(op, context);
}

}  // namespace belfry::cuda
