// kl_estimate: per-token KL estimators k1, k2, k3, abs and their slopes (Schulman 2020; verl).
// Bytes per token: read 8, write 8; about 10 flops and one exponential.
#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

template <class T>
Status kl_estimate(const KlEstimate<T>& op, CpuContext& context) {
  TokenLossCall<T, math::KlRule<T>> call{math::kl_rule<T>(op.kind, op.clamp, op.kl_max, 1)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.ref_log_probs.begin();
  call.grad = data_of(op.grad_log_probs);
  call.extra = data_of(op.kl);
  call.layout = math::padded_rows(1, op.log_probs.size());
  call.weights.weight = 1;
  run_token_loss(call, context);
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const KlEstimate<float>& op, CpuContext& context) {
  return kl_estimate(op, context);
}
template <>
Status run(const KlEstimate<double>& op, CpuContext& context) {
  return kl_estimate(op, context);
}

}  // namespace belfry::cpu
