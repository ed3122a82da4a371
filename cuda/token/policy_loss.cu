// policy_loss: the mask is counted (one warp per row) and summed (one block) for the weights; kinds
// with a ratio of the sequence sum their rows, a warp each; then one pass over the tokens, a thread
// each, writes the gradient and one partial sum per block, which a last block combines. Nothing is
// read back; all sums are float64 in an order that depends on the sizes only. Bytes per token: read
// 12 + mask (4 more for each optional operand), write 4.
#include "cuda/token/policy_loss_tokens.cuh"
#include "ops/token/core.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;
// Enough to fill a GPU; with more the last sums of each block would weigh in.
constexpr int64_t kMaxBlocks = 1024;
// Where the weights do not ask for rows, the mask is counted in units of this.
constexpr int64_t kUnit = 2048;

template <class T, int R>
T* pointer(const Out<T, R>& output) {
  return output ? output.begin() : nullptr;
}

template <class T>
PolicyOutputs<T> policy_outputs_of(const PolicyLoss<T>& op) {
  return {pointer(op.loss),      pointer(op.clip_fraction), pointer(op.clip_fraction_lower),
          pointer(op.approx_kl), pointer(op.ratio_mean),    pointer(op.ratio_min),
          pointer(op.ratio_max)};
}

template <class T>
PolicyTokens<T> policy_tokens_of(const PolicyLoss<T>& op) {
  PolicyTokens<T> call{};
  call.log_probs = op.log_probs.begin();
  call.old_log_probs = op.old_log_probs.begin();
  call.advantages = op.advantages.begin();
  if (op.importance_weights) call.importance_weights = op.importance_weights.begin();
  if (op.sequence_weights) call.sequence_weights = op.sequence_weights.begin();
  if (op.kl_coef != 0) call.ref_log_probs = op.ref_log_probs.begin();
  if (op.entropy_coef != 0) call.entropy = op.entropy.begin();
  call.grad = pointer(op.grad_log_probs);
  call.mask = math::read_flags(op.mask, true);
  call.advantage_per_row = op.advantages.rank == 1;
  call.length = op.log_probs.dims[1];
  call.count = op.log_probs.dims[0] * call.length;
  call.divisor = math::aggregation_divisor(op);
  call.entropy_coef = static_cast<T>(op.entropy_coef);
  call.settings = math::surrogate_settings(op);
  call.needs_row = call.advantage_per_row || call.sequence_weights || call.divisor.by_row_length;
  return call;
}

// Leaves the counts in `valid` (and `call.row_lengths`, where rows count).
template <class T>
Status count_valid(PolicyTokens<T>& call, int64_t rows, ValidTokens* valid, CudaContext& context) {
  const bool by_row = call.divisor.by_sequences || call.divisor.by_row_length;
  const int64_t unit = by_row && call.length > 0 ? call.length : kUnit;
  const int64_t units = (call.count + unit - 1) / unit;
  int64_t* counts = context.scratch<int64_t>(units);
  if (!counts) return context.failure();
  const LaunchShape shape{dim3(blocks_for(units * kWarpSize, kThreads)), dim3(kThreads)};
  Status status = device_status(
      launch(count_units, shape, context.stream(), call.mask, call.count, unit, units, counts),
      "policy_loss");
  if (!status.ok()) return status;
  if (by_row && units == rows) call.row_lengths = counts;
  return device_status(launch(sum_units, LaunchShape{dim3(1), dim3(kThreads)}, context.stream(),
                              counts, units, valid),
                       "policy_loss");
}

template <class T>
Status set_sequences(PolicyTokens<T>& call, int64_t rows, CudaContext& context) {
  if (!math::has_sequence_ratio(call.settings.kind)) return {};
  auto* terms = context.scratch<math::SequenceTerm<T>>(rows);
  if (!terms) return context.failure();
  call.sequences = terms;
  call.needs_row = true;
  const LaunchShape shape{dim3(blocks_for(rows * kWarpSize, kThreads)), dim3(kThreads)};
  return device_status(launch(sum_sequences<T>, shape, context.stream(), call, rows, terms),
                       "policy_loss");
}

template <class T>
Status launch_tokens(const PolicyTokens<T>& call, bool statistics, const LaunchShape& shape,
                     PolicySums* parts, CudaContext& context) {
  const auto kernel = statistics ? policy_tokens<T, true> : policy_tokens<T, false>;
  return device_status(launch(kernel, shape, context.stream(), call, parts), "policy_loss");
}

template <class T>
Status policy_loss(const PolicyLoss<T>& op, CudaContext& context) {
  if (const Status checked = math::check_policy_loss(op); !checked.ok()) return checked;
  if (math::selects_tokens(op.kind)) {
    return Status::error(Code::not_implemented, "kind",
                         "'clip_cov' and 'kl_cov' run on the CPU only: they select over the batch");
  }
  PolicyTokens<T> call = policy_tokens_of(op);
  const PolicyOutputs<T> outputs = policy_outputs_of(op);
  const int64_t blocks = (call.count + kThreads - 1) / kThreads;
  const int64_t num_parts = blocks < kMaxBlocks ? blocks : kMaxBlocks;
  auto* valid = context.scratch<ValidTokens>(1);
  auto* parts = context.scratch<PolicySums>(num_parts);
  if (!valid || !parts) return context.failure();
  call.valid = valid;

  const Status counted = count_valid(call, op.log_probs.dims[0], valid, context);
  if (!counted.ok()) return counted;
  const Status summed = set_sequences(call, op.log_probs.dims[0], context);
  if (!summed.ok()) return summed;
  const LaunchShape shape{dim3(static_cast<unsigned>(num_parts)), dim3(kThreads)};
  const Status passed = launch_tokens(call, outputs.statistics(), shape, parts, context);
  if (!passed.ok()) return passed;
  return device_status(launch(policy_outputs<T>, LaunchShape{dim3(1), dim3(kThreads)},
                              context.stream(), parts, num_parts, valid, outputs),
                       "policy_loss");
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
