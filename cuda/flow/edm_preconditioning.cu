// edm_preconditioning: a thread per sample, or a warp where rows are long (math/flow_losses.h).
// Memory bound: 3 values read and 2 written an element.
#include "math/flow_losses.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status edm_preconditioning(const EdmPreconditioning<T>& op, CudaContext& context) {
  const auto rows = math::edm_rows(op);
  auto store = store_mean(op.loss, Out<int32_t, 0>{}, op.x.dims[0]);
  store.share = rows.inverse;
  return sum_rows(rows, op.x.dims[0], rows_by(rows.dims), store, "edm_preconditioning", context);
}

}  // namespace

template <>
Status run(const EdmPreconditioning<float>& op, CudaContext& context) {
  return edm_preconditioning(op, context);
}
template <>
Status run(const EdmPreconditioning<double>& op, CudaContext& context) {
  return edm_preconditioning(op, context);
}

}  // namespace belfry::cuda
