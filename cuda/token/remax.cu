// remax: reward-to-go less a baseline, one warp per row on the scan of gae.
// Bytes per token: read 4 + mask, write 8.
#include "cuda/token/gae_rows.cuh"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
Status remax(const Remax<T>& op, CudaContext& context) {
  auto rows = return_rows<T>(op.rewards, math::read_flags(op.mask, true), 1);
  if (op.returns) rows.arrays.returns = op.returns.begin();
  if (op.advantages) rows.arrays.advantages = op.advantages.begin();
  rows.baselines = op.baselines.begin();
  return launch_gae_rows(rows, rows.num_rows, context);
}

}  // namespace

template <>
Status run(const Remax<float>& op, CudaContext& context) {
  return remax(op, context);
}
template <>
Status run(const Remax<double>& op, CudaContext& context) {
  return remax(op, context);
}

}  // namespace belfry::cuda
