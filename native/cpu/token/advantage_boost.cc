// advantage_boost: A + boost where the score is full, as in DLER (arXiv 2510.15110).
#include "cpu/run.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

template <class T>
Status advantage_boost(const AdvantageBoost<T>& op) {
  if (!op.boosted) return {};
  for (int64_t i = 0; i < op.advantages.dims[0]; ++i) {
    const bool full = static_cast<double>(op.scores[i]) >= op.threshold - op.tolerance;
    op.boosted[i] = static_cast<T>(static_cast<double>(op.advantages[i]) + (full ? op.boost : 0));
  }
  return {};
}

}  // namespace

template <>
Status run(const AdvantageBoost<float>& op, CpuContext&) {
  return advantage_boost(op);
}
template <>
Status run(const AdvantageBoost<double>& op, CpuContext&) {
  return advantage_boost(op);
}

}  // namespace belfry::cpu
