#include "cpu/token/sample_groups.h"

#include <algorithm>
#include <numeric>

namespace belfry::cpu {

SampleGroups group_samples(const int32_t* ids, int64_t size, CpuContext& context) {
  int64_t* order = context.scratch<int64_t>(size);
  std::iota(order, order + size, int64_t{0});
  const auto before = [ids](int64_t a, int64_t b) {
    return ids[a] != ids[b] ? ids[a] < ids[b] : a < b;
  };
  if (!std::is_sorted(ids, ids + size)) std::sort(order, order + size, before);
  int64_t* starts = context.scratch<int64_t>(size + 1);
  int32_t* distinct = context.scratch<int32_t>(size);
  SampleGroups groups{0, order, starts, distinct};
  for (int64_t i = 0; i < size; ++i) {
    if (i > 0 && ids[order[i]] == ids[order[i - 1]]) continue;
    starts[groups.count] = i;
    distinct[groups.count++] = ids[order[i]];
  }
  starts[groups.count] = size;
  return groups;
}

}  // namespace belfry::cpu
