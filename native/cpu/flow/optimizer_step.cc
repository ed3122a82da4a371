// optimizer_step: Adam and AdamW over K gradients, Polyak averaging, clipping by a common norm, a
// cosine of learning rates (math/optimizer_step.h). Memory bound but for the schedule: Adam reads
// one value and writes two a step and parameter.
#include "math/optimizer_step.h"

#include "cpu/losses/loss_rows.h"
#include "cpu/optim/parameter_step.h"
#include "cpu/run.h"
#include "math/update_rule.h"

namespace belfry::cpu {

namespace {

template <class T>
Status update(const OptimizerStepUpdate<T>& op, CpuContext& context) {
  if (Status s = math::check_state(op); !s.ok()) return s;
  const ParameterArray<T> array = math::parameter_array(op);
  StepScales<T> scales;
  scales.tau = static_cast<T>(op.tau);
  if (op.max_grad_norm.present || op.total_norm) {
    const double norm = std::sqrt(gradient_squares(&array, 1, context));
    if (op.max_grad_norm.present) {
      scales.grad = static_cast<T>(math::clip_norm_scale(norm, op.max_grad_norm.value));
    }
    if (op.total_norm) op.total_norm[0] = static_cast<T>(norm);
  }
  math::with_update_rule<T>(
      op, [&](const auto& rule) { step_arrays(&array, 1, rule, scales, context); });
  return finished(context);
}

template <class T>
Status adam(const OptimizerStepAdam<T>& op, CpuContext& context) {
  if (Status s = math::check_gradients(op); !s.ok()) return s;
  sum_rows(math::adam_rows(op), op.w.size(), 60 * op.grad.dims[0], context);
  return finished(context);
}

template <class T>
Status average(const OptimizerStepPolyak<T>& op, CpuContext& context) {
  sum_rows(math::polyak_rows(op), op.target.size(), 4, context);
  return finished(context);
}

template <class T>
Status clip(const OptimizerStepClip<T>& op, CpuContext& context) {
  const int64_t count = op.g1.size() + (op.g2 ? op.g2.size() : 0);
  const double squares = sum_rows(math::square_rows(op), count, 4, context).loss;
  if (op.total_norm) op.total_norm[0] = static_cast<T>(std::sqrt(squares));
  if (op.g1_clipped || op.g2_clipped) sum_rows(math::clip_rows(op, &squares), count, 8, context);
  return finished(context);
}

template <class T>
Status schedule(const OptimizerStepSchedule<T>& op, CpuContext& context) {
  for (int64_t i = 0; op.lr && i < op.step.size(); ++i) {
    op.lr[i] = static_cast<T>(math::cosine_rate(static_cast<double>(op.step[i]), op.base_lr,
                                                op.eta_min, static_cast<double>(op.t_max)));
  }
  return finished(context);
}

}  // namespace

template <>
Status run(const OptimizerStepUpdate<float>& op, CpuContext& context) {
  return update(op, context);
}
template <>
Status run(const OptimizerStepUpdate<double>& op, CpuContext& context) {
  return update(op, context);
}
template <>
Status run(const OptimizerStepAdam<float>& op, CpuContext& context) {
  return adam(op, context);
}
template <>
Status run(const OptimizerStepAdam<double>& op, CpuContext& context) {
  return adam(op, context);
}
template <>
Status run(const OptimizerStepPolyak<float>& op, CpuContext& context) {
  return average(op, context);
}
template <>
Status run(const OptimizerStepPolyak<double>& op, CpuContext& context) {
  return average(op, context);
}
template <>
Status run(const OptimizerStepClip<float>& op, CpuContext& context) {
  return clip(op, context);
}
template <>
Status run(const OptimizerStepClip<double>& op, CpuContext& context) {
  return clip(op, context);
}
template <>
Status run(const OptimizerStepSchedule<float>& op, CpuContext& context) {
  return schedule(op, context);
}
template <>
Status run(const OptimizerStepSchedule<double>& op, CpuContext& context) {
  return schedule(op, context);
}

}  // namespace belfry::cpu
