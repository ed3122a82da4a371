// vtrace_packed: vtrace over packed sequences, which never looks across a boundary.
//
// Bytes per token: read 12 + mask, write 8; 14 flops and 1 exp.
#include "cpu/run.h"
#include "cpu/token/vtrace_sequence.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

template <class T>
VtraceSequence<T> sequence_of(const TokenVtracePacked<T>& op, int64_t index) {
  VtraceSequence<T> sequence;
  sequence.first = op.cu_seqlens[index];
  sequence.length = op.cu_seqlens[index + 1] - sequence.first;
  sequence.rewards = op.rewards.begin() + sequence.first;
  sequence.values = op.values.begin() + sequence.first;
  sequence.log_ratio = op.log_ratio.begin() + sequence.first;
  if (op.vs) sequence.vs = op.vs.begin() + sequence.first;
  if (op.pg_advantages) sequence.pg_advantages = op.pg_advantages.begin() + sequence.first;
  if (op.bootstrap_values) sequence.bootstrap = static_cast<double>(op.bootstrap_values[index]);
  return sequence;
}

template <class T>
Status vtrace_packed(const TokenVtracePacked<T>& op, CpuContext& context) {
  const int64_t count = op.cu_seqlens.dims[0] - 1, tokens = op.rewards.dims[0];
  if (count <= 0 || tokens == 0) return {};
  const auto mask = math::read_flags(op.mask, true);
  const math::RatioRule rule = math::ratio_rule(op);
  context.parallel(count, chunk_for(20 * (tokens / count + 1)),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t i = begin; i < end; ++i) {
                       vtrace_sequence(sequence_of(op, i), mask, rule);
                     }
                   });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const TokenVtracePacked<float>& op, CpuContext& context) {
  return vtrace_packed(op, context);
}
template <>
Status run(const TokenVtracePacked<double>& op, CpuContext& context) {
  return vtrace_packed(op, context);
}

}  // namespace belfry::cpu
