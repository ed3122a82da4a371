// masked_whiten: y = (x − μ)(σ² + ε)^(−1/2) over the valid tokens.
// Bytes per token: read 8 + twice the mask, write 4.
#include "cuda/token/whiten.cuh"
#include "ops/token/statistics.h"

namespace belfry::cuda {

namespace {

template <class T>
Status masked_whiten(const MaskedWhiten<T>& op, CudaContext& context) {
  WhitenShards<T> shards{};
  if (op.count) shards.count = op.count.begin();
  if (op.mean) shards.mean = op.mean.begin();
  if (op.m2) shards.m2 = op.m2.begin();
  if (op.total_count) shards.total_count = op.total_count.begin();
  if (op.total_mean) shards.total_mean = op.total_mean.begin();
  if (op.total_m2) shards.total_m2 = op.total_m2.begin();
  return whiten<T>(op.values.begin(), op.values.size(), math::read_flags(op.mask, true),
                   math::whiten_rule(op), shards, op.whitened ? op.whitened.begin() : nullptr,
                   context);
}

}  // namespace

template <>
Status run(const MaskedWhiten<float>& op, CudaContext& context) {
  return masked_whiten(op, context);
}
template <>
Status run(const MaskedWhiten<double>& op, CudaContext& context) {
  return masked_whiten(op, context);
}

}  // namespace belfry::cuda
