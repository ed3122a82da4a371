// off_policy_sequence_mask: keep where A ≥ 0 or −mean lr ≤ threshold (arXiv 2512.02556).
//
// Rows over the threads. Bytes per token: read 5; 2 flops.
#include "cpu/run.h"
#include "math/flags.h"
#include "ops/token/corrections.h"

namespace belfry::cpu {

namespace {

template <class T>
bool row_kept(const OffPolicySequenceMask<T>& op, const math::FlagReader& mask, int64_t row) {
  const int64_t length = op.log_ratio.dims[1];
  double sum = 0, count = 0;
  for (int64_t i = row * length; i < (row + 1) * length; ++i) {
    if (!mask(i)) continue;
    sum += static_cast<double>(op.log_ratio[i]);
    count += 1;
  }
  return count > 0 && (op.advantages[row] >= 0 || -sum / count <= op.threshold);
}

template <class T>
Status off_policy_sequence_mask(const OffPolicySequenceMask<T>& op, CpuContext& context) {
  if (!op.keep) return {};
  const auto mask = math::read_flags(op.mask, true);
  context.parallel(op.log_ratio.dims[0], chunk_for(4 * op.log_ratio.dims[1] + 1),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) {
                       op.keep[row] = row_kept(op, mask, row);
                     }
                   });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const OffPolicySequenceMask<float>& op, CpuContext& context) {
  return off_policy_sequence_mask(op, context);
}
template <>
Status run(const OffPolicySequenceMask<double>& op, CpuContext& context) {
  return off_policy_sequence_mask(op, context);
}

}  // namespace belfry::cpu
