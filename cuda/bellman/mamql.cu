// mamql: the marginal critics by groups of lanes as wide as the joint actions of the others; then a
// thread a row for the soft values, the objective and its gradients, with one partial loss per
// block; then the gradients in the joint critics, a thread an entry. Sums are float64 in an order
// that depends on the sizes only. Bytes per row: 2·A·K values read, as many written where the
// joint gradients are asked for.
#include "cuda/bellman/rows.cuh"
#include "math/inverse_q.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

template <class T, int R>
T* pointer(const Out<T, R>& output) {
  return output ? output.begin() : nullptr;
}

struct BatchSize {
  int64_t rows, actions, others;
};

// q(b,a) = Σ_o other(b,o) joint(b,a,o)
template <class T>
__global__ void marginalise(const T* joint, const T* other, BatchSize size, int lanes, double* q) {
  const GroupRounds rounds(lanes);
  const int64_t count = size.rows * size.actions;
  for (int64_t base = rounds.first; base < count; base += rounds.step) {
    const int64_t item = rounds.state(base, count);
    double sum = 0;
    if (item >= 0) {
      const T* row = joint + item * size.others;
      const T* weights = other + item / size.actions * size.others;
      for (int64_t k = lane_id() % lanes; k < size.others; k += lanes) {
        sum += static_cast<double>(row[k]) * static_cast<double>(weights[k]);
      }
    }
    sum = lanes_reduce(sum, Add{}, lanes);
    if (item >= 0 && lane_id() % lanes == 0) q[item] = sum;
  }
}

// V of a row, and what its policy needs.
struct SoftRow {
  double most, sum, rationality;
  __device__ SoftRow(const double* q, int64_t count, double lambda)
      : most(q[0]), sum(0), rationality(lambda) {
    for (int64_t a = 1; a < count; ++a) most = q[a] > most ? q[a] : most;
    for (int64_t a = 0; a < count; ++a) sum += exp(rationality * (q[a] - most));
  }
  __device__ double value() const { return most + log(sum) / rationality; }
  __device__ double policy(double q) const { return exp(rationality * (q - most)) / sum; }
};

template <class T>
struct InverseQOutputs {
  T *q_marginal, *policy, *values, *rewards, *grad, *next_grad;
};

struct InverseQCall {
  const double *q, *next_q;
  const int32_t* actions;
  math::FlagReader terminated, expert;
  BatchSize size;
  math::InverseQRule rule;
  double rationality;
};

// One block: the flags are few beside the critics.
__global__ void count_experts(math::FlagReader expert, int64_t rows, int64_t* count) {
  __shared__ int64_t shared[kThreads / kWarpSize];
  int64_t own = 0;
  for (int64_t b : thread_stride(rows)) own += expert(b);
  own = block_reduce(own, Add{}, int64_t{0}, shared);
  if (threadIdx.x == 0) *count = own;
}

// The gradients of the marginals are kept in float64 for the joint ones: `grad`, `next_grad`.
template <class T>
__global__ void inverse_q_rows(InverseQCall call, const int64_t* experts, InverseQOutputs<T> out,
                               double* grad, double* next_grad, double* partials) {
  __shared__ double shared[kThreads / kWarpSize];
  const int64_t count = call.size.actions;
  call.rule.expert_weight = *experts > 0 ? 1 / static_cast<double>(*experts) : 0;
  double loss = 0;
  for (int64_t b : grid_stride(call.size.rows)) {
    const double *q = call.q + b * count, *next_q = call.next_q + b * count;
    const SoftRow row(q, count, call.rationality), next(next_q, count, call.rationality);
    const int64_t taken = call.actions[b];
    const bool inside = taken >= 0 && taken < count;
    const double q_taken = inside ? q[taken] : math::kNaN<double>;
    const auto terms = math::inverse_q_row(call.rule, q_taken, row.value(), next.value(),
                                           call.terminated(b), call.expert(b));
    loss += terms.loss;
    if (out.values) out.values[b] = static_cast<T>(row.value());
    if (out.rewards) out.rewards[b] = static_cast<T>(terms.reward);
    for (int64_t a = 0; a < count; ++a) {
      const int64_t at = b * count + a;
      const double policy = row.policy(q[a]);
      const double g = policy * terms.by_value + (a == taken ? terms.by_taken : 0);
      const double next_g =
          terms.by_next_value == 0 ? 0 : next.policy(next_q[a]) * terms.by_next_value;
      if (out.q_marginal) out.q_marginal[at] = static_cast<T>(q[a]);
      if (out.policy) out.policy[at] = static_cast<T>(policy);
      if (out.grad) out.grad[at] = static_cast<T>(g);
      if (out.next_grad) out.next_grad[at] = static_cast<T>(next_g);
      if (grad) grad[at] = g;
      if (next_grad) next_grad[at] = next_g;
    }
  }
  loss = block_reduce(loss, Add{}, 0.0, shared);
  if (threadIdx.x == 0) partials[blockIdx.x] = loss;
}

