// Losses that are a sum over the valid tokens of a function of each token and of its row: what each
// of them is told, and (token_losses-inl.h) its value and slope.
#pragma once

#include "math/surrogate.h"
#include "ops/token/losses.h"

namespace belfry::math {

// kTokens, kRows: how many operands it has for every token, and for every row.

// loss = Σ W x
template <class T>
struct AggregateRule {
  static constexpr int kTokens = 1, kRows = 0;
};

// scale·KL of (log π, log π_ref); the KL fields of `settings` count.
template <class T>
struct KlRule {
  static constexpr int kTokens = 2, kRows = 0;
  SurrogateSettings<T> settings;
  T scale = 1;
};

// (V, G, V_old); a bound that is off is infinite.
template <class T>
struct ValueRule {
  static constexpr int kTokens = 3, kRows = 0;
  T delta, clip;
  bool clips;
};

// (log π, log π_prox, log π_behav, A)
template <class T>
struct DecoupledRule {
  static constexpr int kTokens = 4, kRows = 0;
  SurrogateSettings<T> settings;
  T cap;
  bool truncates;
};

// (log π, log π_old); row: k·c, k·w⁻·(1 − c), r/(1 − r)
template <class T>
struct NftRule {
  static constexpr int kTokens = 2, kRows = 3;
  T log_ratio_max;
  T least_negative;  // |c⁻| − 1
  T least_positive;  // ln c⁺
};

// (log π, log π_old); row: A_local, A_global, w
template <class T>
struct CopoRule {
  static constexpr int kTokens = 2, kRows = 3;
  SurrogateSettings<T> settings;
};

// (log π, log π_old, A); flag: the token is off-policy
template <class T>
struct OffPolicyRule {
  static constexpr int kTokens = 3, kRows = 0;
  SurrogateSettings<T> settings;
  OffPolicyShaping shape;
  bool clips;
  T gamma, exponent;
};

namespace surrogate_scalars {

template <class T>
BELFRY_HD inline T log1p(T x) {
  return std::log1p(x);
}

#define BELFRY_FORMULA BELFRY_HD inline
#include "math/token_losses-inl.h"
#undef BELFRY_FORMULA

}  // namespace surrogate_scalars

using surrogate_scalars::token_term;
using surrogate_scalars::TokenTerm;

// Clip interval, dual clip and log-ratio clamp of a loss that is ppo_clip inside.
template <class T>
SurrogateSettings<T> clip_settings(NullableNumber low, double high, NullableNumber dual,
                                   NullableNumber ratio_clamp) {
  PolicyLossOptions options{};
  options.kind = PolicyLossKind::ppo_clip;
  options.clip_low = low;
  options.clip_high = high;
  options.dual_clip = dual;
  options.ratio_clamp = ratio_clamp;
  return surrogate_settings<T>(options);
}

template <class T>
KlRule<T> kl_rule(KlKind kind, NullableNumber clamp, NullableNumber most, double scale) {
  PolicyLossOptions options{};
  options.kl_kind = kind;
  options.kl_clamp = clamp;
  options.kl_max = most;
  return {surrogate_settings<T>(options), static_cast<T>(scale)};
}

template <class T>
Status check_value_loss(const ValueLoss<T>& op) {
  if (!op.clip.present || op.old_values) return {};
  return Status::error(Code::missing_operand, "old_values", "is required when clip is a number");
}
template <class T>
ValueRule<T> value_rule(const ValueLoss<T>& op) {
  constexpr double kOff = std::numeric_limits<double>::infinity();
  return {static_cast<T>(op.kind == ValueLossKind::huber ? op.delta : kOff),
          static_cast<T>(op.clip.value), op.clip.present};
}

template <class T>
DecoupledRule<T> decoupled_rule(const DecoupledPpo<T>& op) {
  constexpr double kOff = std::numeric_limits<double>::infinity();
  return {clip_settings<T>(op.clip_low, op.clip_high, op.dual_clip, op.ratio_clamp),
          static_cast<T>(op.behavior_weight_cap.present ? op.behavior_weight_cap.value : kOff),
          op.cap_mode == CapMode::truncate};
}

// C: the type computed in.
template <class C, class T>
NftRule<C> nft_rule(const NftLoss<T>& op) {
  return {static_cast<C>(op.log_ratio_max), static_cast<C>(std::fabs(op.clamp_negative) - 1),
          static_cast<C>(std::log(op.clamp_positive))};
}

// What the tokens of a row take from its success rate r and its verdict.
struct NftRow {
  double positive, negative, odds;
};
template <class Op>
BELFRY_HD NftRow nft_row(const Op& op, int64_t row) {
  using std::sqrt;
  const double correct = static_cast<double>(op.correct[row]);
  const double rate = static_cast<double>(op.correct_rate[row]);
  const double r = rate < op.rate_low ? op.rate_low : rate > op.rate_high ? op.rate_high : rate;
  const double k = op.normalize == 0 ? 1 : op.normalize == 1 ? 1 - r : sqrt((1 - r) / r);
  return {k * correct, k * op.neg_weight * (1 - correct), r / (1 - r)};
}

template <class T>
CopoRule<T> copo_rule(const CopoLoss<T>& op) {
  return {clip_settings<T>(op.clip_low, op.clip_high, op.dual_clip, op.ratio_clamp)};
}
template <class Op>
BELFRY_HD double copo_weight(const Op& op, int64_t row) {
  using std::exp;
  if (op.mode == CopoMode::global) return 0;
  if (op.mode == CopoMode::local) return 1;
  const double forced = op.local_advantages[row] != 0 ? 1 : 0;
  if (op.mode == CopoMode::forced) return forced;
  const double soft = 1 / (1 + exp(-op.k * (static_cast<double>(op.entropy[row]) - op.b)));
  return op.mode == CopoMode::soft ? soft : soft * forced;
}

template <class T>
OffPolicyRule<T> off_policy_rule(const ShapedOffPolicyLoss<T>& op) {
  OffPolicyRule<T> rule{};
  rule.settings = clip_settings<T>(op.clip_low, op.clip_high, {}, op.ratio_clamp);
  rule.shape = op.shaping;
  if (op.shaping == OffPolicyShaping::ratio_to_gamma && !op.gamma.present) {
    rule.shape = OffPolicyShaping::plain;
  }
  rule.clips = op.clip;
  rule.gamma = static_cast<T>(op.gamma.value);
  rule.exponent = static_cast<T>(rule.shape == OffPolicyShaping::plain         ? 1
                                 : rule.shape == OffPolicyShaping::square_root ? 0.5
                                                                               : op.exponent);
  return rule;
}
template <class T>
AggregationDivisor off_policy_divisor(const ShapedOffPolicyLoss<T>& op) {
  AggregationDivisor divisor;
  divisor.by_tokens = op.divisor.is(OffPolicyDivisor::tokens);
  if (divisor.by_tokens) return divisor;
  const bool by_length = op.divisor.is(OffPolicyDivisor::length) || op.divisor.value == 0;
  divisor.fixed = by_length ? static_cast<double>(op.log_probs.dims[1]) : op.divisor.value;
  return divisor;
}

}  // namespace belfry::math
