// guide_select: groups in which no reward exceeds the threshold, arXiv 2506.13923.
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/sample_groups.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

template <class T>
Status guide_select(const GuideSelect<T>& op, CpuContext& context) {
  const SampleGroups groups = group_samples(op.group_ids.begin(), op.rewards.dims[0], context);
  for (int64_t g = 0; g < groups.count; ++g) {
    bool success = false;
    for (int64_t i = 0; i < groups.size(g); ++i) {
      const double reward = static_cast<double>(op.rewards[groups.members(g)[i]]);
      success = success || (std::isfinite(reward) && reward > op.threshold);
    }
    if (op.group_needs_guidance) op.group_needs_guidance[g] = !success;
    if (op.groups) op.groups[g] = groups.ids[g];
  }
  if (op.group_needs_guidance) op.group_needs_guidance.set_rows(groups.count);
  if (op.groups) op.groups.set_rows(groups.count);
  return {};
}

}  // namespace

template <>
Status run(const GuideSelect<float>& op, CpuContext& context) {
  return guide_select(op, context);
}
template <>
Status run(const GuideSelect<double>& op, CpuContext& context) {
  return guide_select(op, context);
}

}  // namespace belfry::cpu
