// edm_preconditioning: D = c_skip x + c_out F and mean w (D − target)² (math/flow_losses.h). Memory
// bound: 3 values read and 2 written an element.
#include "math/flow_losses.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status edm_preconditioning(const EdmPreconditioning<T>& op, CpuContext& context) {
  const auto rows = math::edm_rows(op);
  const auto sums = sum_rows(rows, op.x.dims[0], 12 * rows.dims + 60, context);
  if (op.loss) op.loss[0] = static_cast<T>(sums.loss * rows.inverse);
  return finished(context);
}

}  // namespace

template <>
Status run(const EdmPreconditioning<float>& op, CpuContext& context) {
  return edm_preconditioning(op, context);
}
template <>
Status run(const EdmPreconditioning<double>& op, CpuContext& context) {
  return edm_preconditioning(op, context);
}

}  // namespace belfry::cpu
