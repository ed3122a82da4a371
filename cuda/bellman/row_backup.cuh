// Backups whose Q is any function of a row, and the machines of math/row_measures.h run by a group
// of lanes: each lane takes every lanes-th entry of the row, and the parts of a pass are merged by
// shuffles. Groups of a warp go on together until the last is done.
#pragma once

#include "cuda/bellman/model.cuh"
#include "math/lower_tail.h"
#include "math/value_iteration.h"

namespace belfry::cuda {

template <class T>
struct RowBackup {
  math::FlagReader mask;
  int64_t num_states, num_actions;
  bool minimise;
  T* values;
  int32_t* policy;
  T* q_values;
};

template <class T, class Op>
RowBackup<T> row_backup(const Op& op, int64_t num_states, int64_t num_actions,
                        bool minimise = false) {
  return {math::read_flags(op.action_mask, true),
          num_states,
          num_actions,
          minimise,
          wanted(op.values_out),
          wanted(op.policy),
          wanted(op.q_values)};
}

// How many actions a model has whose rows are S·A but whose operands do not show A.
inline int64_t actions_of(int64_t num_rows, int64_t num_states) {
  return num_states > 0 ? num_rows / num_states : 0;
}

__device__ inline bool any_lane(bool flag) { return __any_sync(kFullWarp, flag) != 0; }

struct Merge {
  template <class Pass>
  __device__ Pass operator()(Pass a, const Pass& b) const {
    a.merge(b);
    return a;
  }
};

// All lanes of the warp must call, each with its group's range.
template <class Machine, class OutcomeOf>
__device__ void run_machine(int lanes, Machine& machine, int64_t begin, int64_t end,
                            const OutcomeOf& outcome_of) {
  while (any_lane(!machine.done())) {
    auto pass = machine.begin_pass();
    if (!machine.done()) {
      for (int64_t e = begin + lane_id() % lanes; e < end; e += lanes) {
        machine.add(pass, outcome_of(e));
      }
    }
    pass = lanes_reduce(pass, Merge{}, lanes);
    if (!machine.done()) machine.take(pass);
  }
}

// q_of(lanes, row) is called by all lanes of the warp; row −1: no row.
template <class T, class RowQ>
__global__ void backup_rows(RowQ q_of, RowBackup<T> backup, int lanes) {
  const GroupRounds rounds(lanes);
  const bool writes = lane_id() % lanes == 0;
  for (int64_t base = rounds.first; base < backup.num_states; base += rounds.step) {
    const int64_t state = rounds.state(base, backup.num_states);
    math::GreedyChoice<T> best;
    for (int64_t a = 0; a < backup.num_actions; ++a) {
      const int64_t row = state < 0 ? -1 : state * backup.num_actions + a;
      const bool allowed = row >= 0 && backup.mask(row);
      const double found = q_of(lanes, allowed ? row : -1);
      const T q = allowed ? static_cast<T>(found) : math::masked_q<T>(backup.minimise);
      if (allowed) best.offer(static_cast<int32_t>(a), math::greedy_key(q, backup.minimise));
      if (backup.q_values && writes && row >= 0) backup.q_values[row] = q;
    }
    if (state < 0 || !writes) continue;
    if (backup.values) backup.values[state] = best.value(backup.minimise);
    if (backup.policy) backup.policy[state] = best.action;
  }
}

template <class T, class RowQ>
cudaError_t start_backup(const RowQ& q_of, const RowBackup<T>& backup, int lanes,
                         cudaStream_t stream) {
  return launch(backup_rows<T, RowQ>, group_shape(backup.num_states, lanes), stream, q_of, backup,
                lanes);
}

// The better of two choices, whatever their order.
struct BetterChoice {
  template <class T>
  __device__ math::GreedyChoice<T> operator()(math::GreedyChoice<T> a,
                                              math::GreedyChoice<T> b) const {
    if (a.action < 0) return b;
    if (b.action < 0) return a;
    math::GreedyChoice<T> lower = a.action < b.action ? a : b;
    const math::GreedyChoice<T> higher = a.action < b.action ? b : a;
    lower.offer(higher.action, higher.key);
    return lower;
  }
};

// The same where a row is one number: the lanes of a group share the actions of a state.
template <class T, class RowQ>
__global__ void backup_actions(RowQ q_of, RowBackup<T> backup, int lanes) {
  const GroupRounds rounds(lanes);
  const int lane = lane_id() % lanes;
  for (int64_t base = rounds.first; base < backup.num_states; base += rounds.step) {
    const int64_t state = rounds.state(base, backup.num_states);
    math::GreedyChoice<T> best;
    for (int64_t a = lane; state >= 0 && a < backup.num_actions; a += lanes) {
      const int64_t row = state * backup.num_actions + a;
      const bool allowed = backup.mask(row);
      const T q = allowed ? q_of(row) : math::masked_q<T>(backup.minimise);
      if (allowed) best.offer(static_cast<int32_t>(a), math::greedy_key(q, backup.minimise));
      if (backup.q_values) backup.q_values[row] = q;
    }
    best = lanes_reduce(best, BetterChoice{}, lanes);
    if (state < 0 || lane != 0) continue;
    if (backup.values) backup.values[state] = best.value(backup.minimise);
    if (backup.policy) backup.policy[state] = best.action;
  }
}

template <class T, class RowQ>
cudaError_t start_action_backup(const RowQ& q_of, const RowBackup<T>& backup, cudaStream_t stream) {
  const int lanes = lanes_for(backup.num_states * backup.num_actions, backup.num_states);
  return launch(backup_actions<T, RowQ>, group_shape(backup.num_states, lanes), stream, q_of,
                backup, lanes);
}

// Outcomes r + γ c V of a model with a reward per transition. A column out of range is NaN.
template <class T>
struct TransitionRows {
  SparseRows<T> rows;
  const T* rewards;
  math::FlagReader continues;
  const T* values;
  int64_t num_states;
  double gamma;

