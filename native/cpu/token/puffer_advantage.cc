// puffer_advantage: clipped importance-weighted GAE (PufferLib, arXiv 2406.12905), rows over the
// threads. Bytes per step: read 12 + flags, write 4; 10 flops.
#include "cpu/run.h"
#include "math/flags.h"
#include "math/returns.h"
#include "ops/token/scans.h"

namespace belfry::cpu {

namespace {

template <class T>
void walk_row(const PufferAdvantage<T>& op, const math::FlagReader& dones,
              const math::RatioRule& rule, int64_t first, int64_t length) {
  double later = 0;
  op.advantages[first + length - 1] = 0;
  for (int64_t i = first + length - 2; i >= first; --i) {
    const double ratio = op.ratio ? static_cast<double>(op.ratio[i]) : 1;
    const auto step =
        math::puffer_step(static_cast<double>(op.rewards[i + 1]), static_cast<double>(op.values[i]),
                          static_cast<double>(op.values[i + 1]), dones(i + 1), ratio, rule);
    later = step.cut_at(later);
    op.advantages[i] = static_cast<T>(later);
  }
}

template <class T>
Status puffer_advantage(const PufferAdvantage<T>& op, CpuContext& context) {
  const int64_t length = op.values.dims[1];
  if (!op.advantages || length == 0) return {};
  const auto dones = math::read_flags(op.dones, false);
  math::RatioRule rule = math::ratio_rule(op);
  rule.reward_weighted = op.variant == PufferVariant::reward_weighted;
  context.parallel(op.values.dims[0], chunk_for(12 * length),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) {
                       walk_row(op, dones, rule, row * length, length);
                     }
                   });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const PufferAdvantage<float>& op, CpuContext& context) {
  return puffer_advantage(op, context);
}
template <>
Status run(const PufferAdvantage<double>& op, CpuContext& context) {
  return puffer_advantage(op, context);
}

}  // namespace belfry::cpu
