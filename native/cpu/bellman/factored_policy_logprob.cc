// factored_policy_logprob: log π and entropy of the used heads of a row, and their gradients, rows
// over the threads (math/factored.h). Two exponentials a logit, in float64; 12 bytes (float32).
#include "math/factored.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status factored_policy_logprob(const FactoredPolicyLogprob<T>& op, CpuContext& context) {
  if (Status s = math::check_factored_policy(op); !s.ok()) return s;
  auto* first = context.scratch<int64_t>(op.head_sizes.count + 1);
  math::head_offsets(op, first);
  sum_rows(math::factored_rows(op, first), op.logits.dims[0], 20 + 40 * op.logits.dims[1], context);
  return finished(context);
}

}  // namespace

template <>
Status run(const FactoredPolicyLogprob<float>& op, CpuContext& context) {
  return factored_policy_logprob(op, context);
}
template <>
Status run(const FactoredPolicyLogprob<double>& op, CpuContext& context) {
  return factored_policy_logprob(op, context);
}

}  // namespace belfry::cpu
