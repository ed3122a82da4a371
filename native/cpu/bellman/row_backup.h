// Backups whose Q is any function of a row: V'(s) = max_a q_of(s·A + a), over pieces of states of
// equal work. Rows that are not allowed are not computed.
#pragma once

#include "cpu/bellman/model.h"
#include "cpu/bellman/row_kernels.h"
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

// The best of the actions [0, count) of a state, all allowed and none NaN: without a branch.
template <bool kMinimise, class T>
math::GreedyChoice<T> best_of(const T* q, int64_t count) {
  if (count == 0) return {};
  math::GreedyChoice<T> best{math::greedy_key(q[0], kMinimise), 0};
  for (int64_t a = 1; a < count; ++a) {
    const T key = math::greedy_key(q[a], kMinimise);
    const bool better = key > best.key;
    best.key = better ? key : best.key;
    best.action = better ? static_cast<int32_t>(a) : best.action;
  }
  return best;
}

constexpr int64_t kRowsPerBlock = 256;

// Backs up states [first, first + count), no more than kRowsPerBlock rows, whose Q are in q.
template <class T>
void choose_block(const RowBackup<T>& backup, int64_t first, int64_t count, const T* q) {
  const int64_t num_actions = backup.num_actions;
  bool plain = !backup.mask.given();
  for (int64_t i = 0; i < count * num_actions; ++i) plain &= q[i] == q[i];
  for (int64_t i = 0; i < count; ++i) {
    const T* own = q + i * num_actions;
    if (!plain) {
      const int64_t row = (first + i) * num_actions;
      backup_state(backup, first + i, [&](int64_t r) { return own[r - row]; });
      continue;
    }
    const auto best =
        backup.minimise ? best_of<true>(own, num_actions) : best_of<false>(own, num_actions);
    if (backup.values) backup.values[first + i] = best.value(backup.minimise);
    if (backup.policy) backup.policy[first + i] = best.action;
  }
  if (!plain || !backup.q_values) return;
  std::copy_n(q, count * num_actions, backup.q_values + first * num_actions);
}

// backup_rows for rows that are quickest done in blocks: fill_q(row, count, q) writes Q of the rows
// [row, row + count), allowed or not.
template <class T, class FillQ>
void backup_blocks(const StatePieces& pieces, const RowBackup<T>& backup, const FillQ& fill_q,
                   CpuContext& context) {
  const int64_t num_actions = backup.num_actions;
  if (num_actions > kRowsPerBlock) {
    const auto q_of = [&](int64_t row) {
      T q;
      fill_q(row, 1, &q);
      return q;
    };
    return backup_rows(pieces, backup, q_of, context);
  }
  const int64_t step = kRowsPerBlock / std::max<int64_t>(1, num_actions);
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t) {
    T q[kRowsPerBlock];
    for (int64_t s = begin; s < end; s += step) {
      const int64_t count = std::min(step, end - s);
      fill_q(s * num_actions, count * num_actions, q);
      choose_block(backup, s, count, q);
    }
  });
}

// How many actions a model has whose rows are S·A but whose operands do not show A.
inline int64_t actions_of(int64_t num_rows, int64_t num_states) {
  return num_states > 0 ? num_rows / num_states : 0;
}

// Runs a machine of math/row_measures.h over entries [begin, end) until it is done.
template <class Machine, class OutcomeOf>
void run_passes(Machine& machine, int64_t begin, int64_t end, const OutcomeOf& outcome_of) {
  while (!machine.done()) {
    auto pass = machine.begin_pass();
    for (int64_t e = begin; e < end; ++e) machine.add(pass, outcome_of(e));
    machine.take(pass);
  }
}

// The first pass, which keeps what it reads if it fits into `row`.
template <class Machine, class OutcomeOf>
void run_first_pass(Machine& machine, int64_t begin, int64_t end, const OutcomeOf& outcome_of,
                    ShortRow& row) {
  const bool fits = end - begin <= kShortRow;
  auto pass = machine.begin_pass();
  for (int64_t e = begin; e < end; ++e) {
    const math::Outcome o = outcome_of(e);
    machine.add(pass, o);
    if (fits) row.push(o);
  }
  machine.take(pass);
}

template <class Machine, class OutcomeOf>
void run_tail(Machine& machine, int64_t begin, int64_t end, const OutcomeOf& outcome_of) {
  if (end - begin >= kShortRow) return run_passes(machine, begin, end, outcome_of);
  ShortRow row;
  double taken[kShortRow];
  run_first_pass(machine, begin, end, outcome_of, row);
  if (machine.done()) return;
  if (machine.missing() > 0) row.push({machine.missing(), 0.0});
  machine.take_tail(lower_tail(row, machine.target(), taken));
}

template <class Machine, class OutcomeOf>
void run_tilt(Machine& machine, int64_t begin, int64_t end, const OutcomeOf& outcome_of) {
  ShortRow row;
  run_first_pass(machine, begin, end, outcome_of, row);
  while (!machine.done()) {
    auto pass = machine.begin_pass();
    if (end - begin <= kShortRow) {
      add_tilted(row, machine.tilt(), machine.origin(), pass);
    } else {
      for (int64_t first = begin; first < end; first += kShortRow) {
        row.count = 0;
        for (int64_t e = first; e < std::min(end, first + kShortRow); ++e) row.push(outcome_of(e));
        add_tilted(row, machine.tilt(), machine.origin(), pass);
      }
    }
    machine.take(pass);
  }
}

// In vector form where the machine allows.
template <class Machine, class OutcomeOf>
void run_machine(Machine& machine, int64_t begin, int64_t end, const OutcomeOf& outcome_of) {
  if constexpr (requires { machine.tilt(); })
    run_tilt(machine, begin, end, outcome_of);
  else if constexpr (requires { machine.missing(); })
    run_tail(machine, begin, end, outcome_of);
  else
    run_passes(machine, begin, end, outcome_of);
}

// Outcomes r + γ c V of a model with a reward per transition.
template <class T>
struct TransitionRows : OutcomeRows<T> {
  double outcome(int64_t e) const {
    const double reward = static_cast<double>(this->rewards[e]);
    if (!this->continues(e)) return reward;
    return math::q_value(reward, this->gamma, static_cast<double>(this->values[this->col[e]]));
  }
  template <class Machine>
  double measure(Machine machine, int64_t row) const {
    run_machine(machine, this->row_ptr[row], this->row_ptr[row + 1], [&](int64_t e) {
      return math::Outcome{static_cast<double>(this->prob[e]), outcome(e)};
    });
    return machine.value();
  }
};

template <class T, class Op>
TransitionRows<T> transition_rows(const Op& op) {
  return {{op.row_ptr.begin(), op.col.begin(), op.prob.begin(), op.transition_rewards.begin(),
           math::read_flags(op.continues, true), op.values.begin(), op.gamma}};
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
