// robust_l1_backup: Q(s,a) = r + γ inf Σ p V over ‖p − p̂‖₁ ≤ κ. A group of lanes per state finds
// where the moved mass is taken from by passes over the row, as on the CPU. The smallest value of
// all states, where mass may go there, is found by one reduction before.
#include "cuda/bellman/row_backup.cuh"
#include "math/row_measures.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void range_of_keys(MeasuredRows<T> model, math::Change<double>* partials) {
  math::Change<double> range;
  for (int64_t s : grid_stride(model.num_states)) range.add(0.0, model.key(s));
  write_partial(range, partials);
}

template <class T>
struct L1Values {
  MeasuredRows<T> model;
  double kappa, slack;
  const math::Change<double>* range;  // null: mass stays in the row

  __device__ double operator()(int lanes, int64_t row) const {
    double cheapest = math::kInfinity<double>;
    if (range) cheapest = range->nan ? math::kNaN<double> : range->low;
    return model.q_of(lanes, math::L1Ball(kappa, cheapest, slack), row);
  }
};

template <class T>
Status robust_l1_backup(const RobustL1Backup<T>& op, CudaContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  L1Values<T> q_of{measured_rows<T>(op, op.nature == Nature::max), op.kappa, math::kMassSlack<T>,
                   nullptr};
  cudaError_t error = cudaSuccess;
  if (op.support == Support::all) {
    auto shape = element_shape(num_states);
    shape.shared_bytes = kChangeBytes;
    auto* partials = context.scratch<math::Change<double>>(shape.grid.x + 1);
    if (!partials) return context.failure();
    error = launch(range_of_keys<T>, shape, context.stream(), q_of.model, partials);
    auto* range = partials + shape.grid.x;
    if (error == cudaSuccess) error = combine(partials, shape.grid.x, range, context.stream());
    q_of.range = range;
  }
  if (error == cudaSuccess) {
    const auto backup = row_backup<T>(op, num_states, num_actions);
    error = start_backup(q_of, backup, lanes_of(op), context.stream());
  }
  return device_status(error, "robust_l1_backup");
}

}  // namespace

template <>
Status run(const RobustL1Backup<float>& op, CudaContext& context) {
  return robust_l1_backup(op, context);
}
template <>
Status run(const RobustL1Backup<double>& op, CudaContext& context) {
  return robust_l1_backup(op, context);
}

}  // namespace belfry::cuda
