// amft_update: μ ← clip(μ + meta_lr · g + entropy_lr (H_target − H), min, max), arXiv 2508.06944.
#include "cpu/run.h"
#include "math/schedules.h"
#include "ops/token/schedules.h"

namespace belfry::cpu {

namespace {

template <class T>
Status amft_update(const AmftUpdate<T>& op) {
  if (op.min > op.max) {
    return Status::error(Code::bad_value, "min", "is %g, expected at most max = %g", op.min,
                         op.max);
  }
  if (!op.new_mu) return {};
  const double entropy_step = op.entropy_lr * (op.target_entropy - op.entropy);
  op.new_mu[0] = static_cast<T>(math::amft_weight(
      static_cast<double>(op.mu[0]), op.meta_lr * op.meta_gradient, entropy_step, op.min, op.max));
  return {};
}

}  // namespace

template <>
Status run(const AmftUpdate<float>& op, CpuContext&) {
  return amft_update(op);
}
template <>
Status run(const AmftUpdate<double>& op, CpuContext&) {
  return amft_update(op);
}

}  // namespace belfry::cpu
