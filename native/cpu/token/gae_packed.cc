// gae_packed: the recurrence of gae over packed sequences.
#include "cpu/run.h"
#include "cpu/token/gae_sequences.h"
#include "ops/token/core.h"

namespace belfry::cpu {

namespace {

template <class T>
GaeSequence<T> packed_sequence(const GaePacked<T>& op, int64_t index) {
  const int64_t first = op.cu_seqlens[index];
  GaeSequence<T> sequence;
  sequence.rewards = op.rewards.begin() + first;
  sequence.values = op.values.begin() + first;
  if (op.advantages) sequence.advantages = op.advantages.begin() + first;
  if (op.returns) sequence.returns = op.returns.begin() + first;
  sequence.length = op.cu_seqlens[index + 1] - first;
  sequence.first = first;
  if (op.bootstrap_values) sequence.bootstrap = static_cast<double>(op.bootstrap_values[index]);
  sequence.gamma = op.gamma;
  sequence.lambda = op.lambda;
  return sequence;
}

template <class T>
Status gae_packed(const GaePacked<T>& op, CpuContext& context) {
  const int64_t tokens = op.rewards.dims[0];
  const int64_t count = op.cu_seqlens.dims[0] - 1;
  if (tokens == 0 || count <= 0) return {};
  const auto mask = math::read_flags(op.mask, true);
  context.parallel(count, chunk_for(8 * (tokens / count + 1)),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t i = begin; i < end; ++i)
                       gae_sequence(packed_sequence(op, i), mask);
                   });
  return {};
}

}  // namespace

template <>
Status run(const GaePacked<float>& op, CpuContext& context) {
  return gae_packed(op, context);
}
template <>
Status run(const GaePacked<double>& op, CpuContext& context) {
  return gae_packed(op, context);
}

}  // namespace belfry::cpu
