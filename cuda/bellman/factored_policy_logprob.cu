// factored_policy_logprob: a warp per row walks its heads; sums of a head are combined over the
// lanes (math/factored.h). Two exponentials a logit, in float64; 12 bytes a logit (float32).
#include "cuda/bellman/transpose.cuh"
#include "cuda/losses/loss_rows.cuh"
#include "math/factored.h"

namespace belfry::cuda {

namespace {

template <class T>
Status factored_policy_logprob(const FactoredPolicyLogprob<T>& op, CudaContext& context) {
  if (Status s = math::check_factored_policy(op); !s.ok()) return s;
  std::vector<int64_t> first(static_cast<size_t>(op.head_sizes.count) + 1);
  math::head_offsets(op, first.data());
  cudaError_t error = cudaSuccess;
  const int64_t* device_first = upload(first, context, error);
  if (!device_first) return context.failure();
  if (error != cudaSuccess) return device_status(error, "factored_policy_logprob");
  return each_row(math::factored_rows(op, device_first), op.logits.dims[0], RowsBy::warp,
                  "factored_policy_logprob", context);
}

}  // namespace

template <>
Status run(const FactoredPolicyLogprob<float>& op, CudaContext& context) {
  return factored_policy_logprob(op, context);
}
template <>
Status run(const FactoredPolicyLogprob<double>& op, CudaContext& context) {
  return factored_policy_logprob(op, context);
}

}  // namespace belfry::cuda
