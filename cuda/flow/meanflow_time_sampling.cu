// meanflow_time_sampling: a thread each (math/meanflow.h). Two exponentials a row.
#include "math/meanflow.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status meanflow_time_sampling(const MeanflowTimeSampling<T>& op, CudaContext& context) {
  return each_row(math::time_rows(op), op.normal_1.size(), RowsBy::thread, "meanflow_time_sampling",
                  context);
}

}  // namespace

template <>
Status run(const MeanflowTimeSampling<float>& op, CudaContext& context) {
  return meanflow_time_sampling(op, context);
}
template <>
Status run(const MeanflowTimeSampling<double>& op, CudaContext& context) {
  return meanflow_time_sampling(op, context);
}

}  // namespace belfry::cuda
