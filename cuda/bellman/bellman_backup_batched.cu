// bellman_backup_batched, two forms.
//
// ragged: the shared backup kernel; a group of lanes finds the MDP of its state by bisection.
// Groups are kRaggedLanes wide whatever the batch holds, so that an MDP gives the same bits in any
// batch. A column outside its own MDP counts as NaN. shared_P: V is laid out as [state][function];
// the lanes of a group are value functions, so that an entry of the model is read once and V is
// read in order. No reduction, no shuffle.
#include "cuda/bellman/model.cuh"

namespace belfry::cuda {

namespace {

constexpr int kRaggedLanes = 8;

template <class T>
Status backup_ragged(const BellmanBackupRagged<T>& op, CudaContext& context) {
  auto backup = optimality_backup<T>(op, 1);
  backup.values = op.values.begin();
  backup.state_offsets = op.state_offsets.begin();
  backup.gammas = op.gamma.begin();
  backup.num_mdps = op.gamma.dims[0];
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  return device_status(
      sweep<T>(sparse_rows<T>(op), kRaggedLanes, backup, nullptr, nullptr, context.stream()),
      "bellman_backup_batched");
}

// out[s·stride + b] = values[b·S + s], 0 for b >= count.
template <class T>
__global__ void lay_out_by_state(const T* values, int64_t num_states, int64_t count, int64_t stride,
                                 T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(num_states * stride)) {
    const int64_t s = i / stride, b = i % stride;
    out[i] = b < count ? values[b * num_states + s] : T(0);
  }
}

// A thread per state and value function, the functions of a state side by side.
template <class T>
__global__ void backup_batch(SparseRows<T> rows, Backup<T> backup, int64_t count, int64_t stride) {
  const int64_t num_states = backup.num_states, num_actions = backup.num_actions;
#pragma unroll 1
  for (int64_t i : grid_stride(num_states * stride)) {
    const int64_t s = i / stride, b = i % stride;
    if (b >= count) continue;
    math::GreedyChoice<T> best;
    for (int64_t a = 0; a < num_actions; ++a) {
      const int64_t row = s * num_actions + a;
      if (!backup.mask(row)) continue;
      double sum = 0;
      for (int64_t e = rows.begin(row); e < rows.end(row); ++e) {
        const double value = static_cast<double>(backup.values[rows.col[e] * stride + b]);
        sum += static_cast<double>(rows.prob[e]) * value;
      }
      const T q = backup.q(b * num_states * num_actions + row, backup.gamma, sum);
      best.offer(static_cast<int32_t>(a), math::greedy_key(q, backup.minimise));
    }
    if (backup.values_out) backup.values_out[b * num_states + s] = best.value(backup.minimise);
    if (backup.policy) backup.policy[b * num_states + s] = best.action;
  }
}

template <class T>
Status backup_shared(const BellmanBackupShared<T>& op, CudaContext& context) {
  const int64_t count = op.values.dims[0], num_states = op.values.dims[1];
  int64_t stride = 1;
  while (stride < count && stride < kWarpSize) stride *= 2;
  stride = (count + stride - 1) / stride * stride;
  T* by_state = context.scratch<T>(num_states * stride);
  if (!by_state) return context.failure();
  auto backup = optimality_backup<T>(op, op.gamma);
  backup.values = by_state;
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  const auto shape = element_shape(num_states * stride);
  cudaError_t error = launch(lay_out_by_state<T>, shape, context.stream(), op.values.begin(),
                             num_states, count, stride, by_state);
  if (error == cudaSuccess) {
    error =
        launch(backup_batch<T>, shape, context.stream(), sparse_rows<T>(op), backup, count, stride);
  }
  return device_status(error, "bellman_backup_batched");
}

}  // namespace

template <>
Status run(const BellmanBackupRagged<float>& op, CudaContext& context) {
  return backup_ragged(op, context);
}
template <>
Status run(const BellmanBackupRagged<double>& op, CudaContext& context) {
  return backup_ragged(op, context);
}
template <>
Status run(const BellmanBackupShared<float>& op, CudaContext& context) {
  return backup_shared(op, context);
}
template <>
Status run(const BellmanBackupShared<double>& op, CudaContext& context) {
  return backup_shared(op, context);
}

}  // namespace belfry::cuda
