// optimizer_step: a thread per parameter runs its K steps of Adam and AdamW, or averages; clipping
// sums squares in float64 and then scales (math/optimizer_step.h). Memory bound.
#include "math/optimizer_step.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

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
struct StoreNorm {
  double* squares;
  T* norm;

  __device__ void operator()(const math::LossSums& total) const {
    *squares = total.loss;
    if (norm) *norm = static_cast<T>(sqrt(total.loss));
  }
};

template <class T>
Status clip(const OptimizerStepClip<T>& op, CudaContext& context) {
  const int64_t count = op.g1.size() + (op.g2.present ? op.g2.size() : 0);
  double* const squares = context.scratch<double>(1);
  if (!squares) return context.failure();
  const StoreNorm<T> store{squares, math::data_of(op.total_norm)};
  if (Status s =
          sum_rows(math::square_rows(op), count, RowsBy::thread, store, "optimizer_step", context);
      !s.ok()) {
    return s;
  }
  return each_row(math::clip_rows(op, squares), count, RowsBy::thread, "optimizer_step", context);
}

}  // namespace

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
