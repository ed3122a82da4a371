// empirical_mdp: counts and mean rewards of transitions, the maximum-likelihood model they imply
// (Kearns and Singh (2002); optimistic: Brafman and Tennenholtz (2002)), and its optimal values by
// value iteration in float64 until the bounds of Puterman (1994), section 6.6.2, meet the
// tolerance.
//
// Transitions are sorted by pair and successor (N log N compares), so that equal ones become one
// entry of the sparse model; sums go in the order of the data.
#include <cmath>

#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
class EmpiricalModel {
 public:
  EmpiricalModel(const EmpiricalMdp<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.num_states),
        num_actions_(op.num_actions),
        num_rows_(op.num_states * op.num_actions),
        ended_(math::read_flags(op.terminated, false)),
        count_(context.scratch<double>(num_rows_)),
        rewards_(context.scratch<double>(num_rows_)),
        tried_(context.scratch<uint8_t>(num_rows_)) {
    add_up();
    build_rows();
  }

  Status run() {
    write_model();
    const bool wants_values =
        op_.values || op_.q_values || op_.policy || op_.iterations || op_.converged;
    if (wants_values && !solve()) return aborted();
    return finished(context_);
  }

 private:
  int64_t size() const { return op_.states.dims[0]; }
  int64_t row_of(int64_t i) const {
    return op_.states[i] * num_actions_ + static_cast<int64_t>(op_.actions[i]);
  }
  bool stays(int64_t row) const { return count_[row] == 0 && op_.untried != Untried::exclude; }

  void add_up() {
    std::fill_n(count_, num_rows_, 0.0);
    std::fill_n(rewards_, num_rows_, 0.0);
    double best = size() > 0 ? -math::kInfinity<double> : 0;
    for (int64_t i = 0; i < size(); ++i) {
      const double reward = static_cast<double>(op_.rewards[i]);
      count_[row_of(i)] += 1;
      rewards_[row_of(i)] += reward;
      best = reward > best || reward != reward ? reward : best;
    }
    if (op_.r_max.present) best = op_.r_max.value;
    for (int64_t row = 0; row < num_rows_; ++row) {
      tried_[row] = count_[row] > 0 || op_.untried != Untried::exclude;
      if (count_[row] > 0)
        rewards_[row] /= count_[row];
      else if (op_.untried == Untried::optimistic)
        rewards_[row] = best;
    }
  }

  // Transitions that go on, by row and successor.
  int32_t* sorted(int64_t* num_kept) const {
    auto* order = context_.scratch<int32_t>(size());
    int64_t kept = 0;
    for (int64_t i = 0; i < size(); ++i) {
      if (!ended_(i)) order[kept++] = static_cast<int32_t>(i);
    }
    std::sort(order, order + kept, [this](int32_t a, int32_t b) {
      const int64_t row_a = row_of(a), row_b = row_of(b);
      return row_a != row_b ? row_a < row_b : op_.next_states[a] < op_.next_states[b];
    });
    *num_kept = kept;
    return order;
  }
  void build_rows() {
    int64_t num_kept = 0;
    const int32_t* order = sorted(&num_kept);
    auto* row_ptr = context_.scratch<int32_t>(num_rows_ + 1);
    auto* col = context_.scratch<int32_t>(num_kept + num_rows_);
    auto* prob = context_.scratch<double>(num_kept + num_rows_);
    int64_t at = 0, end = 0;
    for (int64_t row = 0; row < num_rows_; ++row) {
      row_ptr[row] = static_cast<int32_t>(end);
      if (stays(row)) {
        col[end] = static_cast<int32_t>(row / num_actions_);
        prob[end++] = 1;
      }
      for (; at < num_kept && row_of(order[at]) == row; ++at) {
        const int32_t next = op_.next_states[order[at]];
        if (end == row_ptr[row] || col[end - 1] != next) {
          col[end] = next;
          prob[end++] = 0;
        }
        prob[end - 1] += 1;
      }
      for (int64_t e = row_ptr[row]; e < end && count_[row] > 0; ++e) prob[e] /= count_[row];
    }
    row_ptr[num_rows_] = static_cast<int32_t>(end);
    rows_ = {row_ptr, col, prob};
  }

