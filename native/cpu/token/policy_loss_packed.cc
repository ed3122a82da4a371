// policy_loss_packed: policy_loss over sequences that lie one after the other; the kernels are its.
// Bytes per token: read 12 (4 more for each optional operand), write 4; about 25 flops.
#include "cpu/run.h"
#include "cpu/token/policy_tokens.h"
#include "ops/token/losses.h"

namespace belfry::cpu {

namespace {

template <class T, class Op>
Status packed(const Op& op, const In<T, 1>& advantages, bool per_row, CpuContext& context) {
  if (Status status = math::check_policy_loss(op); !status.ok()) return status;
  PolicyTokens<T> call = policy_tokens<T>(op);
  call.advantages = advantages.begin();
  call.advantage_per_row = per_row;
  call.layout = packed_rows(op.cu_seqlens.begin(), op.cu_seqlens.dims[0] - 1);
  return run_policy_loss(call, op, policy_outputs<T>(op), context);
}

template <class T>
Status with_sequences(const PolicyLossPacked<T>& op, CpuContext& context) {
  return packed(op, op.sequence_advantages, true, context);
}

template <class T>
Status with_tokens(const PolicyLossPackedTokens<T>& op, CpuContext& context) {
  return packed(op, op.advantages, false, context);
}

}  // namespace

template <>
Status run(const PolicyLossPacked<float>& op, CpuContext& context) {
  return with_sequences(op, context);
}
template <>
Status run(const PolicyLossPacked<double>& op, CpuContext& context) {
  return with_sequences(op, context);
}

template <>
Status run(const PolicyLossPackedTokens<float>& op, CpuContext& context) {
  return with_tokens(op, context);
}
template <>
Status run(const PolicyLossPackedTokens<double>& op, CpuContext& context) {
  return with_tokens(op, context);
}

}  // namespace belfry::cpu
