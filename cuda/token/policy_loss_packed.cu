// policy_loss_packed: see policy_loss_run.cuh; a token finds its row by bisection of the bounds.
#include <vector>

#include "cuda/token/policy_loss_run.cuh"
#include "ops/token/losses.h"

namespace belfry::cuda {

namespace {

// Of the longest sequence. The bounds come back from the device for it.
Status longest(const In<int32_t, 1>& bounds, int64_t& length, CudaContext& context) {
  std::vector<int32_t> host(static_cast<size_t>(bounds.dims[0]));
  const Status status =
      context.read_back(host.data(), bounds.data, bounds.dims[0] * int64_t{sizeof(int32_t)});
  for (size_t i = 0; i + 1 < host.size(); ++i) {
    const int64_t own = host[i + 1] - host[i];
    length = own > length ? own : length;
  }
  return status;
}

bool takes_length(const AggregationOptions& options) {
  return !options.norm.present && (options.aggregation == Aggregation::seq_mean_token_sum_norm ||
                                   options.aggregation == Aggregation::fixed_length);
}

template <class T, class Op>
Status packed(const Op& op, const In<T, 1>& advantages, bool per_row, CudaContext& context) {
  if (const Status checked = math::check_policy_loss(op); !checked.ok()) return checked;
  PolicyTokens<T> call = policy_tokens_of<T>(op);
  call.advantages = advantages.begin();
  call.advantage_per_row = per_row;
  const int64_t rows = op.cu_seqlens.dims[0] - 1;
  int64_t length = 1;
  if (takes_length(op)) {
    length = 0;
    const Status found = longest(op.cu_seqlens, length, context);
    if (!found.ok()) return found;
  }
  call.layout = {rows, length, op.cu_seqlens.begin(), op.log_probs.dims[0]};
  return run_policy_loss(call, op, policy_outputs_of<T>(op), context);
}

template <class T>
Status with_sequences(const PolicyLossPacked<T>& op, CudaContext& context) {
  return packed(op, op.sequence_advantages, true, context);
}

template <class T>
Status with_tokens(const PolicyLossPackedTokens<T>& op, CudaContext& context) {
  return packed(op, op.advantages, false, context);
}

}  // namespace

template <>
Status run(const PolicyLossPacked<float>& op, CudaContext& context) {
  return with_sequences(op, context);
}
template <>
Status run(const PolicyLossPacked<double>& op, CudaContext& context) {
  return with_sequences(op, context);
}

template <>
Status run(const PolicyLossPackedTokens<float>& op, CudaContext& context) {
  return with_tokens(op, context);
}
template <>
Status run(const PolicyLossPackedTokens<double>& op, CudaContext& context) {
  return with_tokens(op, context);
}

}  // namespace belfry::cuda
