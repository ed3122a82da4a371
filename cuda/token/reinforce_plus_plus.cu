// reinforce_plus_plus: discounted returns on the scan of gae, then whitened over the valid tokens.
// Bytes per token: read 4 + mask, write 4; then 12.
#include "cuda/token/gae_rows.cuh"
#include "cuda/token/whiten.cuh"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
Status reinforce_plus_plus(const ReinforcePlusPlus<T>& op, CudaContext& context) {
  const auto mask = math::read_flags(op.mask, true);
  const int64_t size = op.rewards.size();
  T* returns = op.returns ? op.returns.begin() : context.scratch<T>(size);
  if (!returns && size > 0) return context.failure();
  auto rows = return_rows<T>(op.rewards, mask, op.gamma);
  rows.arrays.returns = returns;
  rows.arrays.reset_masked = op.at_masked == AtMasked::reset;
  Status status = launch_gae_rows(rows, rows.num_rows, context);
  if (!status.ok() || !op.advantages) return status;
  return whiten<T>(returns, size, mask, {}, {}, op.advantages.begin(), context);
}

}  // namespace

template <>
Status run(const ReinforcePlusPlus<float>& op, CudaContext& context) {
  return reinforce_plus_plus(op, context);
}
template <>
Status run(const ReinforcePlusPlus<double>& op, CudaContext& context) {
  return reinforce_plus_plus(op, context);
}

}  // namespace belfry::cuda
