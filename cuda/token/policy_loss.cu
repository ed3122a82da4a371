// policy_loss: see policy_loss_run.cuh.
#include "cuda/token/policy_loss_run.cuh"
#include "ops/token/core.h"

namespace belfry::cuda {

namespace {

template <class T>
Status policy_loss(const PolicyLoss<T>& op, CudaContext& context) {
  if (const Status checked = math::check_policy_loss(op); !checked.ok()) return checked;
  PolicyTokens<T> call = policy_tokens_of<T>(op);
  call.advantages = op.advantages.begin();
  call.advantage_per_row = op.advantages.rank == 1;
  call.layout = math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]);
  return run_policy_loss(call, op, policy_outputs_of<T>(op), context);
}

}  // namespace

template <>
Status run(const PolicyLoss<float>& op, CudaContext& context) {
  return policy_loss(op, context);
}
template <>
Status run(const PolicyLoss<double>& op, CudaContext& context) {
  return policy_loss(op, context);
}

}  // namespace belfry::cuda
