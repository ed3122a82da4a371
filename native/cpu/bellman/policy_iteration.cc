// policy_iteration: Howard's, modified and inexact policy iteration.
//
//   howard    V = (I − γ P_π)⁻¹ r_π, then π greedy; a dense solve below kDenseLimit states,
//   BiCGStab
//             above. Ends when no action is better, which for finite models it does.
//   modified  V <- T V (π greedy), then m sweeps of T_π (Puterman and Shin 1978).
//   inexact   π greedy, then a Krylov method on (I − γ P_π) x = r_π from V, until the 2-norm of its
//             residual is forcing·‖T V − V‖∞ (Gargiani et al., arXiv 2404.06136). The norms differ;
//             the 2-norm is the larger, so the comparison errs on the safe side.
//
// Computed in float64 whatever the operands are. Cost: 2N per greedy backup, 2N/A per product with
// P_π.
#include <cmath>
#include <limits>

#include "cpu/bellman/discounting.h"
#include "cpu/bellman/howard.h"
#include "cpu/bellman/policy_evaluators.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/policies.h"

namespace belfry::cpu {

namespace {

template <class Op>
CsrModel model_of(const Op& op, CpuContext& context) {
  CsrModel model = csr_model(op, context);
  model.minimise = op.mode == Mode::min;
  return model;
}

void copy_policy(const int32_t* policy, int64_t n, const Out<int32_t, 1>& output) {
  if (output) std::copy_n(policy, n, output.begin());
}

// The policy a call starts from, where its action is allowed; greedy in the rewards elsewhere.
template <class T>
int32_t* first_policy(const PolicyIteration<T>& op, const CsrModel& model, CpuContext& context) {
  auto* policy = context.scratch<int32_t>(model.num_states);
  greedy_in_rewards(model, policy);
  if (!op.initial_policy) return policy;
  for (int64_t s = 0; s < model.num_states; ++s) {
    if (model.mask(s * model.num_actions + op.initial_policy[s])) policy[s] = op.initial_policy[s];
  }
  return policy;
}

template <class T>
Status run_howard(const PolicyIteration<T>& op, CpuContext& context) {
  const CsrModel model = model_of(op, context);
  if (Status s = require_probabilities(model, context); !s.ok()) return s;
  const int64_t n = model.num_states;
  int32_t* policy = first_policy(op, model, context);
  double* values = context.scratch<double>(n);
  std::fill_n(values, n, 0.0);
  if (op.initial_values) std::copy_n(op.initial_values.begin(), n, values);
  HowardOptions options;
  options.gamma = op.gamma;
  options.max_policies = op.max_iterations;
  options.mass_slack = math::kMassSlack<T>;
  options.next_policy = context.scratch<int32_t>(n);
  int64_t rows = 0;
  options.on_policy = [&](const int32_t* evaluated) {
    if (op.policies) std::copy_n(evaluated, n, op.policies.begin() + rows++ * n);
  };
  const HowardResult result = howard(model, options, policy, values, context);
  if (result.stopped) return aborted();
  if (op.policies) op.policies.set_rows(rows);
  write_output(values, op.values);
  copy_policy(policy, n, op.policy);
  copy_policy(options.next_policy, n, op.next_policy);
  write_scalar(result.policies, op.num_iterations);
  write_scalar(result.converged, op.converged);
  return {};
}

// V, the vector it is overwritten from, and the greedy policy of the two iterations below.
template <class Op>
struct Iterate {
  Iterate(const Op& op, double fill, const CsrModel& model, CpuContext& context)
      : n(model.num_states),
        now(context.scratch<double>(n)),
        next(context.scratch<double>(n)),
        policy(context.scratch<int32_t>(n)) {
    std::fill_n(now, n, fill);
    std::fill_n(policy, n, -1);
    if (op.initial_values) std::copy_n(op.initial_values.begin(), n, now);
  }
  int64_t n;
  double *now, *next;
  int32_t* policy;
};

template <class T>
Status run_modified(const ModifiedPolicyIteration<T>& op, CpuContext& context) {
  const CsrModel model = model_of(op, context);
  if (Status s = require_probabilities(model, context); !s.ok()) return s;
  const int64_t n = model.num_states;
  Iterate it(op, 0, model, context);
  Sweeper sweeper(model, op.gamma, context);
  const auto discount = discounting_of(model, op.gamma, math::kMassSlack<T>, context);
  const math::StopTest test(discount, true, op.tolerance, std::numeric_limits<double>::epsilon());
  math::Change<double> change;
  bool converged = false;
  int64_t outer = 0;
  while (outer < op.num_outer && !converged) {
    const CpuContext::ScratchScope scope(context);
    change = sweeper(it.now, it.next, it.policy);
    if (context.stopped()) return aborted();
    std::swap(it.now, it.next);
    context.report(++outer, op.num_outer, change.residual());
    const auto bounds = test.bounds(change);
    converged = op.tolerance > 0 && bounds.half_width() + test.rounding(change) <= op.tolerance;
    if (converged) {
      for_each_element(n, context, [&](int64_t s) {
        if (it.policy[s] >= 0) it.now[s] += bounds.middle();
      });
    } else if (op.eval_sweeps > 0) {
      const PolicyModel chain = follow_policy(model, it.policy, context);
      evaluate_inexactly(Evaluator::mpi, {chain.rows, n, op.gamma}, chain.rewards, it.now,
                         {0, op.eval_sweeps, 1}, context);
    }
    if (change.nan) break;
  }
  if (context.stopped()) return aborted();
  write_output(it.now, op.values);
  copy_policy(it.policy, n, op.policy);
  write_scalar(outer, op.num_iterations);
  write_scalar(change.residual(), op.residual_inf);
  write_scalar(converged, op.converged);
  return {};
}

Evaluator evaluator_of(EvaluationMethod method) {
  switch (method) {
    case EvaluationMethod::vi: return Evaluator::vi;
    case EvaluationMethod::mpi: return Evaluator::mpi;
    case EvaluationMethod::gmres: return Evaluator::gmres;
    case EvaluationMethod::bicgstab: return Evaluator::bicgstab;
    case EvaluationMethod::tfqmr: return Evaluator::tfqmr;
  }
  return Evaluator::gmres;
}

// Whether the Bellman residual still comes down. Near the rounding of the values a best one that
// stands for kPatience policies is final; far from it the residual may stay for long, while better
// policies spread from state to state.
class Progress {
 public:
  template <class T>
  explicit Progress(const In<T, 1>& state) {
    if (!state) return;
    best_ = static_cast<double>(state[0]);
    idle_ = static_cast<int>(std::fmin(std::fmax(static_cast<double>(state[1]), 0), kPatience));
  }
  template <class T>
  void write(const Out<T, 1>& state) const {
    if (!state) return;
    state[0] = static_cast<T>(best_);
    state[1] = static_cast<T>(idle_);
  }
  bool goes_on(double residual, double largest) {
    if (residual < best_) {
      best_ = residual;
      idle_ = 0;
    }
    if (residual <= kNearRounding * largest) ++idle_;
    return std::isfinite(residual) && idle_ <= kPatience;
  }

