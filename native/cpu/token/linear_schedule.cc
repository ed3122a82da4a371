// linear_schedule: (1 − p) · start + p · end, p clipped to [0, 1], arXiv 2509.22115.
#include "cpu/run.h"
#include "math/schedules.h"
#include "ops/token/schedules.h"

namespace belfry::cpu {

namespace {

template <class T>
Status linear_schedule(const LinearSchedule<T>& op) {
  if (!op.value) return {};
  for (int64_t i = 0; i < op.start.count; ++i) {
    op.value[i] = static_cast<T>(math::interpolate(op.start[i], op.end[i], op.progress));
  }
  return {};
}

}  // namespace

template <>
Status run(const LinearSchedule<float>& op, CpuContext&) {
  return linear_schedule(op);
}
template <>
Status run(const LinearSchedule<double>& op, CpuContext&) {
  return linear_schedule(op);
}

}  // namespace belfry::cpu
