// value_iteration_dense: a block solves a model to its end, a warp per state, with V in shared
// memory where it fits: one launch, no word to the host. P of the models in work is read from
// memory once and from L2 after that. The stop rule is that of math/value_iteration.h, judged after
// every sweep by every thread alike. A batch smaller than the GPU leaves multiprocessors idle.
#include <algorithm>

#include "cuda/bellman/model.cuh"
#include "math/value_iteration.h"
#include "ops/bellman/dense_models.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 512;
constexpr int kMaxWarps = kThreads / kWarpSize;
constexpr size_t kMergeBytes = kMaxWarps * sizeof(math::Change<double>);
constexpr size_t kMaxValueBytes = 32 * 1024;
template <class T>
constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());

template <class T>
struct Batch {
  const T *prob, *rewards, *initial_values;
  math::FlagReader mask;
  int64_t num_models, num_states, num_actions;
  double gamma, tolerance;
  bool minimise, use_span;
  int64_t max_iterations;
  T *v_star, *v_star_lower, *v_star_upper, *q_star;
  int32_t *policy_star, *iterations;
  uint8_t* converged;
  T *residual_inf, *span;
};

template <class T>
__device__ Backup<T> backup_of(const Batch<T>& batch, int64_t model) {
  const int64_t first_row = model * batch.num_states * batch.num_actions;
  Backup<T> backup{};
  backup.rewards = batch.rewards + first_row;
  backup.mask = batch.mask.from(first_row);
  backup.num_states = backup.num_columns = batch.num_states;
  backup.num_actions = batch.num_actions;
  backup.gamma = static_cast<T>(batch.gamma);
  backup.minimise = batch.minimise;
  return backup;
}

__device__ inline math::Change<double> merge_in_block(const math::Change<double>& change) {
  auto* shared = dynamic_shared<math::Change<double>>();
  return block_reduce(change, MergeChanges{}, math::Change<double>{}, shared);
}

// Smallest and largest mass of an allowed row, as a Change; a state without one counts as mass 0.
template <class T>
__device__ math::Change<double> masses_of(const DenseRows<T>& rows, const Backup<T>& backup) {
  math::Change<double> masses;
  for (int64_t s = warp_id(); s < backup.num_states; s += warps_in_block()) {
    bool any_allowed = false;
    for (int64_t row = s * backup.num_actions; row < (s + 1) * backup.num_actions; ++row) {
      if (!backup.mask(row)) continue;
      double mass = 0;
      for (int64_t e = rows.begin(row) + lane_id(); e < rows.end(row); e += kWarpSize) {
        mass += static_cast<double>(rows.prob[e]);
      }
      masses.add(0.0, warp_reduce(mass, Add{}));
      any_allowed = true;
    }
    if (!any_allowed) masses.add(0.0, 0.0);
  }
  return merge_in_block(masses);
}

// V' of every state into `after`; every thread gets the change.
template <class T>
__device__ math::Change<double> sweep_model(const DenseRows<T>& rows, const Backup<T>& backup,
                                            const T* before, T* after) {
  const Successors<T> next{before, backup.num_states, backup.gamma};
  math::Change<double> change;
  for (int64_t s = warp_id(); s < backup.num_states; s += warps_in_block()) {
    const T value = best_action(rows, kWarpSize, backup, s, next).value(backup.minimise);
    if (lane_id() != 0) continue;
    math::Change<T> own;
    own.add(before[s], value);
    change.merge(own);
    after[s] = value;
  }
  return merge_in_block(change);
}

template <class T>
struct Outcome {
  T* values;
  math::Change<double> change;
  int64_t iterations;
  math::Verdict verdict;
  math::Certificate certificate;
};

template <class T>
__device__ Outcome<T> run_sweeps(const Batch<T>& batch, const DenseRows<T>& rows,
                                 const Backup<T>& backup, T* now, T* next) {
  const auto masses = masses_of(rows, backup);
  const auto discount = math::discounting<T>(batch.gamma, masses.low, masses.high);
  math::StopTest test(discount, batch.use_span, batch.tolerance, kEpsilon<T>);
  // From V = 0 the first sweep needs no P, unless it holds what times 0 is NaN.
  const bool is_zero =
      !batch.initial_values && !masses.nan && masses.largest < math::kInfinity<double>;
  Outcome<T> outcome{now, {}, 0, math::Verdict::go_on, {}};
  while (outcome.verdict == math::Verdict::go_on && outcome.iterations < batch.max_iterations) {
    const bool skip = is_zero && outcome.iterations == 0;
    const DenseRows<T> used{rows.prob, skip ? 0 : rows.length};
    outcome.change = sweep_model(used, backup, outcome.values, next);
    T* const before = outcome.values;
    outcome.values = next;
    next = before;
    ++outcome.iterations;
    outcome.verdict = test.judge(outcome.change);
  }
  outcome.certificate = test.certificate(outcome.change);
  return outcome;
}

