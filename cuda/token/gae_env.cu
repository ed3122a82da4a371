// gae_env: gae of vectorised environments, time first. One thread per environment walks time
// backwards, so that a warp reads neighbours. Bytes per step: read 12 + flags, write 8.
#include "cuda/device/context.cuh"
#include "math/flags.h"
#include "math/returns.h"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
struct EnvArrays {
  const T *rewards, *values, *next_values;
  math::FlagReader terminated, truncated;
  double gamma, lambda;
  T *advantages, *returns;
};

template <class T>
__global__ void walk_columns(EnvArrays<T> a, int64_t steps, int64_t columns) {
  for (const int64_t column : grid_stride(columns)) {
    double carry = 0;
    for (int64_t t = steps - 1; t >= 0; --t) {
      const int64_t i = t * columns + column;
      const bool over = a.terminated(i);
      const double next = over ? 0 : a.gamma * static_cast<double>(a.next_values[i]);
      const double value = static_cast<double>(a.values[i]);
      const double delta = static_cast<double>(a.rewards[i]) + next - value;
      carry = math::gae_env_step(delta, over || a.truncated(i), a.gamma * a.lambda, carry);
      if (a.advantages) a.advantages[i] = static_cast<T>(carry);
      if (a.returns) a.returns[i] = static_cast<T>(carry + value);
    }
  }
}

template <class T>
Status gae_env(const GaeEnv<T>& op, CudaContext& context) {
  constexpr int kThreads = 64;
  const EnvArrays<T> arrays{op.rewards.begin(),
                            op.values.begin(),
                            op.next_values.begin(),
                            math::read_flags(op.terminated, false),
                            math::read_flags(op.truncated, false),
                            op.gamma,
                            op.lambda,
                            op.advantages ? op.advantages.begin() : nullptr,
                            op.returns ? op.returns.begin() : nullptr};
  const LaunchShape shape{dim3(blocks_for(op.rewards.dims[1], kThreads)), dim3(kThreads)};
  return device_status(launch(walk_columns<T>, shape, context.stream(), arrays, op.rewards.dims[0],
                              op.rewards.dims[1]),
                       "gae_env");
}

}  // namespace

template <>
Status run(const GaeEnv<float>& op, CudaContext& context) {
  return gae_env(op, context);
}
template <>
Status run(const GaeEnv<double>& op, CudaContext& context) {
  return gae_env(op, context);
}

}  // namespace belfry::cuda
