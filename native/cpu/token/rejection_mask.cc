// rejection_mask: drops tokens or rows whose divergence estimate is out of bounds, as verl does.
//
// Rows over the threads. Bytes per token: read 5, write 1; at most 1 exp.
#include <cmath>

#include "cpu/run.h"
#include "math/corrections.h"
#include "math/flags.h"
#include "ops/token/corrections.h"

namespace belfry::cpu {

namespace {

template <class T>
double row_score(const math::RejectionRule& rule, const T* log_ratio, const math::FlagReader& mask,
                 int64_t first, int64_t length) {
  double sum = 0, count = 0, greatest = -HUGE_VAL;
  for (int64_t t = 0; t < length; ++t) {
    if (!mask(first + t)) continue;
    const double score = rule.score(static_cast<double>(log_ratio[first + t]));
    sum += score;
    count += 1;
    greatest = score > greatest ? score : greatest;
  }
  return rule.of_row(sum, count, greatest);
}

template <class T>
Status rejection_mask(const RejectionMask<T>& op, CpuContext& context) {
  if (!op.kept) return {};
  const math::RejectionRule rule = math::rejection_rule(op);
  const auto mask = math::read_flags(op.mask, true);
  const int64_t length = op.log_ratio.dims[1];
  const T* log_ratio = op.log_ratio.begin();
  context.parallel(
      op.log_ratio.dims[0], chunk_for(20 * length + 1), [&](int64_t begin, int64_t end, int64_t) {
        for (int64_t row = begin; row < end; ++row) {
          const int64_t first = row * length;
          const bool by_token = rule.level == math::RejectionLevel::token;
          const bool row_kept =
              by_token || rule.accepts(row_score(rule, log_ratio, mask, first, length));
          for (int64_t i = first; i < first + length; ++i) {
            op.kept[i] = mask(i) && row_kept &&
                         (!by_token || rule.accepts(rule.score(static_cast<double>(log_ratio[i]))));
          }
        }
      });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const RejectionMask<float>& op, CpuContext& context) {
  return rejection_mask(op, context);
}
template <>
Status run(const RejectionMask<double>& op, CpuContext& context) {
  return rejection_mask(op, context);
}

}  // namespace belfry::cpu