template <class T>
__device__ void write_scalars(const Batch<T>& batch, int64_t model, const Outcome<T>& outcome) {
  if (threadIdx.x != 0) return;
  if (batch.iterations) batch.iterations[model] = static_cast<int32_t>(outcome.iterations);
  if (batch.converged) batch.converged[model] = outcome.verdict == math::Verdict::converged;
  if (batch.residual_inf) batch.residual_inf[model] = static_cast<T>(outcome.change.residual());
  if (batch.span) batch.span[model] = static_cast<T>(outcome.change.span());
}

// Leaves V* in outcome.values.
template <class T>
__device__ void write_values(const Batch<T>& batch, int64_t model, const Outcome<T>& outcome) {
  const auto& [low, high, shift] = outcome.certificate;
  const int64_t first = model * batch.num_states;
  for (int64_t s : thread_stride(batch.num_states)) {
    const T value = outcome.values[s];
    const bool acts = math::any_allowed(batch.mask, first + s, batch.num_actions);
    if (batch.v_star_lower) batch.v_star_lower[first + s] = math::shifted(value, low, acts);
    if (batch.v_star_upper) batch.v_star_upper[first + s] = math::shifted(value, high, acts);
    outcome.values[s] = math::shifted(value, shift, acts);
    if (batch.v_star) batch.v_star[first + s] = outcome.values[s];
  }
  __syncthreads();
}

// q_star and policy_star are one backup of v_star, which itself stays as it is.
template <class T>
__device__ void write_greedy(const Batch<T>& batch, int64_t model, const DenseRows<T>& rows,
                             Backup<T> backup, const T* values) {
  if (!batch.q_star && !batch.policy_star) return;
  const int64_t first = model * batch.num_states;
  if (batch.q_star) backup.q_values = batch.q_star + first * batch.num_actions;
  const Successors<T> next{values, batch.num_states, backup.gamma};
  for (int64_t s = warp_id(); s < batch.num_states; s += warps_in_block()) {
    const auto best = best_action(rows, kWarpSize, backup, s, next);
    if (batch.policy_star && lane_id() == 0) batch.policy_star[first + s] = best.action;
  }
}

// `workspace`: room for V and V' per block; null: in shared memory.
template <class T>
__global__ void solve_models(Batch<T> batch, T* workspace) {
  const int64_t num_states = batch.num_states;
  auto* in_shared = reinterpret_cast<T*>(dynamic_shared<math::Change<double>>() + kMaxWarps);
  T* const values = workspace ? workspace + 2 * num_states * blockIdx.x : in_shared;
  for (int64_t m = blockIdx.x; m < batch.num_models; m += gridDim.x) {
    const int64_t first = m * num_states;
    const DenseRows<T> rows{batch.prob + first * batch.num_actions * num_states, num_states};
    const Backup<T> backup = backup_of(batch, m);
    for (int64_t s : thread_stride(num_states)) {
      values[s] = batch.initial_values ? batch.initial_values[first + s] : T(0);
    }
    __syncthreads();
    const auto outcome = run_sweeps(batch, rows, backup, values, values + num_states);
    write_scalars(batch, m, outcome);
    write_values(batch, m, outcome);
    write_greedy(batch, m, rows, backup, outcome.values);
    __syncthreads();
  }
}

template <class T>
Batch<T> batch_of(const ValueIterationDense<T>& op) {
  return {op.prob.begin(),
          op.rewards.begin(),
          op.initial_values ? op.initial_values.begin() : nullptr,
          math::read_flags(op.action_mask, true),
          op.rewards.dims[0],
          op.rewards.dims[1],
          op.rewards.dims[2],
          op.gamma,
          op.tolerance,
          op.mode == Mode::min,
          op.stop == StopRule::span,
          op.max_iterations,
          wanted(op.v_star),
          wanted(op.v_star_lower),
          wanted(op.v_star_upper),
          wanted(op.q_star),
          wanted(op.policy_star),
          wanted(op.iterations),
          wanted(op.converged),
          wanted(op.residual_inf),
          wanted(op.span)};
}

template <class T>
Status value_iteration_dense(const ValueIterationDense<T>& op, CudaContext& context) {
  const Batch<T> batch = batch_of(op);
  constexpr int64_t kMostBlocks = 4096;
  const int64_t blocks = std::min(batch.num_models, kMostBlocks);
  const int64_t value_bytes = 2 * batch.num_states * static_cast<int64_t>(sizeof(T));
  const bool fits = value_bytes <= static_cast<int64_t>(kMaxValueBytes);
  T* workspace = nullptr;
  if (!fits) {
    workspace = context.scratch<T>(2 * batch.num_states * blocks);
    if (!workspace) return context.failure();
  }
  const LaunchShape shape{dim3(static_cast<unsigned>(blocks)),
                          dim3(threads_for(batch.num_states * kWarpSize, kThreads)),
                          kMergeBytes + (fits ? static_cast<size_t>(value_bytes) : 0)};
  return device_status(launch(solve_models<T>, shape, context.stream(), batch, workspace),
                       "value_iteration_dense");
}

}  // namespace

template <>
Status run(const ValueIterationDense<float>& op, CudaContext& context) {
  return value_iteration_dense(op, context);
}
template <>
Status run(const ValueIterationDense<double>& op, CudaContext& context) {
  return value_iteration_dense(op, context);
}

}  // namespace belfry::cuda
