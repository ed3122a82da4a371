// meanflow_gaussian_oracle: the flow between Gaussians (math/meanflow.h). Seven roots a row.
#include "math/meanflow.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status meanflow_gaussian_oracle(const MeanflowGaussianOracle<T>& op, CpuContext& context) {
  sum_rows(math::gaussian_flow_rows(op), op.z.size(), 100, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const MeanflowGaussianOracle<float>& op, CpuContext& context) {
  return meanflow_gaussian_oracle(op, context);
}
template <>
Status run(const MeanflowGaussianOracle<double>& op, CpuContext& context) {
  return meanflow_gaussian_oracle(op, context);
}

}  // namespace belfry::cpu
