// partial_return_preference: a warp for each pair, a thread where segments are short
// (math/segment_pairs.h). Memory bound: a reward and a flag read and a gradient written for each
// step.
#include "cuda/preference/pair_loss.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status partial_return_preference(const PartialReturnPreference<T>& op, CudaContext& context) {
  constexpr const char* kName = "partial_return_preference";
  const int64_t length = op.rewards.dims[2];
  double* powers = nullptr;
  if (op.gamma != 1) {
    powers = context.scratch<double>(length);
    if (!powers) return context.failure();
    const math::DiscountPowers fill{op.gamma, powers};
    if (Status s = each_row(fill, length, RowsBy::thread, kName, context); !s.ok()) return s;
  }
  return pair_loss(op, math::return_pairs(op, powers), 2 * length, kName, context);
}

}  // namespace

template <>
Status run(const PartialReturnPreference<float>& op, CudaContext& context) {
  return partial_return_preference(op, context);
}
template <>
Status run(const PartialReturnPreference<double>& op, CudaContext& context) {
  return partial_return_preference(op, context);
}

}  // namespace belfry::cuda
