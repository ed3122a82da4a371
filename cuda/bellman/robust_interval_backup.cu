// robust_interval_backup: Q(s,a) = r + γ inf Σ p V over lo ≤ p ≤ hi, Σ p = 1. A group of lanes per
// state finds the value at which the mass runs out by passes over the row, as on the CPU; a prefix
// sum over the lanes shares the last of it among successors of equal value, in their order.
#include "cuda/bellman/row_backup.cuh"
#include "math/row_measures.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

// Sum of the lower lanes of the group. All lanes of the warp must call.
__device__ double lanes_before(double x, int lanes) {
  const int lane = lane_id() % lanes;
  double sum = x;
  for (int step = 1; step < lanes; step *= 2) {
    const double other = shuffle_up(sum, step);
    if (lane >= step) sum += other;
  }
  return sum - x;
}

template <class T>
struct IntervalValues {
  MeasuredRows<T> model;
  const T *low, *high;
  T* worst;
  uint8_t* feasible;

  __device__ math::IntervalBox::Entry entry(int64_t e) const {
    return {static_cast<double>(low[e]), static_cast<double>(high[e]),
            model.key(model.rows.col[e])};
  }
  __device__ double operator()(int lanes, int64_t row) const {
    const int64_t begin = model.begin(row), end = model.end(row);
    math::IntervalBox box;
    run_machine(lanes, box, begin, end, [this](int64_t e) { return entry(e); });
    if (feasible && row >= 0 && lane_id() % lanes == 0) feasible[row] = box.feasible();
    if (worst) write_worst(lanes, box, begin, end);
    return model.q(row, box.value());
  }
  __device__ void write_worst(int lanes, const math::IntervalBox& box, int64_t begin,
                              int64_t end) const {
    double left = box.mass_at_threshold();
    for (int64_t first = begin; any_lane(first < end); first += lanes) {
      const int64_t e = first + lane_id() % lanes;
      const auto own = e < end ? entry(e) : math::IntervalBox::Entry{0, 0, math::kNaN<double>};
      const double room = own.high > own.low && box.at_threshold(own) ? own.high - own.low : 0;
      const double before = lanes_before(room, lanes);
      if (e < end) worst[e] = static_cast<T>(box.probability(own, left - before));
      left -= lanes_reduce(room, Add{}, lanes);
    }
  }
};

template <class T>
Status robust_interval_backup(const RobustIntervalBackup<T>& op, CudaContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const auto backup = row_backup<T>(op, num_states, num_actions);
  const IntervalValues<T> q_of{measured_rows<T>(op, op.nature == Nature::max), op.prob_lo.begin(),
                               op.prob_hi.begin(), wanted(op.worst_prob), wanted(op.feasible)};
  cudaError_t error = cudaSuccess;
  if (backup.mask.given() && q_of.worst) {
    error = copy_values(q_of.worst, q_of.low, op.prob_lo.dims[0], context.stream());
  }
  if (backup.mask.given() && q_of.feasible && error == cudaSuccess) {
    error =
        fill_on(context.stream(), q_of.feasible, 1, static_cast<size_t>(num_states * num_actions));
  }
  if (error == cudaSuccess) error = start_backup(q_of, backup, lanes_of(op), context.stream());
  return device_status(error, "robust_interval_backup");
}

}  // namespace

template <>
Status run(const RobustIntervalBackup<float>& op, CudaContext& context) {
  return robust_interval_backup(op, context);
}
template <>
Status run(const RobustIntervalBackup<double>& op, CudaContext& context) {
  return robust_interval_backup(op, context);
}

}  // namespace belfry::cuda
