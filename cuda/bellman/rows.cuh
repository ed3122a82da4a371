// Rows of a model on the device, and the backup over them that every kernel of this family shares.
//
// A group of neighbouring lanes, as many as a row has entries on average (a power of two), sums one
// row in float64 and walks the actions of one state, so that the choice needs no memory. The number
// of lanes is no template parameter: these kernels wait for memory, and code for six widths helps
// nobody. Columns are checked: one outside its range counts as NaN instead of being read.
// Extremes of the change go to one partial per block and are combined by a second small kernel.
#pragma once

#include <cstdint>

#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "cuda/device/stream_copies.cuh"
#include "math/bellman.h"
#include "math/flags.h"

namespace belfry::cuda {

template <class T>
struct SparseRows {
  const int32_t* row_ptr;
  const int32_t* col;
  const T* prob;

  __device__ int64_t begin(int64_t row) const { return row_ptr[row]; }
  __device__ int64_t end(int64_t row) const { return row_ptr[row + 1]; }
  __device__ int64_t column(int64_t, int64_t entry) const { return col[entry]; }
};

template <class T>
struct DenseRows {
  const T* prob;
  int64_t length;

  __device__ int64_t begin(int64_t row) const { return row * length; }
  __device__ int64_t end(int64_t row) const { return (row + 1) * length; }
  __device__ int64_t column(int64_t row, int64_t entry) const { return entry - row * length; }
};

// Σ_j p_j x(col_j) of the group's row, for every lane of the group; 0 for row −1. All lanes of the
// warp must call.
template <class Rows, class V>
__device__ double row_sum(const Rows& rows, int lanes, int64_t row, const V* x,
                          int64_t num_columns) {
  double sum = 0;
  if (row >= 0) {
    const int64_t end = rows.end(row);
    for (int64_t e = rows.begin(row) + lane_id() % lanes; e < end; e += lanes) {
      const int64_t column = rows.column(row, e);
      const bool inside = column >= 0 && column < num_columns;
      const double value = inside ? static_cast<double>(x[column]) : math::kNaN<double>;
      sum += static_cast<double>(rows.prob[e]) * value;
    }
  }
  return lanes_reduce(sum, Add{}, lanes);
}

// What a backup reads besides its rows, and what it writes; null: not there, not wanted.
template <class T>
struct Backup {
  const T* rewards;  // null: 0
  const T* values;
  math::FlagReader mask;
  int64_t num_states, num_actions, num_columns;
  T gamma, tie_eps;
  bool minimise;
  const T* before;  // V of the states themselves, for the change
  T* values_out;
  int32_t* policy;
  T* q_values;
  // Many MDPs in one: each with its own states, columns and γ.
  const int32_t* state_offsets;
  const T* gammas;
  int64_t num_mdps;

