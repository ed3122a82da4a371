// copo_loss: w ℓ_ppo(A_local) + (1 − w) ℓ_ppo(A_global) with one ratio for both (arXiv 2508.04138).
// Bytes per token: read 8 + mask, write 4; about 40 flops, one exponential.
#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

template <class T>
Status copo_loss(const CopoLoss<T>& op, CpuContext& context) {
  const int64_t rows = op.log_probs.dims[0];
  T* weights = op.weight ? op.weight.begin() : context.scratch<T>(rows);
  for (int64_t row = 0; row < rows; ++row) {
    weights[row] = static_cast<T>(math::copo_weight(op, row));
  }
  TokenLossCall<T, math::CopoRule<T>> call{math::copo_rule(op)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.old_log_probs.begin();
  call.rows[0] = op.local_advantages.begin();
  call.rows[1] = op.global_advantages.begin();
  call.rows[2] = weights;
  call.grad = data_of(op.grad_log_probs);
  set_padded(call, op, op.log_probs, context);
  const TokenLossSums sums = run_token_loss(call, context);
  if (context.stopped()) return aborted();
  put(op.loss, sums.loss);
  return {};
}

}  // namespace

template <>
Status run(const CopoLoss<float>& op, CpuContext& context) {
  return copo_loss(op, context);
}
template <>
Status run(const CopoLoss<double>& op, CpuContext& context) {
  return copo_loss(op, context);
}

}  // namespace belfry::cpu
