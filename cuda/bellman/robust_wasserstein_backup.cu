// robust_wasserstein_backup: Q(s,a) = r + γ inf Σ p V over Wasserstein-1 distance κ of p̂, by its
// dual, exactly as on the CPU. A warp per state: its lanes share the S costs of an entry, so that
// the rows of the metric are read in order.
#include "cuda/bellman/row_backup.cuh"
#include "math/wasserstein.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

struct Nearer {
  __device__ math::Transport operator()(math::Transport a, const math::Transport& b) const {
    a.offer(b);
    return a;
  }
};

template <class T>
struct WassersteinValues {
  MeasuredRows<T> model;
  const T* metric;
  double kappa;

  // Where the mass of entry e goes; the same in every lane.
  __device__ math::Transport nearest(const math::WassersteinBall& ball, int64_t e) const {
    const int64_t from = model.rows.col[e], num_states = model.num_states;
    math::Transport best;
    if (from < 0 || from >= num_states) {
      best.nan = true;
      return best;
    }
    for (int64_t s = lane_id(); s < num_states; s += kWarpSize) {
      const double distance = static_cast<double>(metric[from * num_states + s]);
      best.offer(ball.candidate(model.key(s), distance));
    }
    return lanes_reduce<kWarpSize>(best, Nearer{});
  }
  // A row takes a whole warp.
  __device__ double operator()(int, int64_t row) const {
    math::WassersteinBall ball(kappa);
    while (!ball.done()) {
      auto line = ball.begin_pass();
      for (int64_t e = model.begin(row); e < model.end(row); ++e) {
        ball.add(line, static_cast<double>(model.rows.prob[e]), nearest(ball, e));
      }
      ball.take(line);
    }
    return model.q(row, ball.value());
  }
};

template <class T>
Status robust_wasserstein_backup(const RobustWassersteinBackup<T>& op, CudaContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const WassersteinValues<T> q_of{measured_rows<T>(op, op.nature == Nature::max), op.metric.begin(),
                                  op.kappa};
  const auto backup = row_backup<T>(op, num_states, num_actions);
  return device_status(start_backup(q_of, backup, kWarpSize, context.stream()),
                       "robust_wasserstein_backup");
}

}  // namespace

template <>
Status run(const RobustWassersteinBackup<float>& op, CudaContext& context) {
  return robust_wasserstein_backup(op, context);
}
template <>
Status run(const RobustWassersteinBackup<double>& op, CudaContext& context) {
  return robust_wasserstein_backup(op, context);
}

}  // namespace belfry::cuda
