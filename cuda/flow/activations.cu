// activations: f, f' and f'' of each element. 4 to 16 bytes per element for f32, one thread each.
#include "cuda/flow/work.cuh"
#include "math/activations.h"

namespace belfry::cuda {

namespace {

template <class T>
struct ActivationCall {
  const T* x;
  Activation activation;
  int64_t count;
  T *y, *dy, *d2y;  // null: not wanted
};

template <class T>
__global__ void activate(ActivationCall<T> call) {
#pragma unroll 1
  for (int64_t i : grid_stride(call.count)) {
    const math::Jet<T> jet = math::activation_jet(call.activation, call.x[i]);
    if (call.y) call.y[i] = jet.value;
    if (call.dy) call.dy[i] = jet.slope;
    if (call.d2y) call.d2y[i] = jet.curvature;
  }
}

template <class T>
Status activations(const Activations<T>& op, CudaContext& context) {
  const ActivationCall<T> call{op.x.begin(), op.activation, op.x.dims[0],
                               wanted(op.y), wanted(op.dy), wanted(op.d2y)};
  Work work(context, "activations");
  work.for_each(call.count, activate<T>, call);
  return work.status();
}

}  // namespace

template <>
Status run(const Activations<float>& op, CudaContext& context) {
  return activations(op, context);
}
template <>
Status run(const Activations<double>& op, CudaContext& context) {
  return activations(op, context);
}

}  // namespace belfry::cuda
