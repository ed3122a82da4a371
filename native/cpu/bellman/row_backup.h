// Backups whose Q is any function of a row: V'(s) = max_a q_of(s·A + a), over pieces of states of
// equal work. Rows that are not allowed are not computed.
#pragma once

#include "cpu/bellman/model.h"
#include "math/lower_tail.h"
#include "math/value_iteration.h"

namespace belfry::cpu {

template <class T>
struct RowBackup {
  math::FlagReader mask;
  int64_t num_actions = 0;
  bool minimise = false;
  T* values = nullptr;
  int32_t* policy = nullptr;
  T* q_values = nullptr;
};

template <class T, class Op>
RowBackup<T> row_backup(const Op& op, int64_t num_actions, bool minimise = false) {
  return {math::read_flags(op.action_mask, true),
          num_actions,
          minimise,
          wanted(op.values_out),
          wanted(op.policy),
          wanted(op.q_values)};
}

template <class T, class RowQ>
void backup_state(const RowBackup<T>& backup, int64_t state, const RowQ& q_of) {
  math::GreedyChoice<T> best;
  const int64_t first = state * backup.num_actions;
  for (int64_t a = 0; a < backup.num_actions; ++a) {
    const bool allowed = backup.mask(first + a);
    const T q = allowed ? static_cast<T>(q_of(first + a)) : math::masked_q<T>(backup.minimise);
    if (backup.q_values) backup.q_values[first + a] = q;
    if (allowed) best.offer(static_cast<int32_t>(a), math::greedy_key(q, backup.minimise));
  }
  if (backup.values) backup.values[state] = best.value(backup.minimise);
  if (backup.policy) backup.policy[state] = best.action;
}

template <class T, class RowQ>
void backup_rows(const StatePieces& pieces, const RowBackup<T>& backup, const RowQ& q_of,
                 CpuContext& context) {
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t s = begin; s < end; ++s) backup_state(backup, s, q_of);
  });
}

// How many actions a model has whose rows are S·A but whose operands do not show A.
inline int64_t actions_of(int64_t num_rows, int64_t num_states) {
  return num_states > 0 ? num_rows / num_states : 0;
}

// Runs a machine of math/row_measures.h over entries [begin, end) until it is done.
template <class Machine, class OutcomeOf>
void run_machine(Machine& machine, int64_t begin, int64_t end, const OutcomeOf& outcome_of) {
  while (!machine.done()) {
    auto pass = machine.begin_pass();
    for (int64_t e = begin; e < end; ++e) machine.add(pass, outcome_of(e));
    machine.take(pass);
  }
}

// Outcomes r + γ c V of a model with a reward per transition.
template <class T>
struct TransitionRows {
  const int32_t *row_ptr, *col;
  const T *prob, *rewards;
  math::FlagReader continues;
  const T* values;
  double gamma;

  double outcome(int64_t e) const {
    const double reward = static_cast<double>(rewards[e]);
    return continues(e) ? math::q_value(reward, gamma, static_cast<double>(values[col[e]]))
                        : reward;
  }
  template <class Machine>
  double measure(Machine machine, int64_t row) const {
    run_machine(machine, row_ptr[row], row_ptr[row + 1], [&](int64_t e) {
      return math::Outcome{static_cast<double>(prob[e]), outcome(e)};
    });
    return machine.value();
  }
};

template <class T, class Op>
TransitionRows<T> transition_rows(const Op& op) {
  return {op.row_ptr.begin(),
          op.col.begin(),
          op.prob.begin(),
          op.transition_rewards.begin(),
          math::read_flags(op.continues, true),
          op.values.begin(),
          op.gamma};
}

// Rows of a model whose next value is a measure of ±V: the smallest of V, or minus that of −V.
template <class T>
struct MeasuredRows {
  SparseRows<T> rows;
  const T *rewards, *values;
  double gamma, sign;

  double key(int64_t state) const { return sign * static_cast<double>(values[state]); }
  double q(int64_t row, double measured) const {
    return math::q_value(static_cast<double>(rewards[row]), gamma, sign * measured);
  }
  template <class Machine>
  double q_of(Machine machine, int64_t row) const {
    run_machine(machine, rows.row_ptr[row], rows.row_ptr[row + 1], [&](int64_t e) {
      return math::Outcome{static_cast<double>(rows.prob[e]), key(rows.col[e])};
    });
    return q(row, machine.value());
  }
};

template <class T, class Op>
MeasuredRows<T> measured_rows(const Op& op, bool best) {
  return {sparse_rows(op), op.rewards.begin(), op.values.begin(), op.gamma, best ? -1.0 : 1.0};
}

}  // namespace belfry::cpu