  void write_model() const {
    for (int64_t row = 0; row < num_rows_; ++row) {
      if (op_.count) op_.count[row] = static_cast<T>(count_[row]);
      if (op_.rewards_out) op_.rewards_out[row] = static_cast<T>(rewards_[row]);
    }
    write_sparse();
    if (!op_.prob_dense) return;
    std::fill_n(op_.prob_dense.begin(), op_.prob_dense.size(), T(0));
    for (int64_t row = 0; row < num_rows_; ++row) {
      for (int64_t e = rows_.row_ptr[row]; e < rows_.row_ptr[row + 1]; ++e) {
        op_.prob_dense[row * num_states_ + rows_.col[e]] = static_cast<T>(rows_.prob[e]);
      }
    }
  }

  void write_sparse() const {
    const int64_t num_entries = rows_.row_ptr[num_rows_];
    if (op_.row_ptr) std::copy_n(rows_.row_ptr, num_rows_ + 1, op_.row_ptr.begin());
    if (op_.col) {
      std::copy_n(rows_.col, num_entries, op_.col.begin());
      op_.col.set_rows(num_entries);
    }
    if (op_.prob) {
      for (int64_t e = 0; e < num_entries; ++e) op_.prob[e] = static_cast<T>(rows_.prob[e]);
      op_.prob.set_rows(num_entries);
    }
  }

  bool solve() {
    double* now = context_.scratch<double>(num_states_);
    double* next = context_.scratch<double>(num_states_);
    const StatePieces pieces(rows_.row_ptr, num_states_, num_actions_);
    auto* of_piece = context_.scratch<math::Change<double>>(pieces.count());
    std::fill_n(now, num_states_, 0.0);
    Backup<double> backup;
    backup.rewards = rewards_;
    backup.mask.bytes = tried_;
    backup.num_actions = num_actions_;
    backup.gamma = op_.gamma;
    math::StopTest test({op_.gamma, true}, true, op_.tolerance,
                        std::numeric_limits<double>::epsilon());
    auto verdict = math::Verdict::go_on;
    math::Change<double> change;
    int64_t iterations = 0;
    while (verdict == math::Verdict::go_on && iterations < op_.max_iterations) {
      backup.values = backup.before = now;
      backup.values_out = next;
      change = sweep(pieces, rows_, backup, of_piece, context_);
      if (context_.stopped()) return false;
      std::swap(now, next);
      context_.report(++iterations, op_.max_iterations, change.residual());
      verdict = test.judge(change);
    }
    write_solution(pieces, backup, now, test.bounds(change).middle());
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(iterations);
    if (op_.converged) op_.converged[0] = verdict == math::Verdict::converged;
    return true;
  }
  // The middle of the bounds; a state that nothing was tried in keeps 0.
  void write_solution(const StatePieces& pieces, Backup<double> backup, double* values,
                      double shift) const {
    for (int64_t s = 0; s < num_states_; ++s) {
      const uint8_t* own = tried_ + s * num_actions_;
      const bool any = std::any_of(own, own + num_actions_, [](uint8_t t) { return t != 0; });
      if (any) values[s] += shift;
      if (op_.values) op_.values[s] = static_cast<T>(values[s]);
    }
    if (!op_.q_values && !op_.policy) return;
    double* q = context_.scratch<double>(num_rows_);
    backup.values = values;
    backup.values_out = nullptr;
    backup.q_values = q;
    backup.policy = wanted(op_.policy);
    sweep(pieces, rows_, backup, context_);
    if (!op_.q_values) return;
    for (int64_t row = 0; row < num_rows_; ++row) {
      op_.q_values[row] = tried_[row] ? static_cast<T>(q[row]) : T(0);
    }
  }

  const EmpiricalMdp<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_actions_, num_rows_;
  const math::FlagReader ended_;
  double *count_, *rewards_;
  uint8_t* tried_;
  SparseRows<double> rows_;
};

template <class T>
Status empirical_mdp(const EmpiricalMdp<T>& op, CpuContext& context) {
  if (op.num_states * op.num_actions + op.states.dims[0] > std::numeric_limits<int32_t>::max()) {
    return Status::error(Code::bad_value, "numStates", "more pairs than 32 bits can number");
  }
  return EmpiricalModel<T>(op, context).run();
}

}  // namespace

template <>
Status run(const EmpiricalMdp<float>& op, CpuContext& context) {
  return empirical_mdp(op, context);
}
template <>
Status run(const EmpiricalMdp<double>& op, CpuContext& context) {
  return empirical_mdp(op, context);
}

}  // namespace belfry::cpu