template <class T>
__global__ void sum_loss(const double* partials, int64_t count, T* loss) {
  __shared__ double shared[kThreads / kWarpSize];
  double sum = 0;
  for (int64_t i : thread_stride(count)) sum += partials[i];
  sum = block_reduce(sum, Add{}, 0.0, shared);
  if (threadIdx.x == 0) *loss = static_cast<T>(sum);
}

template <class T>
__global__ void joint_gradient(const double* grad, const T* other, BatchSize size, T* out) {
  for (int64_t i : grid_stride(size.rows * size.actions * size.others)) {
    const int64_t item = i / size.others;
    const int64_t row = item / size.actions;
    out[i] = static_cast<T>(grad[item]) * other[row * size.others + i % size.others];
  }
}

template <class T>
cudaError_t start_marginals(const T* joint, const T* other, BatchSize size, double* q,
                            cudaStream_t stream) {
  const int64_t items = size.rows * size.actions;
  const int lanes = lanes_for(items * size.others, items);
  return launch(marginalise<T>, group_shape(items, lanes), stream, joint, other, size, lanes, q);
}

template <class T>
cudaError_t start_joint(const double* grad, const T* other, BatchSize size, const Out<T, 3>& out,
                        cudaStream_t stream) {
  if (!out) return cudaSuccess;
  const LaunchShape shape{dim3(blocks_for(out.size(), kThreads)), dim3(kThreads)};
  return launch(joint_gradient<T>, shape, stream, grad, other, size, out.begin());
}

template <class T>
Status mamql(const Mamql<T>& op, CudaContext& context) {
  const BatchSize size{op.q_joint.dims[0], op.q_joint.dims[1], op.q_joint.dims[2]};
  const int64_t items = size.rows * size.actions;
  const LaunchShape rows{dim3(blocks_for(size.rows, kThreads)), dim3(kThreads)};
  const LaunchShape one_block{dim3(1), dim3(kThreads)};
  double* q = context.scratch<double>(items);
  double* next_q = context.scratch<double>(items);
  double* grad = op.grad_q_joint ? context.scratch<double>(items) : nullptr;
  double* next_grad = op.grad_next_q_joint ? context.scratch<double>(items) : nullptr;
  double* partials = context.scratch<double>(rows.grid.x);
  int64_t* experts = context.scratch<int64_t>(1);
  if (!q || !next_q || !partials || !experts || (op.grad_q_joint && !grad) ||
      (op.grad_next_q_joint && !next_grad)) {
    return context.failure();
  }
  const math::FlagReader expert = math::read_flags(op.is_expert, true);
  const InverseQCall call{q,
                          next_q,
                          op.actions.begin(),
                          math::read_flags(op.terminated, false),
                          expert,
                          size,
                          math::inverse_q_rule(op, size.rows, 0),
                          op.rationality};
  const InverseQOutputs<T> out{pointer(op.q_marginal),      pointer(op.policy),
                               pointer(op.values),          pointer(op.rewards),
                               pointer(op.grad_q_marginal), pointer(op.grad_next_q_marginal)};
  const cudaStream_t stream = context.stream();
  cudaError_t error = start_marginals(op.q_joint.begin(), op.other_policy.begin(), size, q, stream);
  if (error == cudaSuccess) {
    error = start_marginals(op.next_q_joint.begin(), op.next_other_policy.begin(), size, next_q,
                            stream);
  }
  if (error == cudaSuccess) {
    error = launch(count_experts, one_block, stream, expert, size.rows, experts);
  }
  if (error == cudaSuccess) {
    error = launch(inverse_q_rows<T>, rows, stream, call, experts, out, grad, next_grad, partials);
  }
  if (error == cudaSuccess && op.loss) {
    error = launch(sum_loss<T>, one_block, stream, partials, static_cast<int64_t>(rows.grid.x),
                   op.loss.begin());
  }
  if (error == cudaSuccess) {
    error = start_joint(grad, op.other_policy.begin(), size, op.grad_q_joint, stream);
  }
  if (error == cudaSuccess) {
    error =
        start_joint(next_grad, op.next_other_policy.begin(), size, op.grad_next_q_joint, stream);
  }
  return device_status(error, "mamql");
}

}  // namespace

template <>
Status run(const Mamql<float>& op, CudaContext& context) {
  return mamql(op, context);
}
template <>
Status run(const Mamql<double>& op, CudaContext& context) {
  return mamql(op, context);
}

}  // namespace belfry::cuda
