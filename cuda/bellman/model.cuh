// Taking a model and a backup out of an op of this family.
#pragma once

#include "cuda/bellman/rows.cuh"
#include "ops/bellman/core.h"

namespace belfry::cuda {

template <class T, class Op>
SparseRows<T> sparse_rows(const Op& op) {
  return {op.row_ptr.begin(), op.col.begin(), op.prob.begin()};
}

template <class T, int R>
T* wanted(const Out<T, R>& output) {
  return output ? output.begin() : nullptr;
}

template <class Op>
int lanes_of(const Op& op) {
  return lanes_for(op.col.dims[0], op.row_ptr.dims[0] - 1);
}

template <class T>
Backup<T> empty_backup(int64_t num_states, int64_t num_actions, double gamma) {
  Backup<T> backup{};
  backup.num_states = backup.num_columns = num_states;
  backup.num_actions = num_actions;
  backup.gamma = static_cast<T>(gamma);
  return backup;
}

// The operands and options that every backup of an optimal value takes, but V and γ.
template <class T, class Op>
Backup<T> optimality_backup(const Op& op, double gamma) {
  const int rank = op.rewards.rank;
  auto backup = empty_backup<T>(op.rewards.dims[rank - 2], op.rewards.dims[rank - 1], gamma);
  backup.rewards = op.rewards.begin();
  backup.mask = math::read_flags(op.action_mask, true);
  backup.minimise = op.mode == Mode::min;
  return backup;
}

}  // namespace belfry::cuda
