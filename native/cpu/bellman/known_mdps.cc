// known_mdps: the optimal answers of small models, solved to rounding.
//
//   γ < 1        Howard's policy iteration with exact solves
//   γ = 1        sweeps from 0 until they change nothing but the last bits
//   horizon H    H sweeps of backward induction
//   average      relative value iteration to the last bits
//
// Transition rewards are folded into expected ones first: r(s,a) = Σ_j p_j r_j; entries that end
// the episode lose their probability.
#include <cmath>
#include <limits>

#include "cpu/bellman/howard.h"
#include "cpu/bellman/relative_values.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/finite_models.h"

namespace belfry::cpu {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kTie = 1e-9;

// As many states as the arrays say; rows may come without any per-state array.
template <class Op>
int64_t states_of(const Op& op, int64_t num_actions) {
  return num_actions > 0 ? (op.row_ptr.dims[0] - 1) / num_actions : 0;
}
template <class T>
int64_t actions_of(const KnownMdps<T>& op) {
  if (op.rewards) return op.rewards.dims[1];
  if (op.action_mask.present) return op.action_mask.dims[1];
  if (op.optimal_actions) return op.optimal_actions.dims[1];
  return op.num_actions;
}

template <class T>
class KnownSolver {
 public:
  KnownSolver(const KnownMdps<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        model_(csr_model(op, states_of(op, actions_of(op)), actions_of(op), context)),
        n_(model_.num_states),
        values_(context.scratch<double>(n_)),
        policy_(context.scratch<int32_t>(n_)),
        q_(context.scratch<double>(model_.num_rows())) {
    fold_rewards();
    fold_endings();
    std::fill_n(values_, n_, 0.0);
  }

  Status run() {
    if (Status s = require_probabilities(model_, context_); !s.ok()) return s;
    Sweeper sweeper(model_, op_.gamma, context_);
    bool converged = true;
    if (op_.horizon.present)
      induct(sweeper, static_cast<int64_t>(op_.horizon.value));
    else
      converged = op_.gamma < 1 ? iterate_policies() : sweep_until_still(sweeper);
    if (context_.stopped()) return aborted();
    write(converged);
    return finished(context_);
  }

 private:
  void fold_rewards() {
    if (!op_.transition_rewards) {
      if (model_.rewards) return;
      auto* zero = context_.scratch<double>(model_.num_rows());
      std::fill_n(zero, model_.num_rows(), 0.0);
      model_.rewards = zero;
      return;
    }
    auto* rewards = context_.scratch<double>(model_.num_rows());
    for (int64_t row = 0; row < model_.num_rows(); ++row) {
      rewards[row] = 0;
      for (int64_t e = model_.rows.row_ptr[row]; e < model_.rows.row_ptr[row + 1]; ++e)
        rewards[row] += model_.rows.prob[e] * static_cast<double>(op_.transition_rewards[e]);
    }
    model_.rewards = rewards;
  }
  void fold_endings() {
    const auto continues = math::read_flags(op_.continues, true);
    if (!continues.given()) return;
    auto* prob = context_.scratch<double>(model_.num_entries());
    for (int64_t e = 0; e < model_.num_entries(); ++e)
      prob[e] = continues(e) ? model_.rows.prob[e] : 0;
    model_.rows.prob = prob;
  }

  // Leaves the Q-values of step 0 in q_, the values of step 0 in values_.
  void induct(Sweeper& sweeper, int64_t horizon) {
    double* later = context_.scratch<double>(n_);
    std::fill_n(later, n_, 0.0);
    for (int64_t t = 0; t < horizon && !context_.stopped(); ++t) {
      std::copy_n(values_, n_, later);
      sweeper(later, values_);
      context_.report(t + 1, horizon, 0);
    }
    sweeper.q_values(later, q_, policy_);
  }
  bool iterate_policies() {
    HowardOptions options;
    options.gamma = op_.gamma;
    options.max_policies = op_.max_iterations;
    greedy_in_rewards(model_, policy_);
    const auto result = howard(model_, options, policy_, values_, context_);
    finish_with_q();
    return result.converged;
  }
  bool sweep_until_still(Sweeper& sweeper) {
    double* next = context_.scratch<double>(n_);
    bool still = false;
    for (int64_t i = 1; i <= op_.max_iterations && !still && !context_.stopped(); ++i) {
      const auto change = sweeper(values_, next);
      std::copy_n(next, n_, values_);
      context_.report(i, op_.max_iterations, change.residual());
      still = change.residual() <= kEpsilon * change.largest;
      if (!std::isfinite(change.residual())) break;
    }
    finish_with_q();
    return still;
  }
  void finish_with_q() { Sweeper(model_, op_.gamma, context_).q_values(values_, q_, policy_); }

  void write(bool converged) const {
    write_output(values_, op_.v_star);
    if (op_.policy) std::copy_n(policy_, n_, op_.policy.begin());
    if (op_.optimal_actions) write_optimal();
    double sum = 0;
    for (int64_t s = 0; s < n_; ++s) sum += values_[s];
    write_scalar(sum, op_.v_star_sum);
    write_scalar(converged, op_.converged);
    const int64_t width = model_.num_actions;
    for (int64_t i = 0; op_.query_states && i < op_.query_states.size(); ++i) {
      const int64_t s = op_.query_states[i];
      if (op_.v_star_at) op_.v_star_at[i] = static_cast<T>(values_[s]);
      for (int64_t a = 0; op_.q_star_at && a < width; ++a)
        op_.q_star_at[i * width + a] = static_cast<T>(q_[s * width + a]);
    }
  }
  void write_optimal() const {
    for (int64_t row = 0; row < model_.num_rows(); ++row) {
      const int32_t best = policy_[row / model_.num_actions];
      const int64_t first = row - row % model_.num_actions;
      op_.optimal_actions[row] =
          best >= 0 && model_.mask(row) && q_[row] >= q_[first + best] - kTie;
    }
  }

  const KnownMdps<T>& op_;
  CpuContext& context_;
  CsrModel model_;
  const int64_t n_;
  double* values_;
  int32_t* policy_;
  double* q_;
};

template <class T>
Status run_average(const KnownMdpsAverage<T>& op, CpuContext& context) {
  const CsrModel model = csr_model(op, context);
  if (Status s = check_recurrent(model, math::kMassSlack<T>); !s.ok()) return s;
  const int64_t n = model.num_states;
  double* bias = context.scratch<double>(n);
  auto* policy = context.scratch<int32_t>(n);
  RelativeOptions options;
  options.ref_state = op.ref_state;
  options.max_iterations = op.max_iterations;
  options.stop_span = 1e-12 * std::fmax(1, inf_norm(model.rewards, model.num_rows()));
  std::fill_n(bias, model.num_states, 0.0);
  Stall stall;
  const auto result = relative_values(model, options, stall, bias, policy, context);
  if (result.stopped) return aborted();
  write_scalar(result.gain(), op.gain);
  write_output(bias, op.bias_rel);
  if (op.policy) std::copy_n(policy, n, op.policy.begin());
  write_scalar(result.converged, op.converged);
  return {};
}

}  // namespace

template <>
Status run(const KnownMdps<float>& op, CpuContext& context) {
  return KnownSolver<float>(op, context).run();
}
template <>
Status run(const KnownMdps<double>& op, CpuContext& context) {
  return KnownSolver<double>(op, context).run();
}
template <>
Status run(const KnownMdpsAverage<float>& op, CpuContext& context) {
  return run_average(op, context);
}
template <>
Status run(const KnownMdpsAverage<double>& op, CpuContext& context) {
  return run_average(op, context);
}

}  // namespace belfry::cpu
