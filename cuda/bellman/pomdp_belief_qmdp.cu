// pomdp_belief_qmdp: a block per belief. Threads take the states reached in turn, so that a row of
// P is read in order, and keep what is not yet normalised in float64; then the actions in turn for
// QMDP. Sums are float64 in an order that depends on the sizes only. Bytes per belief: one action's
// slice of P, S² values, from L2 where beliefs share actions.
#include "cuda/bellman/choice.cuh"
#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "ops/bellman/search.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

template <class T, int R>
T* pointer(const Out<T, R>& output) {
  return output ? output.begin() : nullptr;
}

template <class T>
struct BeliefCall {
  const T *prob, *observation, *belief, *q_values;
  const int32_t *actions, *obs;
  int64_t rows, num_states, num_actions, num_observations;
  double* joint;  // [rows, states]: likelihood times prior, not yet normalised
  T *next_belief, *likelihood, *qmdp_value;
  int32_t* qmdp_action;
};

template <class T>
__global__ void update_beliefs(BeliefCall<T> call) {
  __shared__ double shared[kThreads / kWarpSize];
  const int64_t size = call.num_states;
  for (int64_t b : block_stride(call.rows)) {
    const int64_t action = call.actions[b], seen = call.obs[b];
    const bool inside =
        action >= 0 && action < call.num_actions && seen >= 0 && seen < call.num_observations;
    double likelihood = 0;
    for (int64_t t : thread_stride(size)) {
      double sum = inside ? 0 : math::kNaN<double>;
      for (int64_t s = 0; s < size && inside; ++s) {
        sum += static_cast<double>(call.belief[b * size + s]) *
               static_cast<double>(call.prob[(s * call.num_actions + action) * size + t]);
      }
      if (inside) {
        sum *= static_cast<double>(
            call.observation[(action * size + t) * call.num_observations + seen]);
      }
      call.joint[b * size + t] = sum;
      likelihood += sum;
    }
    likelihood = block_reduce(likelihood, Add{}, 0.0, shared);
    if (threadIdx.x == 0 && call.likelihood) call.likelihood[b] = static_cast<T>(likelihood);
    for (int64_t t : thread_stride(size)) {
      if (!call.next_belief) break;
      call.next_belief[b * size + t] = static_cast<T>(call.joint[b * size + t] / likelihood);
    }
  }
}

template <class T>
__global__ void choose_actions(BeliefCall<T> call) {
  __shared__ math::GreedyChoice<double> shared[kThreads / kWarpSize];
  for (int64_t b : block_stride(call.rows)) {
    math::GreedyChoice<double> choice;
    for (int64_t a : thread_stride(call.num_actions)) {
      double q = 0;
      for (int64_t s = 0; s < call.num_states; ++s) {
        q += static_cast<double>(call.belief[b * call.num_states + s]) *
             static_cast<double>(call.q_values[s * call.num_actions + a]);
      }
      choice.offer(static_cast<int32_t>(a), q);
    }
    choice = block_reduce(choice, EarlierChoice{}, math::GreedyChoice<double>{}, shared);
    if (threadIdx.x != 0) continue;
    if (call.qmdp_value) call.qmdp_value[b] = static_cast<T>(choice.value(false));
    if (call.qmdp_action) call.qmdp_action[b] = choice.action;
  }
}

template <class T>
Status pomdp_belief_qmdp(const PomdpBeliefQmdp<T>& op, CudaContext& context) {
  BeliefCall<T> call{op.prob.begin(),
                     op.observation.begin(),
                     op.belief.begin(),
                     op.q_values ? op.q_values.begin() : nullptr,
                     op.actions.begin(),
                     op.obs.begin(),
                     op.belief.dims[0],
                     op.prob.dims[0],
                     op.prob.dims[1],
                     op.observation.dims[2],
                     nullptr,
                     pointer(op.next_belief),
                     pointer(op.likelihood),
                     pointer(op.qmdp_value),
                     pointer(op.qmdp_action)};
  const unsigned grid = blocks_for(call.rows, 1);
  cudaError_t error = cudaSuccess;
  if (op.next_belief || op.likelihood) {
    call.joint = context.scratch<double>(call.rows * call.num_states);
    if (!call.joint) return context.failure();
    const LaunchShape shape{dim3(grid), dim3(threads_for(call.num_states, kThreads))};
    error = launch(update_beliefs<T>, shape, context.stream(), call);
  }
  if (error == cudaSuccess && (op.qmdp_value || op.qmdp_action)) {
    const LaunchShape shape{dim3(grid), dim3(threads_for(call.num_actions, kThreads))};
    error = launch(choose_actions<T>, shape, context.stream(), call);
  }
  return device_status(error, "pomdp_belief_qmdp");
}

}  // namespace

template <>
Status run(const PomdpBeliefQmdp<float>& op, CudaContext& context) {
  return pomdp_belief_qmdp(op, context);
}
template <>
Status run(const PomdpBeliefQmdp<double>& op, CudaContext& context) {
  return pomdp_belief_qmdp(op, context);
}

}  // namespace belfry::cuda
