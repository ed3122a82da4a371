// policy_evaluation_occupancy: V = (I − γ P_π)⁻¹ r_π, Q = r + γ P V, and the discounted occupancy
// d = (1−γ)(I − γ P_πᵀ)⁻¹ μ_0.
//
// P_π = Σ_a π(a|s) P(·|s,a) is formed once, in float64 whatever the operands are. Below kDenseLimit
// states both systems share one LU factorisation; above, BiCGStab, the occupancy on the transposed
// (pull) form. An action with π = 0 takes no part. With γ = 1 the occupancy is 0, and V is
// certified only where every state reaches the end.
#include <algorithm>
#include <cmath>

#include "cpu/bellman/policy_system.h"
#include "cpu/run.h"
#include "math/value_iteration.h"

namespace belfry::cpu {

namespace {

template <class T>
class Evaluation {
 public:
  Evaluation(const PolicyEvaluationOccupancy<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_actions_(op.rewards.dims[1]),
        limits_{op.tolerance, op.max_iterations} {
    system_ = {policy_rows(), num_states_, op.gamma};
    rewards_ = policy_rewards();
    solver_ = std::make_unique<PolicySystem>(system_, limits_, context_);
  }

  Status run() {
    if (op_.values_after_sweeps) write_sweeps();
    const bool wants_values = op_.values || op_.q_values || op_.adv || op_.converged;
    const bool wants_occupancy = op_.occupancy_s || op_.occupancy_sa;
    bool converged = sums_end();
    if (wants_values) {
      double* values = solve_values(converged);
      if (context_.stopped()) return aborted();
      write_values(values);
    }
    if (wants_occupancy) write_occupancy(solve_occupancy(converged));
    if (op_.converged) op_.converged[0] = converged;
    return finished(context_);
  }

 private:
  // P_π by rows of states.
  SparseRows<double> policy_rows() const {
    auto* row_ptr = context_.scratch<int32_t>(num_states_ + 1);
    row_ptr[0] = 0;
    for (int64_t s = 0; s < num_states_; ++s) {
      row_ptr[s + 1] = row_ptr[s];
      for (int64_t row = s * num_actions_; row < (s + 1) * num_actions_; ++row) {
        if (op_.policy[row] != 0) row_ptr[s + 1] += op_.row_ptr[row + 1] - op_.row_ptr[row];
      }
    }
    auto* col = context_.scratch<int32_t>(row_ptr[num_states_]);
    auto* prob = context_.scratch<double>(row_ptr[num_states_]);
    const StatePieces pieces(op_.row_ptr.begin(), num_states_, num_actions_);
    pieces.run(context_, [&](int64_t begin, int64_t end, int64_t) {
      int64_t to = row_ptr[begin];
      for (int64_t row = begin * num_actions_; row < end * num_actions_; ++row) {
        if (op_.policy[row] == 0) continue;
        for (int64_t e = op_.row_ptr[row]; e < op_.row_ptr[row + 1]; ++e, ++to) {
          col[to] = op_.col[e];
          prob[to] = static_cast<double>(op_.policy[row]) * static_cast<double>(op_.prob[e]);
        }
      }
    });
    // A stopped call leaves rows out: better none than what the memory held.
    if (context_.stopped()) std::fill_n(row_ptr, num_states_ + 1, 0);
    return {row_ptr, col, prob};
  }
  // Whether Σ γⁿ Pⁿ has a limit. Where some row's mass outweighs the discount the equations may
  // have a solution all the same; there is a limit if and only if (I − γ P)⁻¹ 1 > 0.
  bool sums_end() {
    bool outweighs = false;
    for (int64_t s = 0; s < num_states_ && !outweighs; ++s) {
      double mass = 0;
      for (int64_t e = system_.rows.row_ptr[s]; e < system_.rows.row_ptr[s + 1]; ++e)
        mass += system_.rows.prob[e];
      outweighs = op_.gamma * mass > 1 + math::kMassSlack<T>;
    }
    if (!outweighs) return true;
    double* ones = context_.scratch<double>(num_states_);
    double* x = context_.scratch<double>(num_states_);
    std::fill_n(ones, num_states_, 1.0);
    std::fill_n(x, num_states_, 1.0);
    return solver_->solve(ones, x) &&
           std::all_of(x, x + num_states_, [](double steps) { return steps > 0; });
  }
  double* policy_rewards() const {
    auto* rewards = context_.scratch<double>(num_states_);
    for (int64_t s = 0; s < num_states_; ++s) {
      rewards[s] = 0;
      for (int64_t row = s * num_actions_; row < (s + 1) * num_actions_; ++row) {
        rewards[s] += math::policy_term(static_cast<double>(op_.policy[row]),
                                        static_cast<double>(op_.rewards[row]));
      }
    }
    return rewards;
  }

  void write_sweeps() const {
    double* now = context_.scratch<double>(num_states_);
    double* next = context_.scratch<double>(num_states_);
    std::fill_n(now, num_states_, 0.0);
    Backup<double> backup;
    backup.rewards = rewards_;
    backup.num_actions = 1;
    backup.gamma = op_.gamma;
    const StatePieces pieces(system_.rows.row_ptr, num_states_, 1);
    for (int64_t i = 0; i < op_.num_sweeps && !context_.stopped(); ++i) {
      backup.values = now;
      backup.values_out = next;
      sweep(pieces, system_.rows, backup, context_);
      std::swap(now, next);
    }
    write(now, op_.values_after_sweeps.begin());
  }
  void write(const double* from, T* to) const {
    for (int64_t s = 0; s < num_states_; ++s) to[s] = static_cast<T>(from[s]);
  }

  double* solve_values(bool& converged) {
    double* x = context_.scratch<double>(num_states_);
    if (op_.gamma >= 1 &&
        !every_state_ends(system_.rows, num_states_, math::kMassSlack<T>, context_)) {
      // The sums from 0 may have a limit all the same (an absorbing state without reward).
      std::fill_n(x, num_states_, 0.0);
      sweep_until_still(system_, rewards_, x, limits_, context_);
      converged = false;
      return x;
    }
    std::copy_n(rewards_, num_states_, x);
    converged = solver_->solve(rewards_, x) && converged;
    return x;
  }
  double* solve_occupancy(bool& converged) {
    double* d = context_.scratch<double>(num_states_);
    double* start = context_.scratch<double>(num_states_);
    for (int64_t s = 0; s < num_states_; ++s) {
      d[s] = start[s] = (1 - op_.gamma) * static_cast<double>(op_.mu0[s]);
    }
    if (op_.gamma >= 1) return d;
    converged = solver_->solve_transposed(start, d) && converged;
    return d;
  }

  void write_values(const double* values) const {
    T* own = op_.values ? op_.values.begin() : context_.scratch<T>(num_states_);
    write(values, own);
    if (!op_.q_values && !op_.adv) return;
    Backup<T> backup;
    backup.rewards = op_.rewards.begin();
    backup.values = own;
    backup.num_actions = num_actions_;
    backup.gamma = static_cast<T>(op_.gamma);
    backup.q_values = op_.q_values ? op_.q_values.begin() : op_.adv.begin();
    const StatePieces pieces(op_.row_ptr.begin(), num_states_, num_actions_);
    sweep(pieces, sparse_rows(op_), backup, context_);
    if (!op_.adv) return;
    for (int64_t row = 0; row < num_states_ * num_actions_; ++row) {
      op_.adv[row] = backup.q_values[row] - own[row / num_actions_];
    }
  }
  void write_occupancy(const double* d) const {
    if (op_.occupancy_s) write(d, op_.occupancy_s.begin());
    if (!op_.occupancy_sa) return;
    for (int64_t row = 0; row < num_states_ * num_actions_; ++row) {
      op_.occupancy_sa[row] =
          static_cast<T>(d[row / num_actions_] * static_cast<double>(op_.policy[row]));
    }
  }

  const PolicyEvaluationOccupancy<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_actions_;
  const SolveLimits limits_;
  DiscountedSystem system_;
  double* rewards_ = nullptr;
  std::unique_ptr<PolicySystem> solver_;
};

}  // namespace

template <>
Status run(const PolicyEvaluationOccupancy<float>& op, CpuContext& context) {
  return Evaluation<float>(op, context).run();
}
template <>
Status run(const PolicyEvaluationOccupancy<double>& op, CpuContext& context) {
  return Evaluation<double>(op, context).run();
}

}  // namespace belfry::cpu
