// nft_loss: a thread per sequence for what its tokens share, then the pass over the tokens. With
// the ratio of the sequence a warp per row sums its log-ratios and hands the slope to its tokens.
// Bytes per token: read 8 + mask, write 4.
#include "cuda/token/token_losses.cuh"

namespace belfry::cuda {

namespace {

template <class T>
struct NftRows {
  const T *correct, *correct_rate;
  int64_t normalize;
  double neg_weight, rate_low, rate_high;
};

template <class T>
NftRows<T> rows_of(const NftLoss<T>& op) {
  return {op.correct.begin(), op.correct_rate.begin(), op.normalize, op.neg_weight, op.rate_low,
          op.rate_high};
}

template <class T>
__global__ void nft_rows(NftRows<T> rows, int64_t count, T* out) {
  for (int64_t row : grid_stride(count)) {
    const math::NftRow values = math::nft_row(rows, row);
    out[row] = static_cast<T>(values.positive);
    out[count + row] = static_cast<T>(values.negative);
    out[2 * count + row] = static_cast<T>(values.odds);
  }
}

template <class T>
Status by_token(const NftLoss<T>& op, CudaContext& context) {
  TokenLossCall<T, math::NftRule<T>> call{math::nft_rule<T>(op)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.old_log_probs.begin();
  call.grad = pointer(op.grad_log_probs);
  call.mask = math::read_flags(op.mask, true);
  call.layout = math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]);
  call.weight = 1 / op.divisor;
  const int64_t rows = call.layout.rows;
  T* of_rows = context.scratch<T>(3 * rows);
  if (!of_rows) return context.failure();
  const LaunchShape shape{dim3(blocks_for(rows, kTokenThreads)), dim3(kTokenThreads)};
  const Status status = device_status(
      launch(nft_rows<T>, shape, context.stream(), rows_of(op), rows, of_rows), "nft_loss");
  if (!status.ok()) return status;
  for (int k = 0; k < 3; ++k) call.rows[k] = of_rows + k * rows;
  return run_token_loss(call, TokenLossOutputs<T>{pointer(op.loss)}, context);
}

template <class T>
struct NftSequences {
  NftRows<T> rows;
  math::NftRule<double> rule;
  const T *log_probs, *old_log_probs;
  math::FlagReader mask;
  math::TokenRows layout;
  double share;
  T* grad;
};

template <class T>
__global__ void nft_sequences(NftSequences<T> call, TokenLossSums* parts) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * warps_in_block();
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * warps_in_block() + warp_id();
  for (int64_t row = begin; row < call.layout.rows; row += warps) {
    const int64_t first = call.layout.begin(row), length = call.layout.length;
    double log_ratio = 0, count = 0;
    for (int64_t i = first + lane_id(); i < first + length; i += kWarpSize) {
      if (!call.mask(i)) continue;
      count += 1;
      log_ratio +=
          static_cast<double>(call.log_probs[i]) - static_cast<double>(call.old_log_probs[i]);
    }
    log_ratio = warp_reduce(log_ratio, Add());
    count = warp_reduce(count, Add());
    const math::NftRow values = math::nft_row(call.rows, row);
    const double x[2] = {log_ratio, 0};
    const double of_row[3] = {values.positive, values.negative, values.odds};
    const auto term = math::token_term(call.rule, x, of_row, false);
    const T grad = static_cast<T>(term.grad * call.share);
    for (int64_t i = first + lane_id(); call.grad && i < first + length; i += kWarpSize) {
      call.grad[i] = call.mask(i) ? grad : T(0);
    }
    if (lane_id() == 0) parts[row] = {count > 0 ? term.loss * call.share : 0, 0};
  }
}

template <class T>
Status by_sequence(const NftLoss<T>& op, CudaContext& context) {
  NftSequences<T> call{rows_of(op),
                       math::nft_rule<double>(op),
                       op.log_probs.begin(),
                       op.old_log_probs.begin(),
                       math::read_flags(op.mask, true),
                       math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]),
                       1 / op.divisor,
                       pointer(op.grad_log_probs)};
  const int64_t rows = call.layout.rows;
  auto* parts = context.scratch<TokenLossSums>(rows);
  if (!parts) return context.failure();
  const LaunchShape shape{dim3(blocks_for(rows * kWarpSize, kTokenThreads)), dim3(kTokenThreads)};
  const Status status =
      device_status(launch(nft_sequences<T>, shape, context.stream(), call, parts), "nft_loss");
  if (!status.ok()) return status;
  const ValidTokens* none = nullptr;
  return device_status(
      launch(token_loss_outputs<T>, LaunchShape{dim3(1), dim3(kTokenThreads)}, context.stream(),
             parts, rows, none, TokenLossOutputs<T>{pointer(op.loss)}),
      "nft_loss");
}

template <class T>
Status nft_loss(const NftLoss<T>& op, CudaContext& context) {
  return op.ratio == NftRatio::token ? by_token(op, context) : by_sequence(op, context);
}

}  // namespace

template <>
Status run(const NftLoss<float>& op, CudaContext& context) {
  return nft_loss(op, context);
}
template <>
Status run(const NftLoss<double>& op, CudaContext& context) {
  return nft_loss(op, context);
}

}  // namespace belfry::cuda
