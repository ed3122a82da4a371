// A policy loss, padded or packed: the mask is counted (one warp per row) and summed (one block)
// for the weights; kinds with a ratio of the sequence sum their rows, a warp each; then one pass
// over the tokens, a thread each, writes the gradient and one partial sum per block, which a last
// block combines. Nothing is read back; all sums are float64 in an order that depends on the sizes
// only. Bytes per token: read 12 + mask (4 more for each optional operand), write 4.
#pragma once

#include "cuda/token/policy_selection.cuh"

namespace belfry::cuda {

// Enough to fill a GPU; with more the last sums of each block would weigh in.
inline constexpr int64_t kMaxTokenBlocks = 1024;

template <class T, class Op>
PolicyOutputs<T> policy_outputs_of(const Op& op) {
  return {pointer(op.loss),      pointer(op.clip_fraction), pointer(op.clip_fraction_lower),
          pointer(op.approx_kl), pointer(op.ratio_mean),    pointer(op.ratio_min),
          pointer(op.ratio_max), pointer(op.dropped)};
}

// What the padded and the packed op name alike. The caller adds advantages and layout.
template <class T, class Op>
PolicyTokens<T> policy_tokens_of(const Op& op) {
  PolicyTokens<T> call{};
  call.log_probs = op.log_probs.begin();
  call.old_log_probs = op.old_log_probs.begin();
  call.importance_weights = pointer(op.importance_weights);
  call.sequence_weights = pointer(op.sequence_weights);
  call.priority = pointer(op.priority);
  if (op.kl_coef != 0) call.ref_log_probs = pointer(op.ref_log_probs);
  if (op.entropy_coef != 0) call.entropy = pointer(op.entropy);
  call.grad = pointer(op.grad_log_probs);
  call.mask = math::read_flags(op.mask, true);
  call.entropy_coef = static_cast<T>(op.entropy_coef);
  call.settings = math::surrogate_settings<T>(op);
  return call;
}

template <class T>
Status set_sequences(PolicyTokens<T>& call, CudaContext& context) {
  if (!math::has_sequence_ratio(call.settings.kind)) return {};
  const int64_t rows = call.layout.rows;
  auto* terms = context.scratch<math::SequenceTerm<T>>(rows);
  if (!terms) return context.failure();
  call.sequences = terms;
  const LaunchShape shape{dim3(blocks_for(rows * kWarpSize, kTokenThreads)), dim3(kTokenThreads)};
  return device_status(launch(sum_sequences<T>, shape, context.stream(), call, terms),
                       "policy_loss");
}

template <class T>
Status launch_tokens(const PolicyTokens<T>& call, bool statistics, const LaunchShape& shape,
                     PolicySums* parts, CudaContext& context) {
  const auto kernel = statistics ? policy_tokens<T, true> : policy_tokens<T, false>;
  return device_status(launch(kernel, shape, context.stream(), call, parts), "policy_loss");
}

template <class T>
Status set_selection(const PolicyLossOptions& options, uint8_t* dropped, PolicyTokens<T>& call,
                     CudaContext& context) {
  if (!math::selects_tokens(options.kind)) return {};
  return select_policy_tokens(options, dropped, call, context);
}

template <class T>
Status run_policy_loss(PolicyTokens<T> call, const PolicyLossOptions& options,
                       const PolicyOutputs<T>& outputs, CudaContext& context) {
  const auto divisor = math::policy_divisor(options, call.layout.rows, call.layout.length);
  call.weights.divisor = divisor;
  const int64_t blocks = (call.layout.total + kTokenThreads - 1) / kTokenThreads;
  const int64_t num_parts = blocks < kMaxTokenBlocks ? blocks : kMaxTokenBlocks;
  auto* parts = context.scratch<PolicySums>(num_parts);
  if (!parts) return context.failure();

  const Status counted = count_valid(call.mask, call.layout, call.weights, context);
  if (!counted.ok()) return counted;
  const Status summed = set_sequences(call, context);
  if (!summed.ok()) return summed;
  const Status chosen = set_selection(options, outputs.dropped, call, context);
  if (!chosen.ok()) return chosen;
  call.needs_row =
      call.advantage_per_row || call.sequence_weights || call.sequences || divisor.by_row_length;
  const LaunchShape shape{dim3(static_cast<unsigned>(num_parts)), dim3(kTokenThreads)};
  const Status passed = launch_tokens(call, outputs.statistics(), shape, parts, context);
  if (!passed.ok()) return passed;
  return device_status(launch(policy_outputs<T>, LaunchShape{dim3(1), dim3(kTokenThreads)},
                              context.stream(), parts, num_parts, call.weights.valid, outputs),
                       "policy_loss");
}

}  // namespace belfry::cuda
