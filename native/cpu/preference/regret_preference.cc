// regret_preference: P = σ(regret_1 − regret_0), cross entropy (math/segment_pairs.h). From
// advantages memory bound: a value and a flag read and a gradient written for each step; from
// values 6 read and 6 written a pair, and 3 exponentials.
#include "cpu/preference/pair_loss.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status from_advantages(const AdvantagePreference<T>& op, CpuContext& context) {
  return pair_loss(op, math::advantage_pairs(op), 60 + 12 * op.advantages.dims[2], context);
}

template <class T>
Status from_values(const DeterministicRegretPreference<T>& op, CpuContext& context) {
  return pair_loss(op, math::regret_pairs(op), 80, context);
}

}  // namespace

template <>
Status run(const AdvantagePreference<float>& op, CpuContext& context) {
  return from_advantages(op, context);
}
template <>
Status run(const AdvantagePreference<double>& op, CpuContext& context) {
  return from_advantages(op, context);
}

template <>
Status run(const DeterministicRegretPreference<float>& op, CpuContext& context) {
  return from_values(op, context);
}
template <>
Status run(const DeterministicRegretPreference<double>& op, CpuContext& context) {
  return from_values(op, context);
}

}  // namespace belfry::cpu
