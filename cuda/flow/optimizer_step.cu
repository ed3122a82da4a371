// optimizer_step: a thread per parameter runs its K steps of Adam and AdamW, or averages; clipping
// sums squares in float64 and then scales (math/optimizer_step.h). Memory bound.
#include "math/optimizer_step.h"

#include "cuda/losses/loss_rows.cuh"
#include "cuda/optim/gradient_norm.cuh"
#include "cuda/optim/parameter_step.cuh"
#include "math/update_rule.h"

namespace belfry::cuda {

namespace {

template <class T>
Status update(const OptimizerStepUpdate<T>& op, CudaContext& context) {
  if (Status s = math::check_state(op); !s.ok()) return s;
  Work work(context, "optimizer_step");
  StepScales<T> scales;
  scales.tau = static_cast<T>(op.tau);
  if (op.max_grad_norm.present || op.total_norm) {
    const math::SquareRows<T> rows{op.grad.begin(), nullptr, op.w.size()};
    double* squares = nullptr;
    Status s =
        sum_squares(rows, op.w.size(), math::data_of(op.total_norm), &squares, context, work);
    if (!s.ok()) return s;
    scales.squares = squares;
    if (op.max_grad_norm.present) scales.max_norm = op.max_grad_norm.value;
  }
  const ParameterArray<T> array = math::parameter_array(op);
  math::with_update_rule<T>(op,
                            [&](const auto& rule) { step_arrays<T>({array}, rule, scales, work); });
  return work.status();
}

template <class T>
Status adam(const OptimizerStepAdam<T>& op, CudaContext& context) {
  if (Status s = math::check_gradients(op); !s.ok()) return s;
  return each_row(math::adam_rows(op), op.w.size(), RowsBy::thread, "optimizer_step", context);
}

template <class T>
Status average(const OptimizerStepPolyak<T>& op, CudaContext& context) {
  return each_row(math::polyak_rows(op), op.target.size(), RowsBy::thread, "optimizer_step",
                  context);
}

template <class T>
Status clip(const OptimizerStepClip<T>& op, CudaContext& context) {
  const int64_t count = op.g1.size() + (op.g2.present ? op.g2.size() : 0);
  Work work(context, "optimizer_step");
  double* squares = nullptr;
  Status s = sum_squares(math::square_rows(op), count, math::data_of(op.total_norm), &squares,
                         context, work);
  if (!s.ok()) return s;
  return each_row(math::clip_rows(op, squares), count, RowsBy::thread, "optimizer_step", context);
}

}  // namespace

template <>
Status run(const OptimizerStepUpdate<float>& op, CudaContext& context) {
  return update(op, context);
}
template <>
Status run(const OptimizerStepUpdate<double>& op, CudaContext& context) {
  return update(op, context);
}
template <>
Status run(const OptimizerStepAdam<float>& op, CudaContext& context) {
  return adam(op, context);
}
template <>
Status run(const OptimizerStepAdam<double>& op, CudaContext& context) {
  return adam(op, context);
}
template <>
Status run(const OptimizerStepPolyak<float>& op, CudaContext& context) {
  return average(op, context);
}
template <>
Status run(const OptimizerStepPolyak<double>& op, CudaContext& context) {
  return average(op, context);
}
template <>
Status run(const OptimizerStepClip<float>& op, CudaContext& context) {
  return clip(op, context);
}
template <>
Status run(const OptimizerStepClip<double>& op, CudaContext& context) {
  return clip(op, context);
}

}  // namespace belfry::cuda
