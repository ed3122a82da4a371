// group_filter: groups whose rewards differ (dynamic sampling, arXiv 2503.14476), or whose mean
// lies between bounds. Rewards are compared as values: no computed deviation is held against 0.
#include "cpu/run.h"
#include "cpu/token/sample_groups.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

template <class T>
bool is_kept(const GroupFilter<T>& op, const Spread& rewards) {
  if (rewards.count == 0) return false;
  if (op.rule == GroupFilterRule::mean_between) {
    return rewards.average() >= op.low && rewards.average() <= op.high;
  }
  return rewards.count == 1 ? op.keep_singletons : !rewards.equal;
}

template <class T>
void list_kept(const GroupFilter<T>& op, const uint8_t* kept) {
  int64_t count = 0;
  for (int64_t i = 0; i < op.rewards.dims[0]; ++i) {
    if (op.sample_keep) op.sample_keep[i] = kept[i];
    if (op.indices && kept[i]) op.indices[count++] = static_cast<int32_t>(i);
  }
  if (op.indices) op.indices.set_rows(count);
}

template <class T>
Status group_filter(const GroupFilter<T>& op, CpuContext& context) {
  const int64_t samples = op.rewards.dims[0];
  const SampleGroups groups = group_samples(op.group_ids.begin(), samples, context);
  uint8_t* kept = context.scratch<uint8_t>(samples);
  for (int64_t g = 0; g < groups.count; ++g) {
    const int64_t* members = groups.members(g);
    const Spread rewards = spread_of(
        groups.size(g), [&](int64_t i) { return static_cast<double>(op.rewards[members[i]]); });
    const bool keep = is_kept(op, rewards);
    for (int64_t i = 0; i < groups.size(g); ++i) kept[members[i]] = keep;
    if (op.group_keep) op.group_keep[g] = keep;
    if (op.groups) op.groups[g] = groups.ids[g];
  }
  if (op.group_keep) op.group_keep.set_rows(groups.count);
  if (op.groups) op.groups.set_rows(groups.count);
  list_kept(op, kept);
  return {};
}

}  // namespace

template <>
Status run(const GroupFilter<float>& op, CpuContext& context) {
  return group_filter(op, context);
}
template <>
Status run(const GroupFilter<double>& op, CpuContext& context) {
  return group_filter(op, context);
}

}  // namespace belfry::cpu