  __device__ math::Outcome outcome(int64_t e) const {
    const double p = static_cast<double>(rows.prob[e]);
    const double reward = static_cast<double>(rewards[e]);
    if (!continues(e)) return {p, reward};
    const int64_t to = rows.col[e];
    const bool inside = to >= 0 && to < num_states;
    const double next = inside ? static_cast<double>(values[to]) : math::kNaN<double>;
    return {p, math::q_value(reward, gamma, next)};
  }
};

template <class T, class Op>
TransitionRows<T> transition_rows(const Op& op) {
  return {sparse_rows<T>(op),
          op.transition_rewards.begin(),
          math::read_flags(op.continues, true),
          op.values.begin(),
          op.values.dims[0],
          op.gamma};
}

// Q of a row is a measure of its outcomes.
template <class T, class Machine>
struct MeasuredOutcomes {
  TransitionRows<T> model;
  Machine machine;

  __device__ double operator()(int lanes, int64_t row) const {
    Machine own = machine;
    const int64_t begin = row < 0 ? 0 : model.rows.begin(row);
    const int64_t end = row < 0 ? 0 : model.rows.end(row);
    run_machine(lanes, own, begin, end, [this](int64_t e) { return model.outcome(e); });
    return own.value();
  }
};

// Rows of a model whose next value is a measure of ±V: the smallest of V, or minus that of −V.
template <class T>
struct MeasuredRows {
  SparseRows<T> rows;
  const T *rewards, *values;
  int64_t num_states;
  double gamma, sign;

  __device__ double key(int64_t state) const {
    const bool inside = state >= 0 && state < num_states;
    return inside ? sign * static_cast<double>(values[state]) : math::kNaN<double>;
  }
  __device__ int64_t begin(int64_t row) const { return row < 0 ? 0 : rows.begin(row); }
  __device__ int64_t end(int64_t row) const { return row < 0 ? 0 : rows.end(row); }
  __device__ double q(int64_t row, double measured) const {
    if (row < 0) return 0;
    return math::q_value(static_cast<double>(rewards[row]), gamma, sign * measured);
  }
  template <class Machine>
  __device__ double q_of(int lanes, Machine machine, int64_t row) const {
    run_machine(lanes, machine, begin(row), end(row), [this](int64_t e) {
      return math::Outcome{static_cast<double>(rows.prob[e]), key(rows.col[e])};
    });
    return q(row, machine.value());
  }
};

template <class T, class Op>
MeasuredRows<T> measured_rows(const Op& op, bool best) {
  return {sparse_rows<T>(op), op.rewards.begin(), op.values.begin(),
          op.rewards.dims[0], op.gamma,           best ? -1.0 : 1.0};
}

template <class T, class Machine>
struct MeasuredValues {
  MeasuredRows<T> model;
  Machine machine;

  __device__ double operator()(int lanes, int64_t row) const {
    return model.q_of(lanes, machine, row);
  }
};

}  // namespace belfry::cuda
