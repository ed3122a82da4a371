// reward_specification: the loss of adversarial soft advantage fitting, −mean ln σ(lp − lp_G) over
// expert and −mean ln σ(lp_G − lp) over generated samples, and the multipliers of constraints.
#include <algorithm>
#include <cmath>

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "math/representation.h"
#include "ops/bellman/losses.h"

namespace belfry::cpu {

namespace {

// mean softplus(sign (lp − lp_G)) over one side, and its gradient with respect to lp.
template <class T>
double fit_side(const In<T, 1>& now, const In<T, 1>& before, double sign, const Out<T, 1>& grad) {
  const int64_t count = now.dims[0];
  const double share = math::inverse_count(count);
  double loss = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double x = sign * (static_cast<double>(now[i]) - static_cast<double>(before[i]));
    loss += math::softplus(x);
    if (grad) grad[i] = static_cast<T>(sign * math::logistic(x) * share);
  }
  return loss * share;
}

template <class T>
Status soft_advantage_fitting(const SoftAdvantageFitting<T>& op, CpuContext&) {
  const double expert =
      fit_side(op.expert_log_probs, op.prev_expert_log_probs, -1.0, op.grad_expert_log_probs);
  const double generated = fit_side(op.generator_log_probs, op.prev_generator_log_probs, 1.0,
                                    op.grad_generator_log_probs);
  if (op.loss) op.loss[0] = static_cast<T>(expert + generated);
  if (op.count) {
    op.count[0] =
        static_cast<int32_t>(op.expert_log_probs.dims[0] + op.generator_log_probs.dims[0]);
  }
  return {};
}

// λ_0 … λ_K, with the largest logit taken out.
template <class T>
Status lagrange_multipliers(const LagrangeMultipliers<T>& op, CpuContext&) {
  const int64_t count = op.z.dims[0];
  const auto z = [&](int64_t k) { return static_cast<double>(op.z[k]); };
  double top = 0;
  for (int64_t k = 0; k < count; ++k) top = std::max(top, z(k));
  double sum = std::exp(-top);
  for (int64_t k = 0; k < count; ++k) sum += std::exp(z(k) - top);
  const double main = op.normalize ? std::exp(-top) / sum : 1;
  const auto multiplier = [&](int64_t k) {
    if (op.normalize) return std::exp(z(k) - top) / sum;
    return z(k) < 0 ? 0.0 : z(k);
  };
  if (op.lambda_main) op.lambda_main[0] = static_cast<T>(main);
  if (op.combined_weights) op.combined_weights[0] = static_cast<T>(main);
  for (int64_t k = 0; k < count; ++k) {
    const T lambda = static_cast<T>(multiplier(k));
    if (op.lambda_k) op.lambda_k[k] = lambda;
    if (op.combined_weights) op.combined_weights[k + 1] = lambda;
    if (op.violation) op.violation[k] = op.constraint_value[k] - op.threshold[k];
  }
  return {};
}

}  // namespace

template <>
Status run(const SoftAdvantageFitting<float>& op, CpuContext& context) {
  return soft_advantage_fitting(op, context);
}
template <>
Status run(const SoftAdvantageFitting<double>& op, CpuContext& context) {
  return soft_advantage_fitting(op, context);
}

template <>
Status run(const LagrangeMultipliers<float>& op, CpuContext& context) {
  return lagrange_multipliers(op, context);
}
template <>
Status run(const LagrangeMultipliers<double>& op, CpuContext& context) {
  return lagrange_multipliers(op, context);
}

}  // namespace belfry::cpu
