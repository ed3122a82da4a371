// td_lambda_returns: A_t + V_t of gae, one warp per row on its scan.
// Bytes per token: read 8 + mask, write 4.
#include "cuda/token/gae_rows.cuh"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
Status td_lambda_returns(const TdLambdaReturns<T>& op, CudaContext& context) {
  if (!op.returns) return {};
  auto rows = return_rows<T>(op.rewards, math::read_flags(op.mask, true), op.gamma);
  rows.arrays.values = op.values.begin();
  rows.arrays.returns = op.returns.begin();
  rows.lambda = op.lambda;
  if (op.bootstrap_values) rows.arrays.bootstrap = op.bootstrap_values.begin();
  return launch_gae_rows(rows, rows.num_rows, context);
}

}  // namespace

template <>
Status run(const TdLambdaReturns<float>& op, CudaContext& context) {
  return td_lambda_returns(op, context);
}
template <>
Status run(const TdLambdaReturns<double>& op, CudaContext& context) {
  return td_lambda_returns(op, context);
}

}  // namespace belfry::cuda
