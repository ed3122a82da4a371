// A sparse model as the solvers of the host see it: float64 whatever the operands are, so that a
// solver is compiled once and what it claims does not depend on the type of the call.
#pragma once

#include <type_traits>

#include "cpu/bellman/model.h"
#include "math/value_iteration.h"

namespace belfry::cpu {

struct CsrModel {
  SparseRows<double> rows;
  const double* rewards = nullptr;
  math::FlagReader mask;
  int64_t num_states = 0, num_actions = 0;
  bool minimise = false;

  int64_t num_rows() const { return num_states * num_actions; }
  int64_t num_entries() const { return num_rows() > 0 ? rows.row_ptr[num_rows()] : 0; }
  StatePieces pieces() const { return StatePieces(rows.row_ptr, num_states, num_actions); }
  Backup<double> backup(double gamma) const {
    Backup<double> backup;
    backup.rewards = rewards;
    backup.mask = mask;
    backup.num_actions = num_actions;
    backup.gamma = gamma;
    backup.minimise = minimise;
    return backup;
  }
};

// The array itself where it is float64 already.
template <class T>
const double* in_float64(const T* data, int64_t count, CpuContext& context) {
  if constexpr (std::is_same_v<T, double>) {
    return data;
  } else {
    auto* wide = context.scratch<double>(count);
    std::copy_n(data, count, wide);
    return wide;
  }
}

// Probabilities in float64. Thirds rounded to float32 add up to more than one, which without a
// discount grows for ever: rows of mass one but for the rounding of T get mass one.
template <class T>
const double* probabilities(const int32_t* row_ptr, int64_t num_rows, const T* prob, int64_t count,
                            CpuContext& context) {
  const double* wide = in_float64(prob, count, context);
  if constexpr (!std::is_same_v<T, double>) {
    auto* own = const_cast<double*>(wide);
    for (int64_t row = 0; row < num_rows; ++row) {
      double mass = 0;
      for (int64_t e = row_ptr[row]; e < row_ptr[row + 1]; ++e) mass += own[e];
      if (!(mass >= 1 - math::kMassSlack<T> && mass <= 1 + math::kMassSlack<T>)) continue;
      for (int64_t e = row_ptr[row]; e < row_ptr[row + 1]; ++e) own[e] /= mass;
    }
  }
  return wide;
}

template <class Op>
CsrModel csr_model(const Op& op, int64_t num_states, int64_t num_actions, CpuContext& context) {
  CsrModel model;
  model.num_states = num_states;
  model.num_actions = num_actions;
  model.rows = {op.row_ptr.begin(), op.col.begin(),
                probabilities(op.row_ptr.begin(), model.num_rows(), op.prob.begin(), op.prob.size(),
                              context)};
  if (op.rewards) model.rewards = in_float64(op.rewards.begin(), op.rewards.size(), context);
  model.mask = math::read_flags(op.action_mask, true);
  return model;
}
template <class Op>
CsrModel csr_model(const Op& op, CpuContext& context) {
  return csr_model(op, op.rewards.dims[0], op.rewards.dims[1], context);
}

template <class T, int R>
void write_output(const double* from, const Out<T, R>& output) {
  if (!output) return;
  for (int64_t i = 0; i < output.size(); ++i) output[i] = static_cast<T>(from[i]);
}
template <class T, class U>
void write_scalar(U value, const Out<T, 0>& output) {
  if (output) output[0] = static_cast<T>(value);
}

// Sweeps over one model, V' from V, with what the call allocates once.
class Sweeper {
 public:
  Sweeper(const CsrModel& model, double gamma, CpuContext& context)
      : model_(model),
        context_(context),
        pieces_(model.pieces()),
        backup_(model.backup(gamma)),
        of_piece_(context.scratch<math::Change<double>>(pieces_.count())) {}

  math::Change<double> operator()(const double* now, double* next, int32_t* policy = nullptr) {
    Backup<double> backup = backup_;
    backup.values = backup.before = now;
    backup.values_out = next;
    backup.policy = policy;
    return sweep(pieces_, model_.rows, backup, of_piece_, context_);
  }
  // Q of every row, and the greedy policy where it is wanted.
  void q_values(const double* values, double* q, int32_t* policy = nullptr) {
    Backup<double> backup = backup_;
    backup.values = values;
    backup.q_values = q;
    backup.policy = policy;
    sweep(pieces_, model_.rows, backup, context_);
  }

 private:
  const CsrModel& model_;
  CpuContext& context_;
  const StatePieces pieces_;
  const Backup<double> backup_;
  math::Change<double>* of_piece_;
};

inline double inf_norm(const double* x, int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double size = x[i] < 0 ? -x[i] : x[i];
    if (size > largest) largest = size;
  }
  return largest;
}

}  // namespace belfry::cpu
