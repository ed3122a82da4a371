// shortcut_target: a thread each (math/flow_losses.h). Memory bound.
#include "math/flow_losses.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status shortcut_target(const ShortcutTarget<T>& op, CudaContext& context) {
  return each_row(math::shortcut_rows(op), op.x.size(), RowsBy::thread, "shortcut_target", context);
}

}  // namespace

template <>
Status run(const ShortcutTarget<float>& op, CudaContext& context) {
  return shortcut_target(op, context);
}
template <>
Status run(const ShortcutTarget<double>& op, CudaContext& context) {
  return shortcut_target(op, context);
}

}  // namespace belfry::cuda
