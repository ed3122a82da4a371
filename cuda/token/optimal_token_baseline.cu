// optimal_token_baseline: a block per row makes the prefix sums W and the returns G, then a thread
// per group and position walks the members. Bytes per token: read 16 + mask, write 8, and twice 16
// of W and G.
#include "cuda/device/scan.cuh"
#include "cuda/flow/work.cuh"
#include "cuda/token/sample_groups.cuh"
#include "cuda/token/valid_tokens.cuh"
#include "math/token_baseline.h"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
struct BaselineRows {
  const T *rewards, *log_probs, *sum_pi_squared, *importance_weights;
  math::FlagReader mask;
  int64_t rows, length;
  double *weights, *returns;  // W and G of each token
  int64_t* valid;             // tokens of each row; −1: a reward that cannot be scored
  T* out_returns;
};

template <class T>
__device__ double token_weight(const BaselineRows<T>& call, int64_t i) {
  const double iw = call.importance_weights ? static_cast<double>(call.importance_weights[i]) : 1;
  return math::baseline_weight(static_cast<double>(call.log_probs[i]),
                               static_cast<double>(call.sum_pi_squared[i]), iw);
}

template <class T>
__global__ void prepare_rows(BaselineRows<T> call) {
  __shared__ double shared[kTokenThreads / kWarpSize];
  __shared__ int64_t counts[kTokenThreads / kWarpSize];
  for (int64_t row : block_stride(call.rows)) {
    const int64_t first = row * call.length;
    const int64_t tiles = (call.length + kTokenThreads - 1) / kTokenThreads;
    double before = 0, after = 0;
    int64_t count = 0, wrong = 0;
    for (int64_t tile = 0; tile < tiles; ++tile) {
      const int64_t t = tile * kTokenThreads + threadIdx.x;
      const bool valid = t < call.length && call.mask(first + t);
      const double own = valid ? token_weight(call, first + t) : 0;
      const Scan<double> scan = block_scan_forward(own, Add{}, 0.0, shared);
      if (valid) call.weights[first + t] = before + scan.inclusive;
      before += scan.total;
      count += valid;
    }
    for (int64_t tile = tiles - 1; tile >= 0; --tile) {
      const int64_t t = tile * kTokenThreads + threadIdx.x;
      const bool valid = t < call.length && call.mask(first + t);
      const double own = valid ? static_cast<double>(call.rewards[first + t]) : 0;
      const Scan<double> scan = block_scan_reverse(own, Add{}, 0.0, shared);
      const double sum = scan.inclusive + after;
      after += scan.total;
      wrong += !isfinite(own);
      if (valid) call.returns[first + t] = sum;
      if (call.out_returns && t < call.length) {
        call.out_returns[first + t] = valid ? static_cast<T>(sum) : T(0);
      }
    }
    count = block_reduce(count, Add{}, int64_t{0}, counts);
    wrong = block_reduce(wrong, Add{}, int64_t{0}, counts);
    if (threadIdx.x == 0) call.valid[row] = wrong > 0 ? -1 : count;
  }
}

template <class T>
struct BaselineColumns {
  SampleGroups groups;
  math::FlagReader mask;
  int64_t length;
  const double *weights, *returns;
  const int64_t* valid;
  bool zero_tail;
  double eps;
  T* advantages;
};

template <class T>
__device__ void treat_column(const BaselineColumns<T>& call, int64_t group, int64_t t) {
  const int32_t begin = call.groups.start[group], end = call.groups.start[group + 1];
  math::BaselineColumn column;
  math::LongestMember longest;
  int64_t scorable = 0;
  for (int32_t m = begin; m < end; ++m) {
    const int64_t row = call.groups.order[m], i = row * call.length + t;
    longest.add(row, call.valid[row]);
    if (call.valid[row] < 0) continue;
    scorable += 1;
    if (call.mask(i)) column.add(call.returns[i], call.weights[i]);
  }
  for (int32_t m = begin; m < end; ++m) {
    const int64_t row = call.groups.order[m], i = row * call.length + t;
    double advantage = 0;
    if (call.mask(i) && call.valid[row] >= 0) {
      const bool without = scorable == 1 || (call.zero_tail && longest.alone(row, t));
      advantage = without ? call.returns[i] : column.advantage(call.returns[i], call.eps);
    }
    call.advantages[i] = static_cast<T>(advantage);
  }
}

template <class T>
__global__ void treat_columns(BaselineColumns<T> call) {
  for (int64_t i : grid_stride(call.groups.count * call.length)) {
    treat_column(call, i / call.length, i % call.length);
  }
}

template <class T>
Status optimal_token_baseline(const OptimalTokenBaseline<T>& op, CudaContext& context) {
  if (op.rewards.size() == 0) return {};
  Work work(context, "optimal_token_baseline");
  BaselineRows<T> rows{op.rewards.begin(),
                       op.log_probs.begin(),
                       op.sum_pi_squared.begin(),
                       pointer(op.importance_weights),
                       math::read_flags(op.mask, true),
                       op.rewards.dims[0],
                       op.rewards.dims[1],
                       work.scratch<double>(op.rewards.size()),
                       work.scratch<double>(op.rewards.size()),
                       work.scratch<int64_t>(op.rewards.dims[0]),
                       pointer(op.returns)};
  work.launch(prepare_rows<T>, {dim3(blocks_for(rows.rows, 1)), dim3(kTokenThreads)}, rows);
  if (!op.advantages || !work.ok()) return work.status();
  BaselineColumns<T> columns{{},           rows.mask,    rows.length,
                             rows.weights, rows.returns, rows.valid,
                             op.zero_tail, op.eps,       op.advantages.begin()};
  if (Status s = group_samples(op.group_ids, columns.groups, context); !s.ok()) return s;
  work.for_each(columns.groups.count * rows.length, treat_columns<T>, columns);
  return work.status();
}

}  // namespace

template <>
Status run(const OptimalTokenBaseline<float>& op, CudaContext& context) {
  return optimal_token_baseline(op, context);
}
template <>
Status run(const OptimalTokenBaseline<double>& op, CudaContext& context) {
  return optimal_token_baseline(op, context);
}

}  // namespace belfry::cuda
