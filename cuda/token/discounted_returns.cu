// discounted_returns: R_t = r_t + γ R_{t+1}, one warp per row on the scan of gae.
// Bytes per token: read 4 + mask, write 4.
#include "cuda/token/gae_rows.cuh"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
Status discounted_returns(const DiscountedReturns<T>& op, CudaContext& context) {
  if (!op.returns) return {};
  auto rows = return_rows<T>(op.rewards, math::read_flags(op.mask, true), op.gamma);
  rows.arrays.returns = op.returns.begin();
  rows.arrays.reset_masked = op.at_masked == AtMasked::reset;
  return launch_gae_rows(rows, rows.num_rows, context);
}

}  // namespace

template <>
Status run(const DiscountedReturns<float>& op, CudaContext& context) {
  return discounted_returns(op, context);
}
template <>
Status run(const DiscountedReturns<double>& op, CudaContext& context) {
  return discounted_returns(op, context);
}

}  // namespace belfry::cuda
