// contrastive_ratio_loss: a warp per sample, or a thread where features are short
// (math/representation.h). Memory bound: 4 d values a sample, two read and two written.
#include "cuda/losses/loss_rows.cuh"
#include "math/representation.h"
#include "ops/bellman/losses.h"

namespace belfry::cuda {

namespace {

template <class T>
Status contrastive_ratio_loss(const ContrastiveRatioLoss<T>& op, CudaContext& context) {
  const int64_t count = op.phi.dims[0];
  return sum_rows(math::ratio_rows(op), count, rows_by(op.phi.dims[1]),
                  store_mean(op.loss, op.count, count), "contrastive_ratio_loss", context);
}

}  // namespace

template <>
Status run(const ContrastiveRatioLoss<float>& op, CudaContext& context) {
  return contrastive_ratio_loss(op, context);
}
template <>
Status run(const ContrastiveRatioLoss<double>& op, CudaContext& context) {
  return contrastive_ratio_loss(op, context);
}

}  // namespace belfry::cuda
