// bellman_backup_grid: V'(s) = max_a m_a + c(s_a) + γ V(s_a), s_a a neighbour of s on the grid
// (Puterman (1994), eq. 6.2.2). Bytes per cell: V, V', and a byte of each map; the limit is memory.
#include "cpu/bellman/grid_cells.h"
#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/grids.h"

namespace belfry::cpu {

namespace {

template <class T>
Status bellman_backup_grid(const BellmanBackupGrid<T>& op, CpuContext& context) {
  GridBackup<T> backup;
  backup.grid = math::grid_of(op, op.values.begin());
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  backup.wants_change = static_cast<bool>(op.residual_inf);
  backup.streams = op.values.size() * static_cast<int64_t>(sizeof(T)) >= kLargerThanCaches;
  const T change = backup_grid(backup, context);
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
