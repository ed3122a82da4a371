// contrastive_ratio_loss: f = φ·ψ, mean of ln(1 + 1/f) over real and ln(1 + f) over drawn
// successors (math/representation.h). Memory bound: 4 d values a sample, two read and two written.
#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "math/representation.h"

namespace belfry::cpu {

namespace {

template <class T>
Status contrastive_ratio_loss(const ContrastiveRatioLoss<T>& op, CpuContext& context) {
  const int64_t count = op.phi.dims[0];
  const auto sums = sum_rows(math::ratio_rows(op), count, 30 + 5 * op.phi.dims[1], context);
  write_mean(op, sums.loss, count);
  return finished(context);
}

}  // namespace

template <>
Status run(const ContrastiveRatioLoss<float>& op, CpuContext& context) {
  return contrastive_ratio_loss(op, context);
}
template <>
Status run(const ContrastiveRatioLoss<double>& op, CpuContext& context) {
  return contrastive_ratio_loss(op, context);
}

}  // namespace belfry::cpu
