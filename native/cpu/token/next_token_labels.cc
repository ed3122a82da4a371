// next_token_labels: labels[i] = input_ids[i + 1] inside a sequence, ignore_index at its end.
//
// Sequences over the threads. Bytes per token: read 4, write 4.
#include <algorithm>
#include <limits>

#include "cpu/run.h"
#include "ops/token/corrections.h"

namespace belfry::cpu {

namespace {

template <class T>
Status next_token_labels(const NextTokenLabels<T>& op, CpuContext& context) {
  const int64_t tokens = op.input_ids.dims[0], sequences = op.cu_seqlens.dims[0] - 1;
  if (!op.labels || sequences <= 0) return {};
  const auto ignored = static_cast<int32_t>(op.ignore_index);
  context.parallel(sequences, chunk_for(tokens / sequences + 1),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t s = begin; s < end; ++s) {
                       const int64_t first = op.cu_seqlens[s], last = op.cu_seqlens[s + 1];
                       if (first == last) continue;
                       std::copy(op.input_ids.begin() + first + 1, op.input_ids.begin() + last,
                                 op.labels.begin() + first);
                       op.labels[last - 1] = ignored;
                     }
                   });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const NextTokenLabels<float>& op, CpuContext& context) {
  return next_token_labels(op, context);
}
template <>
Status run(const NextTokenLabels<double>& op, CpuContext& context) {
  return next_token_labels(op, context);
}

}  // namespace belfry::cpu
