// constrained_mdp_lp: the occupancy linear programme, by its dual.
//
// With one budget the dual is g(λ) + λ b, g(λ) = max_d ⟨d, r − λ c⟩: convex, piecewise linear, one
// piece for each deterministic policy. From the best policy (too costly) and the cheapest one, the
// next λ is where their two lines cross; a model with rewards r − λ c is solved there (Howard's
// iteration, exact), and its policy replaces the end whose side of the budget it is on. When no
// policy lies above the crossing, λ is optimal, and the mixture of the two ends that spends the
// budget is an optimal occupancy. The search ends as there are finitely many policies; each step
// costs one such solve, from the policy before.
#include <cmath>
#include <limits>

#include "cpu/bellman/howard.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "ops/bellman/finite_models.h"

namespace belfry::cpu {

namespace {

template <class T>
class BudgetSearch {
 public:
  BudgetSearch(const ConstrainedMdpLp<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        model_(csr_model(op, context)),
        n_(model_.num_states),
        rewards_(model_.rewards),
        costs_(in_float64(op.cost.begin(), op.cost.size(), context)),
        start_(in_float64(op.mu0.begin(), op.mu0.size(), context)),
        priced_(context.scratch<double>(model_.num_rows())),
        values_(context.scratch<double>(n_)),
        policy_(context.scratch<int32_t>(n_)) {
    for (Corner* corner : {&dear_, &cheap_}) {
      corner->policy = context.scratch<int32_t>(n_);
      corner->occupancy = context.scratch<double>(n_);
    }
    std::fill_n(values_, n_, 0.0);
  }

  Status run() {
    if (Status s = require_probabilities(model_, context_); !s.ok()) return s;
    solve(rewards_, false, dear_);
    write_scalar(dear_.reward, op_.unconstrained_objective);
    if (dear_.cost <= op_.budget) {
      cheap_ = dear_;
      return finish(true, 1);
    }
    solve(costs_, true, cheap_);
    const double slack = 1e-9 * std::fmax(1, std::fabs(op_.budget));
    if (!(cheap_.cost <= op_.budget + slack)) return finish(false, 0);
    search();
    const double spread = dear_.cost - cheap_.cost;
    const double weight = spread > 0 ? (op_.budget - cheap_.cost) / spread : 1;
    return finish(true, std::fmin(1, std::fmax(0, weight)));
  }

 private:
  // A deterministic policy with its normalised reward, cost and state occupancy.
  struct Corner {
    double reward = 0, cost = 0;
    int32_t* policy = nullptr;
    double* occupancy = nullptr;
  };

  // The optimal policy of one reward; its corner is what the occupancy says of it.
  void solve(const double* objective, bool minimise, Corner& corner) {
    const CpuContext::ScratchScope scope(context_);
    CsrModel priced = model_;
    priced.rewards = objective;
    priced.minimise = minimise;
    greedy_in_rewards(priced, policy_);
    HowardOptions options;
    options.gamma = op_.gamma;
    options.improvement = 1e-12;
    const HowardResult result = howard(priced, options, policy_, values_, context_);
    solved_ = solved_ && result.converged;
    std::copy_n(policy_, n_, corner.policy);
    occupy(corner);
  }
  void occupy(Corner& corner) {
    const PolicyModel chain = follow_policy(model_, corner.policy, context_);
    double* entry = context_.scratch<double>(n_);
    for (int64_t s = 0; s < n_; ++s) entry[s] = (1 - op_.gamma) * start_[s];
    std::copy_n(entry, n_, corner.occupancy);
    PolicySystem system({chain.rows, n_, op_.gamma}, {1e-13, 100'000}, context_);
    solved_ = system.solve_transposed(entry, corner.occupancy) && solved_;
    corner.reward = corner.cost = 0;
    for (int64_t s = 0; s < n_; ++s) {
      if (corner.policy[s] < 0) continue;
      const int64_t row = s * model_.num_actions + corner.policy[s];
      // Rounding may leave a hair below zero where nobody goes.
      if (corner.occupancy[s] < 0) corner.occupancy[s] = 0;
      corner.reward += corner.occupancy[s] * rewards_[row];
      corner.cost += corner.occupancy[s] * costs_[row];
    }
  }

  void search() {
    Corner next;
    next.policy = context_.scratch<int32_t>(n_);
    next.occupancy = context_.scratch<double>(n_);
    met_ = false;
    for (int64_t i = 1; i <= op_.max_iterations && !context_.stopped(); ++i) {
      const double spread = dear_.cost - cheap_.cost;
      multiplier_ = spread > 0 ? std::fmax(0, (dear_.reward - cheap_.reward) / spread) : 0;
      for (int64_t row = 0; row < model_.num_rows(); ++row)
        priced_[row] = rewards_[row] - multiplier_ * costs_[row];
      solve(priced_, false, next);
      const double line = dear_.reward - multiplier_ * dear_.cost;
      const double gain = next.reward - multiplier_ * next.cost - line;
      context_.report(i, op_.max_iterations, gain);
      const double scale = 1 + std::fabs(line) + multiplier_ * std::fabs(dear_.cost);
      met_ = gain <= 1e-12 * scale;
      if (met_ || !std::isfinite(gain)) return;
      std::swap(next, next.cost > op_.budget ? dear_ : cheap_);
    }
  }

  Status finish(bool feasible, double weight) {
    if (context_.stopped()) return aborted();
    const double none = std::numeric_limits<double>::quiet_NaN();
    const auto mixed = [&](double dear, double cheap) {
      return feasible ? weight * dear + (1 - weight) * cheap : none;
    };
    write_scalar(mixed(dear_.reward, cheap_.reward), op_.objective);
    write_scalar(mixed(dear_.cost, cheap_.cost), op_.cost_out);
    write_scalar(feasible ? multiplier_ : none, op_.multiplier);
    write_scalar(feasible, op_.feasible);
    write_scalar(solved_ && met_, op_.converged);
    if (op_.occupancy || op_.policy) write_occupancy(feasible, weight);
    return {};
  }
  void write_occupancy(bool feasible, double weight) const {
    const int64_t width = model_.num_actions;
    double* d = context_.scratch<double>(model_.num_rows());
    double fill = feasible ? 0 : std::numeric_limits<double>::quiet_NaN();
    std::fill_n(d, model_.num_rows(), fill);
    for (int64_t s = 0; feasible && s < n_; ++s) {
      if (dear_.policy[s] < 0) continue;
      d[s * width + dear_.policy[s]] += weight * dear_.occupancy[s];
      d[s * width + cheap_.policy[s]] += (1 - weight) * cheap_.occupancy[s];
    }
    write_output(d, op_.occupancy);
    if (!op_.policy) return;
    for (int64_t s = 0; s < n_; ++s) {
      double mass = 0;
      int64_t allowed = 0;
      for (int64_t row = s * width; row < (s + 1) * width; ++row) {
        mass += d[row];
        allowed += model_.mask(row);
      }
      for (int64_t row = s * width; row < (s + 1) * width; ++row) {
        const double uniform = model_.mask(row) ? 1 / static_cast<double>(allowed) : 0;
        op_.policy[row] = static_cast<T>(mass <= 1e-15 ? uniform : d[row] / mass);
      }
    }
  }

  const ConstrainedMdpLp<T>& op_;
  CpuContext& context_;
  const CsrModel model_;
  const int64_t n_;
  const double *rewards_, *costs_, *start_;
  double *priced_, *values_;
  int32_t* policy_;
  Corner dear_, cheap_;
  double multiplier_ = 0;
  bool solved_ = true, met_ = true;
};

}  // namespace

template <>
Status run(const ConstrainedMdpLp<float>& op, CpuContext& context) {
  return BudgetSearch<float>(op, context).run();
}
template <>
Status run(const ConstrainedMdpLp<double>& op, CpuContext& context) {
  return BudgetSearch<double>(op, context).run();
}

}  // namespace belfry::cpu
