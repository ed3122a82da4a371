// The IQ-Learn objective of one transition, and its gradient (arXiv 2106.12142; for one of several
// agents, with the others' policies marginalised out, arXiv 2503.04679).
//
//   y = (1 − done) γ V(s'),  r = Q̄(s,a) − y
//   loss = −[expert] φ(r)/n_expert + weight (V(s) − y)
#pragma once

#include <cmath>

#include "math/host_device.h"
#include "ops/bellman/games.h"

namespace belfry::math {

struct RewardPenalty {
  double value, slope;  // φ(r), φ'(r)
};

// For all but 'chi', φ' is a constant of the gradient, and φ(r) = φ' r.
BELFRY_HD inline RewardPenalty reward_penalty(InverseDivergence divergence, double r,
                                              double alpha) {
  double slope = 0;
  switch (divergence) {
    case InverseDivergence::chi: return {r - r * r / (4 * alpha), 1 - r / (2 * alpha)};
    case InverseDivergence::hellinger: slope = 1 / ((1 + r) * (1 + r)); break;
    case InverseDivergence::kl_fix: slope = std::exp(-r); break;
    case InverseDivergence::js: slope = std::exp(-r) / (2 - std::exp(-r)); break;
  }
  return {slope * r, slope};
}

struct InverseQRule {
  InverseDivergence divergence;
  ValueSampling sampling;
  double alpha, gamma;
  double row_weight;     // 1/B
  double expert_weight;  // 1/n_expert, 0 without any
};

template <class Op>
InverseQRule inverse_q_rule(const Op& op, int64_t num_rows, int64_t num_experts) {
  const auto share = [](int64_t count) { return count > 0 ? 1 / static_cast<double>(count) : 0; };
  return {op.divergence, op.value_sampling, op.alpha,
          op.gamma,      share(num_rows),   share(num_experts)};
}

struct InverseQRow {
  double reward, loss;
  double by_value;       // ∂L/∂V(s)
  double by_taken;       // ∂L/∂Q̄(s,a) at the action taken, besides that through V(s)
  double by_next_value;  // ∂L/∂V(s')
};

BELFRY_HD inline InverseQRow inverse_q_row(const InverseQRule& rule, double q_taken, double value,
                                           double next_value, bool terminated, bool expert) {
  const double y = terminated ? 0 : rule.gamma * next_value;
  InverseQRow row{q_taken - y, 0, 0, 0, 0};
  double by_y = 0;
  if (expert) {
    const RewardPenalty penalty = reward_penalty(rule.divergence, row.reward, rule.alpha);
    row.loss = -rule.expert_weight * penalty.value;
    row.by_taken = -rule.expert_weight * penalty.slope;
    by_y = -row.by_taken;
  }
  if (rule.sampling == ValueSampling::v0) {
    row.by_value = (1 - rule.gamma) * rule.row_weight;
    row.loss += row.by_value * value;
  } else if (rule.sampling == ValueSampling::all || expert) {
    row.by_value = rule.sampling == ValueSampling::all ? rule.row_weight : rule.expert_weight;
    row.loss += row.by_value * (value - y);
    by_y -= row.by_value;
  }
  row.by_next_value = terminated ? 0 : rule.gamma * by_y;
  return row;
}

}  // namespace belfry::math
