// robust_wasserstein_backup: Q(s,a) = r + γ inf Σ p V over Wasserstein-1 distance κ of p̂, by its
// dual (Gao and Kleywegt, arXiv 1604.02199), exactly. K·S costs per evaluation of the dual for a
// row of K entries; two evaluations, and one for each line met on the way, mostly two to five. The
// metric is read in rows.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/wasserstein.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
double worst_mean(const MeasuredRows<T>& model, const double* keys, const T* metric,
                  int64_t num_states, double kappa, int64_t row) {
  math::WassersteinBall ball(kappa);
  while (!ball.done()) {
    auto line = ball.begin_pass();
    for (int64_t e = model.rows.row_ptr[row]; e < model.rows.row_ptr[row + 1]; ++e) {
      const T* distances = metric + model.rows.col[e] * num_states;
      ball.add(line, static_cast<double>(model.rows.prob[e]),
               nearest_state(ball, keys, distances, num_states));
    }
    ball.take(line);
  }
  return ball.value();
}

template <class T>
Status robust_wasserstein_backup(const RobustWassersteinBackup<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  const auto model = measured_rows<T>(op, op.nature == Nature::max);
  double* keys = context.scratch<double>(num_states);
  for (int64_t s = 0; s < num_states; ++s) keys[s] = model.key(s);
  backup_rows(
      StatePieces(op.row_ptr.begin(), num_states, num_actions, 2 * num_states),
      row_backup<T>(op, num_actions),
      [&](int64_t row) {
        const double mean = worst_mean(model, keys, op.metric.begin(), num_states, op.kappa, row);
        return model.q(row, mean);
      },
      context);
  return finished(context);
}

}  // namespace

template <>
Status run(const RobustWassersteinBackup<float>& op, CpuContext& context) {
  return robust_wasserstein_backup(op, context);
}
template <>
Status run(const RobustWassersteinBackup<double>& op, CpuContext& context) {
  return robust_wasserstein_backup(op, context);
}

}  // namespace belfry::cpu
