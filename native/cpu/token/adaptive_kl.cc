// adaptive_kl: β ← β (1 + clip(KL/target − 1, −0.2, 0.2) · num_steps/horizon), arXiv 1909.08593.
#include "cpu/run.h"
#include "math/schedules.h"
#include "ops/token/schedules.h"

namespace belfry::cpu {

namespace {

template <class T>
Status adaptive_kl(const AdaptiveKl<T>& op) {
  if (!op.new_coef) return {};
  const double coef = static_cast<double>(op.coef[0]), kl = static_cast<double>(op.kl[0]);
  op.new_coef[0] = static_cast<T>(
      math::adaptive_kl(coef, kl, op.target, op.horizon, static_cast<double>(op.num_steps)));
  return {};
}

}  // namespace

template <>
Status run(const AdaptiveKl<float>& op, CpuContext&) {
  return adaptive_kl(op);
}
template <>
Status run(const AdaptiveKl<double>& op, CpuContext&) {
  return adaptive_kl(op);
}

}  // namespace belfry::cpu
