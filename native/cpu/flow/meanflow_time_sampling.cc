// meanflow_time_sampling: t ≥ r from two draws a row (math/meanflow.h). Two exponentials a row.
#include "math/meanflow.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status meanflow_time_sampling(const MeanflowTimeSampling<T>& op, CpuContext& context) {
  sum_rows(math::time_rows(op), op.normal_1.size(), 80, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const MeanflowTimeSampling<float>& op, CpuContext& context) {
  return meanflow_time_sampling(op, context);
}
template <>
Status run(const MeanflowTimeSampling<double>& op, CpuContext& context) {
  return meanflow_time_sampling(op, context);
}

}  // namespace belfry::cpu
