// copo_loss: a thread per sequence for w, then the pass over the tokens. Bytes per token: read 8 +
// mask, write 4.
#include "cuda/token/token_losses.cuh"

namespace belfry::cuda {

namespace {

template <class T>
struct CopoRows {
  const T *local_advantages, *entropy;
  CopoMode mode;
  double k, b;
  T* weight;
};

template <class T>
__global__ void copo_weights(CopoRows<T> rows, int64_t count) {
  for (int64_t row : grid_stride(count)) {
    rows.weight[row] = static_cast<T>(math::copo_weight(rows, row));
  }
}

template <class T>
Status copo_loss(const CopoLoss<T>& op, CudaContext& context) {
  const int64_t rows = op.log_probs.dims[0];
  T* weights = op.weight ? op.weight.begin() : context.scratch<T>(rows);
  if (rows > 0 && !weights) return context.failure();
  const CopoRows<T> of_rows{
      op.local_advantages.begin(), op.entropy.begin(), op.mode, op.k, op.b, weights};
  const LaunchShape shape{dim3(blocks_for(rows, kTokenThreads)), dim3(kTokenThreads)};
  const Status weighed =
      device_status(launch(copo_weights<T>, shape, context.stream(), of_rows, rows), "copo_loss");
  if (!weighed.ok()) return weighed;
  TokenLossCall<T, math::CopoRule<T>> call{math::copo_rule(op)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.old_log_probs.begin();
  call.rows[0] = op.local_advantages.begin();
  call.rows[1] = op.global_advantages.begin();
  call.rows[2] = weights;
  call.grad = pointer(op.grad_log_probs);
  const Status status = set_padded(call, op, op.log_probs, divisor_of(op, op.log_probs), context);
  if (!status.ok()) return status;
  return run_token_loss(call, TokenLossOutputs<T>{pointer(op.loss)}, context);
}

}  // namespace

template <>
Status run(const CopoLoss<float>& op, CudaContext& context) {
  return copo_loss(op, context);
}
template <>
Status run(const CopoLoss<double>& op, CudaContext& context) {
  return copo_loss(op, context);
}

}  // namespace belfry::cuda
