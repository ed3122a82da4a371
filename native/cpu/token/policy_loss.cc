// policy_loss: one pass counts the valid tokens, which gives the weights; kinds
// with a ratio of the sequence sum their rows; a last pass makes loss, gradient and statistics.
// Rows are cut into segments; partial sums are combined in the order of the segments.
#include <algorithm>

#include "cpu/run.h"
#include "cpu/token/policy_tokens.h"

#define BELFRY_TARGET_FILE "cpu/token/token_lanes-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/simd/line-writer-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/token/policy_loss-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

template <class T>
void set_sequences(PolicyTokens<T>& call, CpuContext& context) {
  const PolicyLossKind kind = call.settings.kind;
  if (!math::has_sequence_ratio(kind)) return;
  const int64_t rows = call.layout.rows;
  auto* terms = context.scratch<math::SequenceTerm<T>>(rows);
  const auto sum = BELFRY_DISPATCH(sum_sequence<T>);
  context.parallel(rows, chunk_for(4 * call.layout.length),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) {
                       terms[row] = math::sequence_term<T>(sum(call, row), kind);
                     }
                   });
  call.sequences = terms;
}

template <class T>
bool set_selection(const PolicyLossOptions& options, uint8_t* dropped, PolicyTokens<T>& call,
                   CpuContext& context) {
  if (!math::selects_tokens(call.settings.kind)) return true;
  uint8_t* selected = dropped ? dropped : context.scratch<uint8_t>(call.layout.total);
  call.selected = selected;
  return select_tokens(options, call, selected, context);
}

// Without anything that belongs to a row, the batch is one long row.
template <class T>
void set_segments(PolicyTokens<T>& call) {
  TokenRows& layout = call.layout;
  if (layout.length == 1 && !layout.offsets) call.advantage_per_row = false;
  const bool alike = !call.sequence_weights && !call.weights.row_weights && !call.sequences;
  if (!call.advantage_per_row && alike) layout = {1, layout.total, nullptr, layout.total};
  call.segments_per_row = segments_per_row(layout);
}

template <class T>
PolicyLoop loop_of(const PolicyTokens<T>& call, bool statistics) {
  constexpr T kWithin = 80;  // see exp_within
  if (call.settings.kind != PolicyLossKind::ppo_clip) return PolicyLoop::any;
  const bool options = call.importance_weights || call.sequence_weights || call.ref_log_probs ||
                       call.entropy || call.settings.ratio_clamp > kWithin;
  if (options) return PolicyLoop::clip;
  const bool whole = call.advantage_per_row && !call.mask.given() && !call.settings.has_dual;
  return whole && !statistics ? PolicyLoop::whole_rows : PolicyLoop::plain_clip;
}

template <class T>
auto segments_loop(PolicyLoop loop, bool statistics) {
  switch (loop) {
    case PolicyLoop::any: break;
    case PolicyLoop::clip:
      return statistics ? BELFRY_DISPATCH(policy_loss_segments<T, PolicyLoop::clip, true>)
                        : BELFRY_DISPATCH(policy_loss_segments<T, PolicyLoop::clip, false>);
    case PolicyLoop::plain_clip:
      return statistics ? BELFRY_DISPATCH(policy_loss_segments<T, PolicyLoop::plain_clip, true>)
                        : BELFRY_DISPATCH(policy_loss_segments<T, PolicyLoop::plain_clip, false>);
    case PolicyLoop::whole_rows:
      return BELFRY_DISPATCH(policy_loss_segments<T, PolicyLoop::whole_rows, false>);
  }
  return BELFRY_DISPATCH(policy_loss_segments<T, PolicyLoop::any, true>);
}

template <class T>
PolicySums sum_segments(const PolicyTokens<T>& call, bool statistics, CpuContext& context) {
  const int64_t segments = call.layout.rows * call.segments_per_row;
  // Some 13 µs: at the end of a chunk that is written past the caches its last lines are waited
  // for.
  constexpr int64_t kChunk = 4 * kTokenSegment;
  const int64_t chunk = chunk_for(std::min(call.layout.length, kTokenSegment), kChunk);
  const int64_t chunks = (segments + chunk - 1) / chunk;
  PolicySums* parts = context.scratch<PolicySums>(chunks);
  const auto run_segments = segments_loop<T>(loop_of(call, statistics), statistics);
  context.parallel(segments, chunk, [&](int64_t begin, int64_t end, int64_t index) {
    run_segments(call, begin, end, parts + index);
  });
  PolicySums sums;
  if (context.stopped()) return sums;  // not every part was made
  for (int64_t i = 0; i < chunks; ++i) sums.add(parts[i]);
  return sums;
}

template <class T>
void put(T* output, double value) {
  if (output) *output = static_cast<T>(value);
}

template <class T>
void write_outputs(const PolicyOutputs<T>& outputs, const PolicySums& sums, int64_t tokens) {
  const double share = tokens > 0 ? 1 / static_cast<double>(tokens) : 0;
  // Minimum and maximum pass over a NaN; the sum keeps it.
  const bool not_a_number = sums.ratio != sums.ratio;
  put(outputs.loss, sums.loss);
  put(outputs.clip_fraction, sums.clipped * share);
  put(outputs.clip_fraction_lower, sums.lower * share);
  put(outputs.approx_kl, 0 - sums.log_ratio * share);  // 0 of no tokens, not −0
  put(outputs.ratio_mean, sums.ratio * share);
  put(outputs.ratio_min, tokens == 0 ? 0 : not_a_number ? sums.ratio : sums.ratio_min);
  put(outputs.ratio_max, tokens == 0 ? 0 : not_a_number ? sums.ratio : sums.ratio_max);
}

