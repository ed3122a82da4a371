// length_difference_penalty: r − coef · min(|Δ length|, max_difference) for positive r, arXiv
// 2505.14652.
#include "cpu/run.h"
#include "math/rewards.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

template <class T>
Status length_difference_penalty(const LengthDifferencePenalty<T>& op) {
  if (!op.shaped) return {};
  for (int64_t i = 0; i < op.rewards.dims[0]; ++i) {
    op.shaped[i] = static_cast<T>(math::length_difference_penalty(
        static_cast<double>(op.rewards[i]), static_cast<double>(op.length_difference[i]), op.coef,
        op.max_difference, op.only_positive));
  }
  return {};
}

}  // namespace

template <>
Status run(const LengthDifferencePenalty<float>& op, CpuContext&) {
  return length_difference_penalty(op);
}
template <>
Status run(const LengthDifferencePenalty<double>& op, CpuContext&) {
  return length_difference_penalty(op);
}

}  // namespace belfry::cpu
