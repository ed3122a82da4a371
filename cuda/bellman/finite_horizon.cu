// finite_horizon, three forms: a chain of H launches, each parallel over states.
//
// optimal, dense: V_t = max_a r_t + γ P_t V_{t+1}, backwards from V_H.
// occupancy: d_{t+1}(s') = Σ d_t(s) π_t(a|s) P(s'|s,a), forwards, as row sums of the transposed
// model, which is made on the host (see transpose.cuh), so that no sum depends on an order of
// atomics.
#include "cuda/bellman/model.cuh"
#include "cuda/bellman/transpose.cuh"

namespace belfry::cuda {

namespace {

// V_0 … V_H: in the output, or two rows of scratch when it is not wanted.
template <class T>
struct ValueRows {
  T* rows;
  int64_t num_states;
  bool keep_all;
  T* operator[](int64_t t) const { return rows + (keep_all ? t : t & 1) * num_states; }
};

// start(t, backup) queues the backup of step t.
template <class T, class Op, class Start>
Status backward_induction(const Op& op, Backup<T> backup, const Start& start,
                          CudaContext& context) {
  const int64_t num_states = backup.num_states, num_rows = num_states * backup.num_actions;
  ValueRows<T> values{wanted(op.values), num_states, op.values.present};
  if (!values.keep_all) values.rows = context.scratch<T>(2 * num_states);
  if (!values.keep_all && !values.rows) return context.failure();
  T* last = values[op.horizon];
  cudaError_t error = op.terminal_values ? copy_values(last, op.terminal_values.begin(), num_states,
                                                       context.stream())
                                         : clear_values(last, num_states, context.stream());
  for (int64_t t = op.horizon - 1; t >= 0 && error == cudaSuccess; --t) {
    backup.values = values[t + 1];
    backup.values_out = values[t];
    if (op.q_values) backup.q_values = op.q_values.begin() + t * num_rows;
    if (op.policy) backup.policy = op.policy.begin() + t * num_states;
    error = start(t, backup);
    if (context.stopped()) return stopped_by_caller();
  }
  return device_status(error, "finite_horizon");
}

template <class T>
Status optimal(const FiniteHorizon<T>& op, CudaContext& context) {
  const int lanes = lanes_of(op);
  const auto start = [&](int64_t, const Backup<T>& backup) {
    return sweep<T>(sparse_rows<T>(op), lanes, backup, nullptr, nullptr, context.stream());
  };
  return backward_induction(op, optimality_backup<T>(op, op.gamma), start, context);
}

template <class T>
Status dense(const FiniteHorizonDense<T>& op, CudaContext& context) {
  auto backup = empty_backup<T>(op.rewards_t.dims[1], op.rewards_t.dims[2], op.gamma);
  backup.minimise = op.mode == Mode::min;
  const int64_t num_rows = backup.num_states * backup.num_actions;
  const math::FlagReader mask = math::read_flags(op.action_mask_t, true);
  const auto start = [&](int64_t t, Backup<T> step) {
    step.rewards = op.rewards_t.begin() + t * num_rows;
    step.mask = mask.from(t * num_rows);
    const DenseRows<T> rows{op.prob_t.begin() + t * num_rows * step.num_states, step.num_states};
    return sweep(rows, step, context.stream());
  };
  return backward_induction(op, backup, start, context);
}

// d_t(s) π_t(a|s) of every row.
template <class T>
__global__ void weigh_actions(const T* occupancy, const T* policy, int64_t num_rows,
                              int64_t num_actions, T* out) {
#pragma unroll 1
  for (int64_t row : grid_stride(num_rows)) out[row] = occupancy[row / num_actions] * policy[row];
}

template <class T>
Status occupancy(const FiniteHorizonOccupancy<T>& op, CudaContext& context) {
  const int64_t num_states = op.policy_t.dims[1], num_actions = op.policy_t.dims[2];
  const int64_t num_rows = num_states * num_actions;
  HostRows<T> model;
  if (Status s = download_rows(op, model, context); !s.ok()) return s;
  SparseRows<T> incoming{};
  if (Status s = upload_rows(transpose(model, num_states), incoming, context); !s.ok()) return s;
  T* d_t = context.scratch<T>(2 * num_states);
  T* scratch_sa = d_t ? context.scratch<T>(num_rows) : nullptr;
  if (!scratch_sa) return context.failure();
  auto backup = empty_backup<T>(num_states, 1, 1);
  backup.num_columns = num_rows;
  const int lanes = lanes_for(op.col.dims[0], num_states);
  const auto stream = context.stream();
  cudaError_t error = copy_values(d_t, op.mu0.begin(), num_states, stream);
  for (int64_t t = 0; t < op.horizon && error == cudaSuccess; ++t) {
    const T* now = d_t + (t & 1) * num_states;
    T* d_sa = op.occupancy_t_sa ? op.occupancy_t_sa.begin() + t * num_rows : scratch_sa;
    if (op.occupancy_t_s) {
      error = copy_values(op.occupancy_t_s.begin() + t * num_states, now, num_states, stream);
    }
    if (error == cudaSuccess) {
      error = launch(weigh_actions<T>, element_shape(num_rows), stream, now,
                     op.policy_t.begin() + t * num_rows, num_rows, num_actions, d_sa);
    }
    backup.values = d_sa;
    backup.values_out = d_t + ((t + 1) & 1) * num_states;
    if (error == cudaSuccess) error = sweep<T>(incoming, lanes, backup, nullptr, nullptr, stream);
    if (context.stopped()) return stopped_by_caller();
  }
  return device_status(error, "finite_horizon");
}

}  // namespace

template <>
Status run(const FiniteHorizon<float>& op, CudaContext& context) {
  return optimal(op, context);
}
template <>
Status run(const FiniteHorizon<double>& op, CudaContext& context) {
  return optimal(op, context);
}
template <>
Status run(const FiniteHorizonDense<float>& op, CudaContext& context) {
  return dense(op, context);
}
template <>
Status run(const FiniteHorizonDense<double>& op, CudaContext& context) {
  return dense(op, context);
}
template <>
Status run(const FiniteHorizonOccupancy<float>& op, CudaContext& context) {
  return occupancy(op, context);
}
template <>
Status run(const FiniteHorizonOccupancy<double>& op, CudaContext& context) {
  return occupancy(op, context);
}

}  // namespace belfry::cuda
