// linear_q_values: a group of lanes walks the actions of a row, k values read a pair.
#include "cuda/fitted-q/feature_rows.cuh"
#include "ops/fitted_q.h"

namespace belfry::cuda {

namespace {

// The choice is made among the values as they are written. Outputs may be null.
template <class T>
__global__ void predict_rows(int lanes, const T* phi, const T* w, int64_t num_rows,
                             int64_t num_actions, int64_t size, T* q_values, int32_t* actions) {
  const FeatureRounds rounds(lanes);
  const bool leads = lane_id() % lanes == 0;
  for (int64_t base = rounds.first; base < num_rows; base += rounds.step) {
    const int64_t row = base + rounds.offset;
    const bool own = row < num_rows;
    math::GreedyChoice<T> best;
    for (int64_t a = 0; a < num_actions; ++a) {
      const int64_t pair = row * num_actions + a;
      const T q = static_cast<T>(feature_dot(lanes, own ? phi + pair * size : nullptr, w, size));
      best.offer(static_cast<int32_t>(a), q);
      if (own && leads && q_values) q_values[pair] = q;
    }
    if (own && leads && actions) actions[row] = best.action;
  }
}

template <class T>
Status linear_q_values(const LinearQValues<T>& op, CudaContext& context) {
  const int64_t num_rows = op.phi.dims[0];
  T* q_values = op.q_values ? op.q_values.begin() : nullptr;
  int32_t* actions = op.actions ? op.actions.begin() : nullptr;
  if (!q_values && !actions) return {};
  const int lanes = feature_lanes(op.phi.dims[2]);
  const cudaError_t error = launch(predict_rows<T>, feature_shape(lanes, num_rows),
                                   context.stream(), lanes, op.phi.begin(), op.w.begin(), num_rows,
                                   op.phi.dims[1], op.phi.dims[2], q_values, actions);
  return device_status(error, "linear_q_values");
}

}  // namespace

template <>
Status run(const LinearQValues<float>& op, CudaContext& context) {
  return linear_q_values(op, context);
}
template <>
Status run(const LinearQValues<double>& op, CudaContext& context) {
  return linear_q_values(op, context);
}

}  // namespace belfry::cuda
