// advantage_filter: keep |A| ≥ threshold, or A ≥ threshold, as in LOOP (arXiv 2502.01600).
#include <cmath>

#include "cpu/run.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

template <class T>
Status advantage_filter(const AdvantageFilter<T>& op) {
  int64_t count = 0;
  for (int64_t i = 0; i < op.advantages.dims[0]; ++i) {
    const double a = static_cast<double>(op.advantages[i]);
    const bool kept = (op.positive_only ? a : std::fabs(a)) >= op.threshold;
    if (op.keep) op.keep[i] = kept;
    if (op.indices && kept) op.indices[count++] = static_cast<int32_t>(i);
  }
  if (op.indices) op.indices.set_rows(count);
  return {};
}

}  // namespace

template <>
Status run(const AdvantageFilter<float>& op, CpuContext&) {
  return advantage_filter(op);
}
template <>
Status run(const AdvantageFilter<double>& op, CpuContext&) {
  return advantage_filter(op);
}

}  // namespace belfry::cpu