  __device__ T q(int64_t row, T own_gamma, double sum) const {
    return math::q_value(rewards ? rewards[row] : T(0), own_gamma, static_cast<T>(sum));
  }
};

// Where the successors of a state lie.
template <class T>
struct Successors {
  const T* values;
  int64_t count;
  T gamma;
};

template <class T>
__device__ Successors<T> successors_of(const Backup<T>& backup, int64_t state) {
  if (!backup.state_offsets) return {backup.values, backup.num_columns, backup.gamma};
  int64_t low = 0, high = backup.num_mdps - 1;  // the last MDP that begins at or before `state`
  while (low < high) {
    const int64_t middle = (low + high + 1) / 2;
    if (backup.state_offsets[middle] <= state)
      low = middle;
    else
      high = middle - 1;
  }
  const int64_t first = backup.state_offsets[low];
  return {backup.values + first, backup.state_offsets[low + 1] - first, backup.gammas[low]};
}

// The best action of the group's state; writes its Q where they are wanted. All lanes of the warp
// must call; state −1: none.
template <class Rows, class T>
__device__ math::GreedyChoice<T> best_action(const Rows& rows, int lanes, const Backup<T>& backup,
                                             int64_t state, const Successors<T>& next) {
  const bool writes = backup.q_values && lane_id() % lanes == 0;
  math::GreedyChoice<T> best;
  for (int64_t a = 0; a < backup.num_actions; ++a) {
    const int64_t row = state < 0 ? -1 : state * backup.num_actions + a;
    const double sum = row_sum(rows, lanes, row, next.values, next.count);
    if (row < 0) continue;
    const T q = backup.q(row, next.gamma, sum);
    const bool allowed = backup.mask(row);
    if (allowed) best.offer(static_cast<int32_t>(a), math::greedy_key(q, backup.minimise));
    if (writes) backup.q_values[row] = allowed ? q : math::masked_q<T>(backup.minimise);
  }
  return best;
}

struct MergeChanges {
  __device__ math::Change<double> operator()(math::Change<double> a,
                                             const math::Change<double>& b) const {
    a.merge(b);
    return a;
  }
};

// One partial per block; `shared` has room for one Change per warp.
__device__ inline void write_partial(const math::Change<double>& change,
                                     math::Change<double>* partials) {
  auto* shared = dynamic_shared<math::Change<double>>();
  const auto total = block_reduce(change, MergeChanges{}, math::Change<double>{}, shared);
  if (threadIdx.x == 0) partials[blockIdx.x] = total;
}

// The state of this lane's group in each round; −1 where there is none left. Every lane of a warp
// makes the same number of rounds.
struct GroupRounds {
  int64_t first, step, own;
  __device__ explicit GroupRounds(int lanes) {
    const int64_t thread = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    const int64_t threads = static_cast<int64_t>(gridDim.x) * blockDim.x;
    first = thread / kWarpSize * (kWarpSize / lanes);
    step = threads / lanes;
    own = lane_id() / lanes;
  }
  __device__ int64_t state(int64_t base, int64_t num_states) const {
    return base + own < num_states ? base + own : -1;
  }
};

constexpr int kBackupThreads = 256;
constexpr size_t kChangeBytes = kBackupThreads / kWarpSize * sizeof(math::Change<double>);

// Lanes that share a row: its mean length, rounded up to a power of two.
inline int lanes_for(int64_t num_entries, int64_t num_rows) {
  int lanes = 1;
  while (lanes < kWarpSize && lanes * num_rows < num_entries) lanes *= 2;
  return lanes;
}

inline LaunchShape group_shape(int64_t num_states, int lanes) {
  return {dim3(blocks_for(num_states * lanes, kBackupThreads)), dim3(kBackupThreads), kChangeBytes};
}
inline LaunchShape element_shape(int64_t count) {
  return {dim3(blocks_for(count, kBackupThreads)), dim3(kBackupThreads)};
}

// Kernels that several ops queue, in rows.cu. For float and double.

// The partials of `count` blocks as one.
cudaError_t combine(const math::Change<double>* partials, int64_t count, math::Change<double>* out,
                    cudaStream_t stream);

// One backup of every state. `change` (with `partials`, one per block) may be null.
template <class T>
cudaError_t sweep(const SparseRows<T>& rows, int lanes, const Backup<T>& backup,
                  math::Change<double>* partials, math::Change<double>* change,
                  cudaStream_t stream);
template <class T>
cudaError_t sweep(const DenseRows<T>& rows, const Backup<T>& backup, cudaStream_t stream);

// Outputs may be null.
template <class T>
cudaError_t store_change(const math::Change<double>* change, T* residual, T* span,
                         cudaStream_t stream);

// Also for int32_t and uint8_t.
template <class V>
cudaError_t store_scalar(V* out, V value, cudaStream_t stream);

// out = in + shift.
template <class From, class To>
cudaError_t shift_values(const From* in, double shift, int64_t count, To* out, cudaStream_t stream);

template <class T>
cudaError_t copy_values(T* to, const T* from, int64_t count, cudaStream_t stream) {
  if (count == 0) return cudaSuccess;
  const size_t bytes = static_cast<size_t>(count) * sizeof(T);
  return copy_on(stream, to, from, bytes, cudaMemcpyDeviceToDevice);
}
template <class T>
cudaError_t clear_values(T* data, int64_t count, cudaStream_t stream) {
  if (count == 0) return cudaSuccess;
  return fill_on(stream, data, 0, static_cast<size_t>(count) * sizeof(T));
}

}  // namespace belfry::cuda