 private:
  static constexpr int kPatience = 50;
  static constexpr double kNearRounding = 1e-8;
  double best_ = std::numeric_limits<double>::infinity();
  int idle_ = 0;
};

// Without a discount values may grow for ever, until rounding hides the residual.
bool hidden_by_rounding(const double* values, int64_t n, double residual) {
  double largest = 0;
  for (int64_t s = 0; s < n; ++s) largest = std::fmax(largest, std::fabs(values[s]));
  return largest * std::numeric_limits<double>::epsilon() >= residual;
}

template <class T>
Status run_inexact(const InexactPolicyIteration<T>& op, CpuContext& context) {
  const CsrModel model = model_of(op, context);
  if (Status s = require_probabilities(model, context); !s.ok()) return s;
  const int64_t n = model.num_states;
  Iterate it(op, op.v0, model, context);
  Sweeper sweeper(model, op.gamma, context);
  Progress progress(op.stop_state);
  bool gave_up = false;
  int64_t policies = 0, products = 0;
  double residual = 0;
  for (;;) {
    const CpuContext::ScratchScope scope(context);
    const auto change = sweeper(it.now, it.next, it.policy);
    residual = change.residual();
    if (context.stopped()) return aborted();
    context.report(policies, op.max_iterations, residual);
    if (residual < op.atol || policies == op.max_iterations) break;
    gave_up = !progress.goes_on(residual, change.largest);
    if (gave_up) break;
    ++policies;
    const PolicyModel chain = follow_policy(model, it.policy, context);
    const EvaluationLimits limits{op.forcing * residual, op.max_inner, op.restart};
    products += evaluate_inexactly(evaluator_of(op.method), {chain.rows, n, op.gamma},
                                   chain.rewards, it.now, limits, context);
    if (context.stopped()) return aborted();
  }
  const bool hidden = op.gamma >= 1 && hidden_by_rounding(it.now, n, op.atol);
  // The values before a backup that gives NaN would look like an answer.
  if (std::isnan(residual)) std::swap(it.now, it.next);
  write_output(it.now, op.values);
  copy_policy(it.policy, n, op.policy);
  write_scalar(policies, op.num_iterations);
  write_scalar(products, op.num_products);
  write_scalar(residual, op.residual_inf);
  write_scalar(residual < op.atol && !hidden, op.converged);
  write_scalar(gave_up, op.gave_up);
  progress.write(op.stop_state_out);
  return {};
}

}  // namespace

template <>
Status run(const PolicyIteration<float>& op, CpuContext& context) {
  return run_howard(op, context);
}
template <>
Status run(const PolicyIteration<double>& op, CpuContext& context) {
  return run_howard(op, context);
}
template <>
Status run(const ModifiedPolicyIteration<float>& op, CpuContext& context) {
  return run_modified(op, context);
}
template <>
Status run(const ModifiedPolicyIteration<double>& op, CpuContext& context) {
  return run_modified(op, context);
}
template <>
Status run(const InexactPolicyIteration<float>& op, CpuContext& context) {
  return run_inexact(op, context);
}
template <>
Status run(const InexactPolicyIteration<double>& op, CpuContext& context) {
  return run_inexact(op, context);
}

}  // namespace belfry::cpu
