// gae_packed: the recurrence of gae over packed sequences, longest first so that the sequences
// that walk time together have about the same length.
#include <algorithm>
#include <numeric>

#include "cpu/run.h"
#include "cpu/token/gae_sequences.h"
#include "ops/token/core.h"

namespace belfry::cpu {

namespace {

// Shorter sequences on average do not repay the sorting.
constexpr int64_t kSortFrom = 32;

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

// Sequence indices, longest first; the order decides only who walks with whom.
template <class T>
const int64_t* walking_order(const GaePacked<T>& op, int64_t count, CpuContext& context) {
  int64_t* order = context.scratch<int64_t>(count);
  std::iota(order, order + count, int64_t{0});
  if (op.rewards.dims[0] < kSortFrom * count) return order;
  const In<int32_t, 1>& bounds = op.cu_seqlens;
  std::stable_sort(order, order + count, [&](int64_t a, int64_t b) {
    return bounds[a + 1] - bounds[a] > bounds[b + 1] - bounds[b];
  });
  return order;
}

template <class T>
Status gae_packed(const GaePacked<T>& op, CpuContext& context) {
  const int64_t tokens = op.rewards.dims[0];
  const int64_t count = op.cu_seqlens.dims[0] - 1;
  if (tokens == 0 || count <= 0) return {};
  const auto mask = math::read_flags(op.mask, true);
  const int64_t* order = walking_order(op, count, context);
  const int64_t groups = (count + kGaeGroup - 1) / kGaeGroup;
  context.parallel(groups, chunk_for(8 * kGaeGroup * (tokens / count + 1)),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t group = begin; group < end; ++group) {
                       GaeSequence<T> sequences[kGaeGroup];
                       int members = 0;
                       for (int64_t i = group * kGaeGroup; i < count && members < kGaeGroup; ++i)
                         sequences[members++] = packed_sequence(op, order[i]);
                       gae_sequences(sequences, members, mask);
                     }
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
