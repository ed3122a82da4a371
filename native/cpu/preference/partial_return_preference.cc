// partial_return_preference: P = e/2 + (1−e) σ(R_0 − R_1), cross entropy (math/segment_pairs.h).
// Memory bound: a reward and a flag read and a gradient written for each step, about 12 FLOPs.
#include "cpu/preference/pair_loss.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

// γ^k; null where every step counts in full.
template <class T>
const double* discount_powers(const PartialReturnPreference<T>& op, CpuContext& context) {
  if (op.gamma == 1) return nullptr;
  const int64_t length = op.rewards.dims[2];
  auto* powers = context.scratch<double>(length);
  const math::DiscountPowers fill{op.gamma, powers};
  for (int64_t k = 0; k < length; ++k) fill(k, math::OneLane{});
  return powers;
}

template <class T>
Status partial_return_preference(const PartialReturnPreference<T>& op, CpuContext& context) {
  const auto pairs = math::return_pairs(op, discount_powers(op, context));
  return pair_loss(op, pairs, 60 + 16 * op.rewards.dims[2], context);
}

}  // namespace

template <>
Status run(const PartialReturnPreference<float>& op, CpuContext& context) {
  return partial_return_preference(op, context);
}
template <>
Status run(const PartialReturnPreference<double>& op, CpuContext& context) {
  return partial_return_preference(op, context);
}

}  // namespace belfry::cpu
