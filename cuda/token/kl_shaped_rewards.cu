// kl_shaped_rewards: the pass over the tokens writes −β KL; then a warp per sequence subtracts the
// mean, where asked for, and adds the score at the last valid token. Bytes per token: read 8 +
// mask, write 4.
#include "cuda/token/token_losses.cuh"

namespace belfry::cuda {

namespace {

template <class T>
struct ScoreRows {
  const T* scores;
  T* rewards;
  math::FlagReader mask;
  math::TokenRows layout;
  const double* mean;  // null: nothing is subtracted
};

template <class T>
__global__ void add_scores(ScoreRows<T> call) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * warps_in_block();
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * warps_in_block() + warp_id();
  const T shift = call.mean ? static_cast<T>(*call.mean) : T(0);
  for (int64_t row = begin; row < call.layout.rows; row += warps) {
    const int64_t first = call.layout.begin(row), stop = first + call.layout.count(row);
    int64_t last = -1;
    for (int64_t i = first + lane_id(); i < stop; i += kWarpSize) {
      if (!call.mask(i)) continue;
      last = i;
      if (shift != 0) call.rewards[i] -= shift;
    }
    const int64_t of_row = warp_reduce(last, Max());
    if (last >= 0 && last == of_row) call.rewards[last] += call.scores[row];
  }
}

template <class T, int R>
Status kl_shaped_rewards(const KlShapedRewardsForm<T, R>& op, const math::TokenRows& layout,
                         CudaContext& context) {
  if (!op.rewards) return {};
  TokenLossCall<T, math::KlRule<T>> call{math::kl_rule<T>(op.kind, op.clamp, op.kl_max, -op.beta)};
  call.tokens[0] = op.log_probs.begin();
  call.tokens[1] = op.ref_log_probs.begin();
  call.extra = op.rewards.begin();
  call.mask = math::read_flags(op.mask, true);
  call.layout = layout;
  double* mean = context.scratch<double>(1);
  if (!mean) return context.failure();
  if (op.center == KlCenter::batch) {
    call.weights.divisor.by_tokens = true;
    const Status counted = count_valid(call.mask, layout, call.weights, context);
    if (!counted.ok()) return counted;
  }
  TokenLossOutputs<T> outputs;
  outputs.exact_loss = mean;
  const Status passed = run_token_loss(call, outputs, context);
  if (!passed.ok()) return passed;
  const ScoreRows<T> rows{op.scores.begin(), op.rewards.begin(), call.mask, layout,
                          op.center == KlCenter::batch ? mean : nullptr};
  const LaunchShape shape{dim3(blocks_for(layout.rows * kWarpSize, kTokenThreads)),
                          dim3(kTokenThreads)};
  return device_status(launch(add_scores<T>, shape, context.stream(), rows), "kl_shaped_rewards");
}

template <class T>
Status padded(const KlShapedRewards<T>& op, CudaContext& context) {
  const auto layout = math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]);
  return kl_shaped_rewards(op, layout, context);
}

template <class T>
Status packed(const KlShapedRewardsPacked<T>& op, CudaContext& context) {
  const math::TokenRows layout{op.cu_seqlens.dims[0] - 1, 1, op.cu_seqlens.begin(),
                               op.log_probs.dims[0]};
  return kl_shaped_rewards(op, layout, context);
}

}  // namespace

template <>
Status run(const KlShapedRewards<float>& op, CudaContext& context) {
  return padded(op, context);
}
template <>
Status run(const KlShapedRewards<double>& op, CudaContext& context) {
  return padded(op, context);
}

template <>
Status run(const KlShapedRewardsPacked<float>& op, CudaContext& context) {
  return packed(op, context);
}
template <>
Status run(const KlShapedRewardsPacked<double>& op, CudaContext& context) {
  return packed(op, context);
}

}  // namespace belfry::cuda
