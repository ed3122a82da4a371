// regret_preference: from advantages a warp for each pair, a thread where segments are short; from
// values a thread for each pair (math/segment_pairs.h). Memory bound.
#include "cuda/preference/pair_loss.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status from_advantages(const AdvantagePreference<T>& op, CudaContext& context) {
  return pair_loss(op, math::advantage_pairs(op), 2 * op.advantages.dims[2], "regret_preference",
                   context);
}

template <class T>
Status from_values(const DeterministicRegretPreference<T>& op, CudaContext& context) {
  return pair_loss(op, math::regret_pairs(op), 2, "regret_preference", context);
}

}  // namespace

template <>
Status run(const AdvantagePreference<float>& op, CudaContext& context) {
  return from_advantages(op, context);
}
template <>
Status run(const AdvantagePreference<double>& op, CudaContext& context) {
  return from_advantages(op, context);
}

template <>
Status run(const DeterministicRegretPreference<float>& op, CudaContext& context) {
  return from_values(op, context);
}
template <>
Status run(const DeterministicRegretPreference<double>& op, CudaContext& context) {
  return from_values(op, context);
}

}  // namespace belfry::cuda
