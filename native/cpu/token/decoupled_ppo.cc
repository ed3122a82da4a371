// decoupled_ppo: ℓ = w ℓ_ppo(π/π_prox), w = π_prox/π_behav capped (arXiv 2505.24298, 2110.00641).
// Bytes per token: read 16 + mask, write 8; about 40 flops, two exponentials.
#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

template <class T>
Status decoupled_ppo(const DecoupledPpo<T>& op, CpuContext& context) {
  TokenLossCall<T, math::DecoupledRule<T>> call{math::decoupled_rule(op)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.proximal_log_probs.begin();
  call.tokens[2] = op.behavior_log_probs.begin();
  call.tokens[3] = op.advantages.begin();
  call.grad = data_of(op.grad_log_probs);
  call.extra = data_of(op.behavior_weights);
  set_padded(call, op, op.log_probs, context);
  const TokenLossSums sums = run_token_loss(call, context);
  if (context.stopped()) return aborted();
  put(op.loss, sums.loss);
  return {};
}

}  // namespace

template <>
Status run(const DecoupledPpo<float>& op, CpuContext& context) {
  return decoupled_ppo(op, context);
}
template <>
Status run(const DecoupledPpo<double>& op, CpuContext& context) {
  return decoupled_ppo(op, context);
}

}  // namespace belfry::cpu
