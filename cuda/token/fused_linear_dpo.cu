// fused_linear_dpo: log-probabilities of both models, a warp per pair for its loss, and back
// through the policy; see fused_linear.cuh. 2NHV flops for each forward, 6NHV back.
#include "cuda/token/fused_linear.cuh"
#include "cuda/token/valid_tokens.cuh"
#include "math/pair_losses.h"

namespace belfry::cuda {

namespace {

template <class T>
struct PairCall {
  const T *log_probs, *ref_log_probs;
  int64_t pairs, length;
  double beta;
  double* losses;  // of each pair
  T* upstream;     // of each token
};

// One warp: Σ log π − log ref of a sequence.
template <class T>
__device__ double gain(const PairCall<T>& call, int64_t sequence) {
  double sum = 0;
  for (int64_t t : lane_stride(call.length)) {
    const int64_t i = sequence * call.length + t;
    sum += static_cast<double>(call.log_probs[i]) - static_cast<double>(call.ref_log_probs[i]);
  }
  return warp_reduce(sum, Add{});
}

template <class T>
__global__ void pair_losses(PairCall<T> call) {
  for (int64_t pair : warp_stride(call.pairs)) {
    const int64_t rejected = call.pairs + pair;
    const double u = call.beta * (gain(call, pair) - gain(call, rejected));
    const math::DpoTerm term = math::dpo_term(u);
    const T slope = static_cast<T>(call.beta * term.pull / static_cast<double>(call.pairs));
    for (int64_t t : lane_stride(call.length)) {
      call.upstream[pair * call.length + t] = -slope;
      call.upstream[rejected * call.length + t] = slope;
    }
    if (lane_id() == 0) call.losses[pair] = term.loss;
  }
}

// One block.
template <class T>
__global__ void mean_loss(const double* losses, int64_t pairs, T* out) {
  __shared__ double shared[kWarpSize];
  double sum = 0;
  for (int64_t pair : thread_stride(pairs)) sum += losses[pair];
  sum = block_reduce(sum, Add{}, 0.0, shared);
  if (threadIdx.x == 0) put(out, pairs > 0 ? sum / static_cast<double>(pairs) : 0);
}

template <class T>
Status fused_linear_dpo(const FusedLinearDpo<T>& op, CudaContext& context) {
  const int64_t total = op.hidden.dims[0];
  const char* name = "fused_linear_dpo";
  Work work(context, name);
  auto* log_probs = work.scratch<T>(total);
  auto* ref_log_probs = work.scratch<T>(total);
  const PairCall<T> call{log_probs,
                         ref_log_probs,
                         op.pairs,
                         op.length,
                         op.beta,
                         work.scratch<double>(op.pairs),
                         work.scratch<T>(total)};
  if (!work.ok()) return work.status();
  FusedLinear<T> reference({op.ref_hidden, op.ref_weight, nullptr, op.labels.begin()}, op, name,
                           context);
  if (Status s = reference.forward({ref_log_probs, nullptr}); !s.ok()) return s;
  FusedLinear<T> policy({op.hidden, op.weight, nullptr, op.labels.begin()}, op, name, context);
  if (Status s = policy.forward({log_probs, nullptr}); !s.ok()) return s;
  work.for_each_row(op.pairs, pair_losses<T>, call);
  work.launch(mean_loss<T>, {dim3(1), dim3(kTokenThreads)}, call.losses, op.pairs,
              pointer(op.loss));
  const FusedGradients<T> gradients{pointer(op.grad_hidden), pointer(op.grad_weight)};
  if (!work.ok() || !gradients.wanted()) return work.status();
  return policy.backward({call.upstream}, gradients);
}

}  // namespace

template <>
Status run(const FusedLinearDpo<float>& op, CudaContext& context) {
  return fused_linear_dpo(op, context);
}
template <>
Status run(const FusedLinearDpo<double>& op, CudaContext& context) {
  return fused_linear_dpo(op, context);
}

}  // namespace belfry::cuda
