// bellman_backup_q_csr: q'(s,a) = r(s,a) + γ Σ_j p_j V(col_j), with V = max_a q or Σ_a π(a|s) q.
// A thread per state makes V, then the sparse backup writes Q without a choice.
#include "cuda/bellman/model.cuh"

namespace belfry::cuda {

namespace {

// π null: the greedy value.
template <class T>
__global__ void state_values(const T* q, const T* policy, math::FlagReader mask, int64_t num_states,
                             int64_t num_actions, T* values) {
#pragma unroll 1
  for (int64_t s : grid_stride(num_states)) {
    math::GreedyChoice<T> best;
    double mean = 0;
    for (int64_t a = 0; a < num_actions; ++a) {
      const int64_t row = s * num_actions + a;
      if (!mask(row)) continue;
      if (policy)
        mean += static_cast<double>(math::policy_term(policy[row], q[row]));
      else
        best.offer(static_cast<int32_t>(a), q[row]);
    }
    values[s] = policy ? static_cast<T>(mean) : best.value(false);
  }
}

template <class T>
Status bellman_backup_q_csr(const BellmanBackupQCsr<T>& op, CudaContext& context) {
  if (!op.q_values_out) return {};
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  T* values = context.scratch<T>(num_states);
  if (!values) return context.failure();
  auto backup = empty_backup<T>(num_states, num_actions, op.gamma);
  backup.rewards = op.rewards.begin();
  backup.mask = math::read_flags(op.action_mask, true);
  backup.values = values;
  backup.q_values = op.q_values_out.begin();
  const T* policy = op.q_operator == QOperator::policy ? op.policy.begin() : nullptr;
  cudaError_t error =
      launch(state_values<T>, element_shape(num_states), context.stream(), op.q_values.begin(),
             policy, backup.mask, num_states, num_actions, values);
  if (error == cudaSuccess) {
    error = sweep<T>(sparse_rows<T>(op), lanes_of(op), backup, nullptr, nullptr, context.stream());
  }
  return device_status(error, "bellman_backup_q_csr");
}

}  // namespace

template <>
Status run(const BellmanBackupQCsr<float>& op, CudaContext& context) {
  return bellman_backup_q_csr(op, context);
}
template <>
Status run(const BellmanBackupQCsr<double>& op, CudaContext& context) {
  return bellman_backup_q_csr(op, context);
}

}  // namespace belfry::cuda
