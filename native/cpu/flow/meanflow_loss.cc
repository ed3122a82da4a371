// meanflow_loss: u_target = v − (t − r) du/dt, mean w ‖u − u_target‖² (math/meanflow.h). Memory
// bound: 3 values read and 2 written an element.
#include "math/meanflow.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status meanflow_loss(const MeanflowLoss<T>& op, CpuContext& context) {
  const auto rows = math::meanflow_rows(op);
  const auto sums = sum_rows(rows, op.u.dims[0], 12 * rows.dims + 60, context);
  if (op.loss) op.loss[0] = static_cast<T>(sums.loss * rows.inverse_rows);
  return finished(context);
}

}  // namespace

template <>
Status run(const MeanflowLoss<float>& op, CpuContext& context) {
  return meanflow_loss(op, context);
}
template <>
Status run(const MeanflowLoss<double>& op, CpuContext& context) {
  return meanflow_loss(op, context);
}

}  // namespace belfry::cpu
