// masked_whiten: y = (x − μ)(σ² + ε)^(−1/2) over the valid tokens (arXiv 1909.08593).
//
// Moments of pieces, merged in order with those of other shards, then a map. Bytes per token: read
// 8 + twice the mask, write 4; 8 flops, in float64.
#include "cpu/run.h"
#include "cpu/token/whiten.h"
#include "ops/token/statistics.h"

namespace belfry::cpu {

namespace {

template <class T>
double one(const In<T, 1>& number) {
  return number ? static_cast<double>(number[0]) : 0;
}

template <class T>
Status masked_whiten(const MaskedWhiten<T>& op, CpuContext& context) {
  const auto mask = math::read_flags(op.mask, true);
  const math::Moments others{one(op.count), one(op.mean), one(op.m2)};
  const math::Moments moments =
      math::merge(valid_moments(op.values.begin(), op.values.size(), mask, context), others);
  if (context.stopped()) return aborted();
  if (op.total_count) op.total_count[0] = static_cast<T>(moments.weight);
  if (op.total_mean) op.total_mean[0] = static_cast<T>(moments.mean);
  if (op.total_m2) op.total_m2[0] = static_cast<T>(moments.m2);
  if (!op.whitened) return {};
  const math::WhitenLine line = math::whiten_line(moments, math::whiten_rule(op));
  apply_line(op.values.begin(), op.values.size(), mask, line, op.whitened.begin(), context);
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const MaskedWhiten<float>& op, CpuContext& context) {
  return masked_whiten(op, context);
}
template <>
Status run(const MaskedWhiten<double>& op, CpuContext& context) {
  return masked_whiten(op, context);
}

}  // namespace belfry::cpu