// Gradients larger than this are written past the caches: with its operands such a call does not
// fit in them. A million tokens do: past the caches they would take an eighth less time when all
// is in memory, and as much more when it is not.
constexpr int64_t kStreamBytes = 8 << 20;

// Settings and the weights of the tokens.
template <class T>
void prepare(const PolicyLossOptions& options, const PolicyOutputs<T>& outputs,
             PolicyTokens<T>& call, CpuContext& context) {
  call.ratio_statistics = outputs.of_ratio();
  call.past_caches =
      call.grad && call.layout.total * static_cast<int64_t>(sizeof(T)) > kStreamBytes;
  call.settings = math::surrogate_settings<T>(options);
  call.entropy_coef = static_cast<T>(options.entropy_coef);
  const math::AggregationDivisor divisor =
      math::policy_divisor(options, call.layout.rows, call.layout.length);
  call.weights = token_weights(divisor, call.mask, call.layout, context);
}

}  // namespace

template <class T>
Status run_policy_loss(PolicyTokens<T> call, const PolicyLossOptions& options,
                       const PolicyOutputs<T>& outputs, CpuContext& context) {
  prepare(options, outputs, call, context);
  set_sequences(call, context);
  if (!set_selection(options, outputs.dropped, call, context)) return aborted();
  set_segments(call);
  const PolicySums sums = sum_segments(call, outputs.statistics(), context);
  if (context.stopped()) return aborted();
  write_outputs(outputs, sums, call.weights.tokens);
  return {};
}

template Status run_policy_loss(PolicyTokens<float>, const PolicyLossOptions&,
                                const PolicyOutputs<float>&, CpuContext&);
template Status run_policy_loss(PolicyTokens<double>, const PolicyLossOptions&,
                                const PolicyOutputs<double>&, CpuContext&);

namespace {

template <class T>
PolicyTokens<T> padded_tokens(const PolicyLoss<T>& op) {
  PolicyTokens<T> call = policy_tokens<T>(op);
  call.advantages = op.advantages.begin();
  call.advantage_per_row = op.advantages.rank == 1;
  call.layout = math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]);
  return call;
}

template <class V>
const V* shifted(const V* data, int64_t by) {
  return data ? data + by : nullptr;
}

}  // namespace

template <class T>
PolicyStream<T>::PolicyStream(const PolicyLoss<T>& op, CpuContext& context)
    : call_(padded_tokens(op)), outputs_(policy_outputs<T>(op)), context_(context) {
  prepare(op, outputs_, call_, context);
  call_.past_caches = false;  // a part of the gradient is read at once
}

// The tokens as packed sequences: the parts of rows between begin and end.
template <class T>
void PolicyStream<T>::add(int64_t begin, int64_t end) {
  const CpuContext::ScratchScope scope(context_);
  PolicyTokens<T> part = call_;
  const int64_t row = call_.layout.row_of(begin), rows = call_.layout.row_of(end - 1) + 1 - row;
  int32_t* offsets = context_.scratch<int32_t>(rows + 1);
  offsets[0] = 0;
  for (int64_t i = 1; i <= rows; ++i) {
    const int64_t bound = std::min(call_.layout.begin(row + i), end);
    offsets[i] = static_cast<int32_t>(bound - begin);
  }
  part.layout = packed_rows(offsets, rows);
  part.log_probs += begin;
  part.old_log_probs += begin;
  part.importance_weights = shifted(part.importance_weights, begin);
  part.ref_log_probs = shifted(part.ref_log_probs, begin);
  part.entropy = shifted(part.entropy, begin);
  part.mask.bytes = shifted(part.mask.bytes, begin);
  part.mask.words = shifted(part.mask.words, begin);
  part.advantages += part.advantage_per_row ? row : begin;
  part.sequence_weights = shifted(part.sequence_weights, row);
  part.weights.row_weights = shifted(part.weights.row_weights, row);
  if (part.grad) part.grad += begin;
  set_sequences(part, context_);
  set_segments(part);
  sums_.add(sum_segments(part, outputs_.statistics(), context_));
}

template <class T>
void PolicyStream<T>::finish() const {
  write_outputs(outputs_, sums_, call_.weights.tokens);
}

template class PolicyStream<float>;
template class PolicyStream<double>;

template <class T>
T* scaled_weights(const PolicyLoss<T>& op, double scale, CpuContext& context) {
  const TokenRows layout = math::padded_rows(op.log_probs.dims[0], op.log_probs.dims[1]);
  const math::FlagReader mask = math::read_flags(op.mask, true);
  const TokenWeights weights =
      token_weights(math::policy_divisor(op, layout.rows, layout.length), mask, layout, context);
  T* out = context.scratch<T>(layout.total);
  for (int64_t row = 0; row < layout.rows; ++row) {
    const T weight = static_cast<T>(scale * weights.of(row));
    for (int64_t i = layout.begin(row); i < layout.begin(row) + layout.length; ++i) {
      out[i] = mask(i) ? weight : T(0);
    }
  }
  return out;
}

template float* scaled_weights(const PolicyLoss<float>&, double, CpuContext&);
template double* scaled_weights(const PolicyLoss<double>&, double, CpuContext&);

namespace {

template <class T>
Status policy_loss(const PolicyLoss<T>& op, CpuContext& context) {
  if (Status status = math::check_policy_loss(op); !status.ok()) return status;
  return run_policy_loss(padded_tokens(op), op, policy_outputs<T>(op), context);
}

}  // namespace

template <>
Status run(const PolicyLoss<float>& op, CpuContext& context) {
  return policy_loss(op, context);
}
template <>
Status run(const PolicyLoss<double>& op, CpuContext& context) {
  return policy_loss(op, context);
}

}  // namespace belfry::cpu
