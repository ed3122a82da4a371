// vtrace: V-trace targets and advantages (arXiv 1802.01561), rows over the threads.
//
// Bytes per token: read 12 + mask, write 8; 14 flops and 1 exp.
#include "cpu/run.h"
#include "cpu/token/vtrace_sequence.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

template <class T>
VtraceSequence<T> sequence_of(const TokenVtrace<T>& op, int64_t index) {
  VtraceSequence<T> sequence;
  sequence.length = op.rewards.dims[1];
  sequence.first = index * sequence.length;
  sequence.rewards = op.rewards.begin() + sequence.first;
  sequence.values = op.values.begin() + sequence.first;
  sequence.log_ratio = op.log_ratio.begin() + sequence.first;
  if (op.vs) sequence.vs = op.vs.begin() + sequence.first;
  if (op.pg_advantages) sequence.pg_advantages = op.pg_advantages.begin() + sequence.first;
  if (op.bootstrap_values) sequence.bootstrap = static_cast<double>(op.bootstrap_values[index]);
  return sequence;
}

template <class T>
Status vtrace(const TokenVtrace<T>& op, CpuContext& context) {
  const auto mask = math::read_flags(op.mask, true);
  const math::RatioRule rule = math::ratio_rule(op);
  context.parallel(op.rewards.dims[0], chunk_for(20 * op.rewards.dims[1] + 1),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) {
                       vtrace_sequence(sequence_of(op, row), mask, rule);
                     }
                   });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const TokenVtrace<float>& op, CpuContext& context) {
  return vtrace(op, context);
}
template <>
Status run(const TokenVtrace<double>& op, CpuContext& context) {
  return vtrace(op, context);
}

}  // namespace belfry::cpu
