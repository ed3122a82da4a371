// meanflow_residual_ql: g_target = clip(z + (t − 1) v − t dg/dt), mean w e and the bound loss
// (math/flow_losses.h). Memory bound: 4 values read and 3 written an element.
#include "math/flow_losses.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status meanflow_residual_ql(const MeanflowResidualQl<T>& op, CpuContext& context) {
  const auto rows = math::residual_rows(op);
  const auto sums = sum_rows(rows, op.g.dims[0], 24 * rows.dims + 60, context);
  const double share = rows.inverse_rows;
  if (op.loss) op.loss[0] = static_cast<T>(sums.loss * share);
  if (op.bound_loss) {
    op.bound_loss[0] = static_cast<T>(sums.other * share * math::inverse_count(rows.dims));
  }
  return finished(context);
}

}  // namespace

template <>
Status run(const MeanflowResidualQl<float>& op, CpuContext& context) {
  return meanflow_residual_ql(op, context);
}
template <>
Status run(const MeanflowResidualQl<double>& op, CpuContext& context) {
  return meanflow_residual_ql(op, context);
}

}  // namespace belfry::cpu
