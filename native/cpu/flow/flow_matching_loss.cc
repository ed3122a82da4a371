// flow_matching_loss: x_t, v and mean (pred − v)² (math/flow_losses.h). Memory bound: 3 values read
// and 3 written an element.
#include "math/flow_losses.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status flow_matching_loss(const FlowMatchingLoss<T>& op, CpuContext& context) {
  const auto rows = math::flow_matching_rows(op);
  const int64_t batch = op.actions.dims[0];
  const auto sums = sum_rows(rows, batch, 8 * rows.dims + 4, context);
  if (op.loss) op.loss[0] = static_cast<T>(sums.loss * rows.inverse);
  if (op.loss_sum_dims) {
    op.loss_sum_dims[0] = static_cast<T>(sums.loss * math::inverse_count(batch));
  }
  return finished(context);
}

}  // namespace

template <>
Status run(const FlowMatchingLoss<float>& op, CpuContext& context) {
  return flow_matching_loss(op, context);
}
template <>
Status run(const FlowMatchingLoss<double>& op, CpuContext& context) {
  return flow_matching_loss(op, context);
}

}  // namespace belfry::cpu
