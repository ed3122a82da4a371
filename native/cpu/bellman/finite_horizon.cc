// finite_horizon, three forms, each a chain of H steps, every step parallel over states.
//
// optimal, dense: V_t = max_a r_t + γ P_t V_{t+1}, backwards from V_H.
// occupancy: d_{t+1}(s') = Σ d_t(s) π_t(a|s) P(s'|s,a), forwards, as row sums of the transposed
// model (row s' lists the pairs (s,a) that lead there), so that no two threads add to one number.
#include "cpu/bellman/model.h"
#include "cpu/bellman/transpose.h"
#include "cpu/run.h"
#include "ops/bellman/core.h"

namespace belfry::cpu {

namespace {

// V_0 … V_H: in the output, or two rows of scratch when it is not wanted.
template <class T>
class ValueRows {
 public:
  ValueRows(const Out<T, 2>& output, const In<T, 1>& terminal, int64_t horizon, int64_t num_states,
            CpuContext& context)
      : rows_(output ? output.begin() : context.scratch<T>(2 * num_states)),
        num_states_(num_states),
        keep_all_(output) {
    if (terminal)
      std::copy_n(terminal.begin(), num_states, (*this)[horizon]);
    else
      std::fill_n((*this)[horizon], num_states, T(0));
  }
  T* operator[](int64_t t) const { return rows_ + (keep_all_ ? t : t & 1) * num_states_; }

 private:
  T* rows_;
  int64_t num_states_;
  bool keep_all_;
};

// rows_of(t) and take_step(t, backup) give the model of step t.
template <class T, class Op, class RowsOf, class TakeStep>
Status backward_induction(const Op& op, Backup<T> backup, int64_t num_states,
                          const StatePieces& pieces, const RowsOf& rows_of,
                          const TakeStep& take_step, CpuContext& context) {
  const ValueRows<T> values(op.values, op.terminal_values, op.horizon, num_states, context);
  const int64_t num_rows = num_states * backup.num_actions;
  backup.gamma = static_cast<T>(op.gamma);
  for (int64_t t = op.horizon - 1; t >= 0; --t) {
    take_step(t, backup);
    backup.values = values[t + 1];
    backup.values_out = values[t];
    if (op.q_values) backup.q_values = op.q_values.begin() + t * num_rows;
    if (op.policy) backup.policy = op.policy.begin() + t * num_states;
    sweep(pieces, rows_of(t), backup, context);
    if (context.stopped()) return aborted();
  }
  return {};
}

template <class T>
Status optimal(const FiniteHorizon<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0];
  const auto backup = optimality_backup<T>(op);
  const StatePieces pieces(op.row_ptr.begin(), num_states, backup.num_actions);
  return backward_induction(
      op, backup, num_states, pieces, [&](int64_t) { return sparse_rows(op); },
      [](int64_t, Backup<T>&) {}, context);
}

template <class T>
Status dense(const FiniteHorizonDense<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards_t.dims[1], num_actions = op.rewards_t.dims[2];
  Backup<T> backup;
  backup.num_actions = num_actions;
  backup.minimise = op.mode == Mode::min;
  const int64_t num_rows = num_states * num_actions;
  const StatePieces pieces(num_states, num_states * num_actions);
  const auto rows_of = [&](int64_t t) {
    return DenseRows<T>{op.prob_t.begin() + t * num_rows * num_states, num_states};
  };
  const math::FlagReader mask = math::read_flags(op.action_mask_t, true);
  const auto take_step = [&](int64_t t, Backup<T>& step) {
    step.rewards = op.rewards_t.begin() + t * num_rows;
    step.mask = mask.from(t * num_rows);
  };
  return backward_induction(op, backup, num_states, pieces, rows_of, take_step, context);
}

// d_t(s) π_t(a|s) of every row.
template <class T>
void weigh_actions(const T* occupancy, const T* policy, int64_t num_states, int64_t num_actions,
                   T* out, CpuContext& context) {
  context.parallel(num_states, chunk_for(num_actions), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin * num_actions; row < end * num_actions; ++row) {
      out[row] = occupancy[row / num_actions] * policy[row];
    }
  });
}

template <class T>
Status occupancy(const FiniteHorizonOccupancy<T>& op, CpuContext& context) {
  const int64_t num_states = op.policy_t.dims[1], num_actions = op.policy_t.dims[2];
  const int64_t num_rows = num_states * num_actions;
  T* d[2] = {context.scratch<T>(num_states), context.scratch<T>(num_states)};
  T* scratch_sa = op.occupancy_t_sa ? nullptr : context.scratch<T>(num_rows);
  const auto incoming = transpose(sparse_rows(op), num_rows, num_states, context);
  const StatePieces pieces(incoming.row_ptr, num_states, 1);
  if (op.horizon > 0) std::copy_n(op.mu0.begin(), num_states, d[0]);
  for (int64_t t = 0; t < op.horizon; ++t) {
    const T* now = d[t & 1];
    if (op.occupancy_t_s) std::copy_n(now, num_states, op.occupancy_t_s.begin() + t * num_states);
    T* d_sa = scratch_sa ? scratch_sa : op.occupancy_t_sa.begin() + t * num_rows;
    weigh_actions(now, op.policy_t.begin() + t * num_rows, num_states, num_actions, d_sa, context);
    if (t + 1 < op.horizon) {
      pieces.run(context, [&](int64_t begin, int64_t end, int64_t) {
        row_sums(incoming, d_sa, begin, end, d[(t + 1) & 1] + begin);
      });
    }
    if (context.stopped()) return aborted();
  }
  return {};
}

}  // namespace

template <>
Status run(const FiniteHorizon<float>& op, CpuContext& context) {
  return optimal(op, context);
}
template <>
Status run(const FiniteHorizon<double>& op, CpuContext& context) {
  return optimal(op, context);
}
template <>
Status run(const FiniteHorizonDense<float>& op, CpuContext& context) {
  return dense(op, context);
}
template <>
Status run(const FiniteHorizonDense<double>& op, CpuContext& context) {
  return dense(op, context);
}
template <>
Status run(const FiniteHorizonOccupancy<float>& op, CpuContext& context) {
  return occupancy(op, context);
}
template <>
Status run(const FiniteHorizonOccupancy<double>& op, CpuContext& context) {
  return occupancy(op, context);
}

}  // namespace belfry::cpu
