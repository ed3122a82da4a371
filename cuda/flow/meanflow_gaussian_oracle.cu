// meanflow_gaussian_oracle: a thread each (math/meanflow.h). Seven roots a row.
#include "math/meanflow.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status meanflow_gaussian_oracle(const MeanflowGaussianOracle<T>& op, CudaContext& context) {
  return each_row(math::gaussian_flow_rows(op), op.z.size(), RowsBy::thread,
                  "meanflow_gaussian_oracle", context);
}

}  // namespace

template <>
Status run(const MeanflowGaussianOracle<float>& op, CudaContext& context) {
  return meanflow_gaussian_oracle(op, context);
}
template <>
Status run(const MeanflowGaussianOracle<double>& op, CudaContext& context) {
  return meanflow_gaussian_oracle(op, context);
}

}  // namespace belfry::cuda
