// shortcut_target: x + h v and the mean of two velocities (math/flow_losses.h). Memory bound.
#include "math/flow_losses.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status shortcut_target(const ShortcutTarget<T>& op, CpuContext& context) {
  sum_rows(math::shortcut_rows(op), op.x.size(), 8, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const ShortcutTarget<float>& op, CpuContext& context) {
  return shortcut_target(op, context);
}
template <>
Status run(const ShortcutTarget<double>& op, CpuContext& context) {
  return shortcut_target(op, context);
}

}  // namespace belfry::cpu
