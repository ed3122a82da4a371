// gauss_seidel_sweep: V(s) ← max_a r + γ Σ_j p_j V(col_j), state after state in a given order, each
// with the values already written (Puterman (1994), section 6.3.3). Sequential by definition; 2N
// flops on one thread, in float64 within a row.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

// (rest) / (1 − γ p_ss); staying for ever without loss gives ±Infinity, or 0 where nothing is got.
double without_self_loop(double rest, double kept) {
  if (kept == 0) return rest == 0 || rest != rest ? rest : rest * math::kInfinity<double>;
  return rest / kept;
}

template <class T>
double row_value(const GaussSeidelSweep<T>& op, const T* values, int64_t state, int64_t row) {
  const bool eliminate = op.self_loop == SelfLoop::eliminate;
  double sum = 0, stay = 0;
  for (int64_t e = op.row_ptr[row]; e < op.row_ptr[row + 1]; ++e) {
    const double p = static_cast<double>(op.prob[e]);
    if (eliminate && op.col[e] == state)
      stay += p;
    else
      sum += p * static_cast<double>(values[op.col[e]]);
  }
  const double q = math::q_value(static_cast<double>(op.rewards[row]), op.gamma, sum);
  return eliminate ? without_self_loop(q, 1 - op.gamma * stay) : q;
}

template <class T>
Status gauss_seidel_sweep(const GaussSeidelSweep<T>& op, CpuContext& context) {
  if (!op.values_out) return {};
  const int64_t num_states = op.rewards.dims[0];
  T* values = op.values_out.begin();
  std::copy_n(op.values.begin(), num_states, values);
  RowBackup<T> backup{math::read_flags(op.action_mask, true),
                      op.rewards.dims[1],
                      op.mode == Mode::min,
                      values,
                      nullptr,
                      nullptr};
  const int64_t count = op.order ? op.order.dims[0] : num_states;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t s = op.order ? op.order[i] : i;
    backup_state(backup, s, [&](int64_t row) { return row_value(op, values, s, row); });
    if (i % 4096 == 4095 && context.stopped()) return aborted();
  }
  return finished(context);
}

}  // namespace

template <>
Status run(const GaussSeidelSweep<float>& op, CpuContext& context) {
  return gauss_seidel_sweep(op, context);
}
template <>
Status run(const GaussSeidelSweep<double>& op, CpuContext& context) {
  return gauss_seidel_sweep(op, context);
}

}  // namespace belfry::cpu
