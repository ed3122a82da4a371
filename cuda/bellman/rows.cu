// The kernels that several ops of this family queue: the backup of all states, and small ones.
#include "cuda/bellman/rows.cuh"

namespace belfry::cuda {

namespace {

// The first action within the tie of `best`; sums the rows again. All lanes of the warp must call.
template <class Rows, class T>
__device__ int32_t first_tied(const Rows& rows, int lanes, const Backup<T>& backup, int64_t state,
                              const Successors<T>& next, const math::GreedyChoice<T>& best) {
  int32_t found = best.action;
  for (int64_t a = 0; a < backup.num_actions; ++a) {
    const int64_t row = state < 0 ? -1 : state * backup.num_actions + a;
    const double sum = row_sum(rows, lanes, row, next.values, next.count);
    if (row < 0 || a >= found || !backup.mask(row)) continue;
    const T key = math::greedy_key(backup.q(row, next.gamma, sum), backup.minimise);
    if (math::within_tie(key, best.key, backup.tie_eps)) found = static_cast<int32_t>(a);
  }
  return found;
}

template <class Rows, class T>
__global__ void backup_states(Rows rows, int lanes, Backup<T> backup,
                              math::Change<double>* partials) {
  math::Change<double> change;
  const GroupRounds rounds(lanes);
  const bool writes = lane_id() % lanes == 0;
  const int64_t num_states = backup.num_states;
  for (int64_t base = rounds.first; base < num_states; base += rounds.step) {
    const int64_t state = rounds.state(base, num_states);
    const auto next = successors_of(backup, state < 0 ? 0 : state);
    const auto best = best_action(rows, lanes, backup, state, next);
    int32_t action = best.action;
    if (backup.tie_eps > 0) action = first_tied(rows, lanes, backup, state, next, best);
    if (state < 0 || !writes) continue;
    const T value = best.value(backup.minimise);
    if (partials) {
      math::Change<T> own;
      own.add(backup.before[state], value);
      change.merge(own);
    }
    if (backup.values_out) backup.values_out[state] = value;
    if (backup.policy) backup.policy[state] = action;
  }
  if (partials) write_partial(change, partials);
}

// One block.
__global__ void combine_changes(const math::Change<double>* partials, int64_t count,
                                math::Change<double>* out) {
  math::Change<double> change;
  for (int64_t i : thread_stride(count)) change.merge(partials[i]);
  write_partial(change, out);
}

template <class V>
__global__ void store_one(V* out, V value) {
  *out = value;
}

template <class T>
__global__ void store_extremes(const math::Change<double>* change, T* residual, T* span) {
  if (residual) *residual = static_cast<T>(change->residual());
  if (span) *span = static_cast<T>(change->span());
}

template <class From, class To>
__global__ void shift_each(const From* in, double shift, int64_t count, To* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) {
    out[i] = static_cast<To>(static_cast<double>(in[i]) + shift);
  }
}

LaunchShape single_thread() { return {dim3(1), dim3(1)}; }

}  // namespace

cudaError_t combine(const math::Change<double>* partials, int64_t count, math::Change<double>* out,
                    cudaStream_t stream) {
  const LaunchShape one{dim3(1), dim3(kBackupThreads), kChangeBytes};
  return launch(combine_changes, one, stream, partials, count, out);
}

template <class T>
cudaError_t sweep(const SparseRows<T>& rows, int lanes, const Backup<T>& backup,
                  math::Change<double>* partials, math::Change<double>* change,
                  cudaStream_t stream) {
  const auto shape = group_shape(backup.num_states, lanes);
  const cudaError_t error =
      launch(backup_states<SparseRows<T>, T>, shape, stream, rows, lanes, backup, partials);
  if (error != cudaSuccess || !partials) return error;
  return combine(partials, shape.grid.x, change, stream);
}

template <class T>
cudaError_t sweep(const DenseRows<T>& rows, const Backup<T>& backup, cudaStream_t stream) {
  return launch(backup_states<DenseRows<T>, T>, group_shape(backup.num_states, kWarpSize), stream,
                rows, kWarpSize, backup, static_cast<math::Change<double>*>(nullptr));
}

template <class T>
cudaError_t store_change(const math::Change<double>* change, T* residual, T* span,
                         cudaStream_t stream) {
  return launch(store_extremes<T>, single_thread(), stream, change, residual, span);
}

template <class V>
cudaError_t store_scalar(V* out, V value, cudaStream_t stream) {
  return launch(store_one<V>, single_thread(), stream, out, value);
}

template <class From, class To>
cudaError_t shift_values(const From* in, double shift, int64_t count, To* out,
                         cudaStream_t stream) {
  return launch(shift_each<From, To>, element_shape(count), stream, in, shift, count, out);
}

template cudaError_t sweep(const SparseRows<float>&, int, const Backup<float>&,
                           math::Change<double>*, math::Change<double>*, cudaStream_t);
template cudaError_t sweep(const DenseRows<float>&, const Backup<float>&, cudaStream_t);
template cudaError_t store_change(const math::Change<double>*, float*, float*, cudaStream_t);
template cudaError_t sweep(const SparseRows<double>&, int, const Backup<double>&,
                           math::Change<double>*, math::Change<double>*, cudaStream_t);
template cudaError_t sweep(const DenseRows<double>&, const Backup<double>&, cudaStream_t);
template cudaError_t store_change(const math::Change<double>*, double*, double*, cudaStream_t);
template cudaError_t store_scalar(float*, float, cudaStream_t);
template cudaError_t store_scalar(double*, double, cudaStream_t);
template cudaError_t store_scalar(int32_t*, int32_t, cudaStream_t);
template cudaError_t store_scalar(uint8_t*, uint8_t, cudaStream_t);
template cudaError_t shift_values(const float*, double, int64_t, float*, cudaStream_t);
template cudaError_t shift_values(const double*, double, int64_t, double*, cudaStream_t);
template cudaError_t shift_values(const double*, double, int64_t, float*, cudaStream_t);

}  // namespace belfry::cuda
