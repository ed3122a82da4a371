// overlong_penalty: min(−(L − (max_length − buffer))/buffer · factor, 0), arXiv 2503.14476, eq. 13.
#include "cpu/run.h"
#include "math/rewards.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

template <class T>
Status overlong_penalty(const OverlongPenalty<T>& op) {
  if (!op.penalty) return {};
  for (int64_t i = 0; i < op.lengths.dims[0]; ++i) {
    op.penalty[i] = static_cast<T>(math::overlong_penalty(
        static_cast<double>(op.lengths[i]), static_cast<double>(op.max_length),
        static_cast<double>(op.buffer), op.factor, op.cap_at_buffer));
  }
  return {};
}

}  // namespace

template <>
Status run(const OverlongPenalty<float>& op, CpuContext&) {
  return overlong_penalty(op);
}
template <>
Status run(const OverlongPenalty<double>& op, CpuContext&) {
  return overlong_penalty(op);
}

}  // namespace belfry::cpu
