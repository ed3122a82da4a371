// curriculum_probability: p = start + (end − start)(base^(step/total) − 1)/(base − 1), arXiv
// 2505.04588.
#include "cpu/run.h"
#include "math/schedules.h"
#include "ops/token/schedules.h"

namespace belfry::cpu {

namespace {

template <class T>
Status curriculum_probability(const CurriculumProbability<T>& op) {
  if (!op.value) return {};
  const double progress = math::exponential_progress(op.step / op.total, op.base);
  op.value[0] =
      static_cast<T>(op.step >= op.total ? op.end : op.start + (op.end - op.start) * progress);
  return {};
}

}  // namespace

template <>
Status run(const CurriculumProbability<float>& op, CpuContext&) {
  return curriculum_probability(op);
}
template <>
Status run(const CurriculumProbability<double>& op, CpuContext&) {
  return curriculum_probability(op);
}

}  // namespace belfry::cpu
