// What the kernels of this family share around backup_states: taking a model out of an op, and
// splitting its states into pieces of equal work.
#pragma once

#include <algorithm>

#include "core/check_parts.h"
#include "cpu/bellman/backup_states.h"
#include "cpu/context.h"
#include "ops/bellman/core.h"

namespace belfry::cpu {

template <class Op>
auto sparse_rows(const Op& op) {
  using T = std::remove_const_t<typename decltype(op.prob)::Element>;
  return SparseRows<T>{op.row_ptr.begin(), op.col.begin(), op.prob.begin()};
}

// The columns of an op that reads them once, checked on the way.
class CheckedColumns {
 public:
  CheckedColumns(const In<int32_t, 1>& col, int64_t num_states)
      : col_(col), num_states_(num_states) {}

  template <class T>
  SparseRows<T> watch(SparseRows<T> rows) {
    rows.num_columns = static_cast<int32_t>(num_states_);
    rows.bad_column = &bad_;
    return rows;
  }
  Status finished(const CpuContext& context) const {
    if (bad_ == 0) return context.stopped() ? aborted() : Status{};
    int64_t at = 0;
    while (col_[at] >= 0 && col_[at] < num_states_ && at + 1 < col_.size()) ++at;
    return core::index_mismatch("col", col_[at], " at index " + std::to_string(at), num_states_);
  }

 private:
  In<int32_t, 1> col_;
  int64_t num_states_;
  int32_t bad_ = 0;
};

// The operands and the options that every backup of an optimal value takes.
template <class T, class Op>
Backup<T> optimality_backup(const Op& op) {
  Backup<T> backup;
  backup.rewards = op.rewards.begin();
  backup.mask = math::read_flags(op.action_mask, true);
  backup.num_actions = op.rewards.dims[op.rewards.rank - 1];
  backup.minimise = op.mode == Mode::min;
  return backup;
}

template <class T, int R>
T* wanted(const Out<T, R>& output) {
  return output ? output.begin() : nullptr;
}

// States in pieces of about kWork entries: a partition that depends on the model only.
class StatePieces {
 public:
  // Sparse: by entries, one more for each row and for each state. `entry_cost` is that of an entry
  // relative to a plain backup's.
  StatePieces(const int32_t* row_ptr, int64_t num_states, int64_t num_actions,
              int64_t entry_cost = 1)
      : row_ptr_(row_ptr),
        num_states_(num_states),
        num_actions_(num_actions),
        work_(std::max<int64_t>(1, kWork / std::max<int64_t>(1, entry_cost))) {
    total_ = work_before(num_states);
  }
  // Dense, or any other with `state_work` for each state.
  StatePieces(int64_t num_states, int64_t state_work)
      : num_states_(num_states), num_actions_(std::max<int64_t>(1, state_work)) {
    total_ = work_before(num_states);
  }

  int64_t count() const { return (total_ + work_ - 1) / work_; }

  // body(begin, end, piece) for each piece; a piece may be empty.
  template <class Body>
  void run(CpuContext& context, const Body& body) const {
    context.parallel(total_, work_, [&](int64_t begin, int64_t end, int64_t piece) {
      const int64_t first = state_at(begin), last = end == total_ ? num_states_ : state_at(end);
      if (first < last) body(first, last, piece);
    });
  }

 private:
  static constexpr int64_t kWork = 100'000;

  int64_t work_before(int64_t state) const {
    const int64_t rows = state * num_actions_;
    return row_ptr_ ? row_ptr_[rows] + rows + state : rows;
  }
  // The first state with at least `work` before it.
  int64_t state_at(int64_t work) const {
    int64_t low = 0, high = num_states_;
    while (low < high) {
      const int64_t middle = low + (high - low) / 2;
      if (work_before(middle) < work)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

  const int32_t* row_ptr_ = nullptr;
  int64_t num_states_, num_actions_, total_;
  int64_t work_ = kWork;
};

// One backup of every state; the change of all pieces together.
template <class T, class Rows>
math::Change<double> sweep(const StatePieces& pieces, const Rows& rows, const Backup<T>& backup,
                           math::Change<T>* of_piece, CpuContext& context) {
  std::fill_n(of_piece, pieces.count(), math::Change<T>{});
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t piece) {
    backup_states(rows, backup, begin, end, &of_piece[piece]);
  });
  math::Change<double> change;
  for (int64_t i = 0; i < pieces.count(); ++i) change.merge(of_piece[i]);
  return change;
}

// The same where nobody asks for the change.
template <class T, class Rows>
void sweep(const StatePieces& pieces, const Rows& rows, const Backup<T>& backup,
           CpuContext& context) {
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t) {
    backup_states(rows, backup, begin, end, static_cast<math::Change<T>*>(nullptr));
  });
}

inline Status finished(const CpuContext& context) {
  return context.stopped() ? aborted() : Status{};
}

}  // namespace belfry::cpu
