// prompt_select: the prompts whose predicted success rate is closest to the target, arXiv
// 2510.01135. A partial selection, then a sort of the chosen: O(n + m log m).
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/largest_keys.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

template <class T>
Status prompt_select(const PromptSelect<T>& op, CpuContext& context) {
  if (!op.indices) return {};
  const int64_t prompts = op.values.dims[0], wanted = std::min(op.keep, prompts);
  Keyed* keys = context.scratch<Keyed>(prompts);
  for (int64_t i = 0; i < prompts; ++i) {
    keys[i] = keyed(-std::fabs(static_cast<double>(op.values[i]) - op.target), i);
  }
  largest_first(keys, prompts, wanted);
  std::sort(keys, keys + wanted);
  for (int64_t i = 0; i < wanted; ++i) op.indices[i] = static_cast<int32_t>(keys[i].index);
  op.indices.set_rows(wanted);
  return {};
}

}  // namespace

template <>
Status run(const PromptSelect<float>& op, CpuContext& context) {
  return prompt_select(op, context);
}
template <>
Status run(const PromptSelect<double>& op, CpuContext& context) {
  return prompt_select(op, context);
}

}  // namespace belfry::cpu
