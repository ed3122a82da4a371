// ucbvi_backup: Q_t = min(r + c H √(L/n) + P V_{t+1}, H − t), V_t = max_a Q_t, backwards. Two
// launches a step: a dense sweep that writes Q, a warp per state, and one that caps it and chooses.
#include "cuda/bellman/row_backup.cuh"
#include "math/optimism.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void add_bonuses(const T* rewards, const T* count, double c_horizon, double log_term,
                            int64_t num_rows, T* out) {
  for (int64_t row : grid_stride(num_rows)) {
    out[row] = static_cast<T>(math::optimistic_reward(
        static_cast<double>(rewards[row]), static_cast<double>(count[row]), c_horizon, log_term));
  }
}

template <class T>
struct CappedQ {
  const T *q, *count;
  T cap;

  __device__ T operator()(int64_t row) const { return math::capped_q(q[row], count[row], cap); }
};

template <class T>
Status ucbvi_backup(const UcbviBackup<T>& op, CudaContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const int64_t num_rows = num_states * num_actions;
  const auto stream = context.stream();
  T* rewards = context.scratch<T>(num_rows);
  T* q_scratch = rewards ? context.scratch<T>(num_rows) : nullptr;
  T* v_scratch = q_scratch ? context.scratch<T>(2 * num_states) : nullptr;
  if (!v_scratch) return context.failure();
  const auto values_at = [&](int64_t t) {
    return op.values ? op.values.begin() + t * num_states : v_scratch + (t & 1) * num_states;
  };
  cudaError_t error = clear_values(values_at(op.horizon), num_states, stream);
  if (error == cudaSuccess) {
    error = launch(add_bonuses<T>, element_shape(num_rows), stream, op.rewards.begin(),
                   op.count.begin(), op.c * static_cast<double>(op.horizon), op.log_term, num_rows,
                   rewards);
  }
  auto backup = empty_backup<T>(num_states, num_actions, 1);
  backup.rewards = rewards;
  backup.mask.absent_value = true;
  for (int64_t t = op.horizon - 1; t >= 0 && error == cudaSuccess; --t) {
    T* q = op.q_values ? op.q_values.begin() + t * num_rows : q_scratch;
    backup.values = values_at(t + 1);
    backup.q_values = q;
    error = sweep(DenseRows<T>{op.prob.begin(), num_states}, backup, stream);
    if (error != cudaSuccess) break;
    RowBackup<T> choice{};
    choice.num_states = num_states;
    choice.num_actions = num_actions;
    choice.values = values_at(t);
    choice.policy = op.policy ? op.policy.begin() + t * num_states : nullptr;
    choice.q_values = q;
    const CappedQ<T> q_of{q, op.count.begin(), static_cast<T>(op.horizon - t)};
    error = start_action_backup(q_of, choice, stream);
    if (context.stopped()) return stopped_by_caller();
  }
  return device_status(error, "ucbvi_backup");
}

}  // namespace

template <>
Status run(const UcbviBackup<float>& op, CudaContext& context) {
  return ucbvi_backup(op, context);
}
template <>
Status run(const UcbviBackup<double>& op, CudaContext& context) {
  return ucbvi_backup(op, context);
}

}  // namespace belfry::cuda
