// bellman_backup_grid: V'(s) = max_a m_a + c(s_a) + γ V(s_a), s_a a neighbour of s on the grid
// (Puterman (1994), section 6.2). Floor, bytes per cell and pass: V, V', and one of each map, 17 in
// float64; 6 FLOPs per cell and sweep. A single sweep is a pass, and bound by memory. Up to
// kSweepsPerPass sweeps make one together, which costs 2.1 bytes per cell and sweep: then the loads
// from the cache of the core are the limit, four and a store per vector of cells.
#include "cpu/bellman/grid_cells.h"
#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/grids.h"

namespace belfry::cpu {

namespace {

template <class T>
Status bellman_backup_grid(const BellmanBackupGrid<T>& op, CpuContext& context) {
  const int64_t passes = (op.sweeps + kSweepsPerPass - 1) / kSweepsPerPass;
  const math::SweepOutputs<T> outputs(wanted(op.values_out), passes, op.values.size(), context);
  GridBackup<T> backup;
  backup.grid = math::grid_of(op, op.values.begin());
  backup.streams = op.values.size() * static_cast<int64_t>(sizeof(T)) >= kLargerThanCaches;
  T change = 0;
  int64_t left = op.sweeps;
  for (int64_t pass = 0; pass < passes && !context.stopped(); ++pass) {
    const bool last = pass + 1 == passes;
    backup.sweeps = left / (passes - pass);  // passes of about the same length
    backup.values_out = outputs[pass];
    backup.policy = last ? wanted(op.policy) : nullptr;
    backup.wants_change = last && op.residual_inf;
    change = backup_grid(backup, context);
    backup.grid.values = backup.values_out;
    left -= backup.sweeps;
  }
  if (op.residual_inf) op.residual_inf[0] = change;
  return finished(context);
}

}  // namespace

template <>
Status run(const BellmanBackupGrid<float>& op, CpuContext& context) {
  return bellman_backup_grid(op, context);
}
template <>
Status run(const BellmanBackupGrid<double>& op, CpuContext& context) {
  return bellman_backup_grid(op, context);
}

}  // namespace belfry::cpu
