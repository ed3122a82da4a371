// ema_update: target ← decay · target + (1 − decay) · source. Bytes per parameter: read 8, write 4.
#include "cuda/device/context.cuh"
#include "math/schedules.h"
#include "ops/token/schedules.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void average(const T* target, const T* source, int64_t size, double decay, T* out) {
  for (const int64_t i : grid_stride(size)) {
    out[i] = static_cast<T>(math::moving_average(static_cast<double>(target[i]),
                                                 static_cast<double>(source[i]), decay));
  }
}

template <class T>
Status ema_update(const EmaUpdate<T>& op, CudaContext& context) {
  if (!op.new_target) return {};
  constexpr int kThreads = 256;
  const int64_t size = op.target.size();
  const LaunchShape shape{dim3(blocks_for(size, kThreads)), dim3(kThreads)};
  return device_status(launch(average<T>, shape, context.stream(), op.target.begin(),
                              op.source.begin(), size, op.decay, op.new_target.begin()),
                       "ema_update");
}

}  // namespace

template <>
Status run(const EmaUpdate<float>& op, CudaContext& context) {
  return ema_update(op, context);
}
template <>
Status run(const EmaUpdate<double>& op, CudaContext& context) {
  return ema_update(op, context);
}

}  // namespace belfry::cuda
