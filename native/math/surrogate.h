// Policy losses: the clipped surrogate of a token, its KL term, and the weights that make one
// number of the tokens' losses.
#pragma once

#include <cmath>
#include <limits>

#include "belfry/status.h"
#include "math/host_device.h"
#include "ops/token/core.h"

namespace belfry::math {

// What the formulas of surrogate-inl.h take; a bound that is off is infinite.
template <class T>
struct SurrogateSettings {
  T low, high;  // the ratio is clipped to this interval
  T dual;       // bound of the loss for negative advantages, times −A
  T ratio_clamp;
  T kl_coef, kl_clamp, kl_max;
  KlKind kl_kind;
  bool kl_times_ratio;
};

template <class T>
SurrogateSettings<T> surrogate_settings(const PolicyLoss<T>& op) {
  constexpr double kOff = std::numeric_limits<double>::infinity();
  const auto or_off = [](const NullableNumber& number) {
    return static_cast<T>(number.present ? number.value : kOff);
  };
  SurrogateSettings<T> settings{};
  settings.low = static_cast<T>(op.clip_low.present ? 1 - op.clip_low.value : -kOff);
  settings.high = static_cast<T>(1 + op.clip_high);
  settings.dual = or_off(op.dual_clip);
  settings.ratio_clamp = or_off(op.ratio_clamp);
  settings.kl_coef = static_cast<T>(op.kl_coef);
  settings.kl_clamp = or_off(op.kl_clamp);
  settings.kl_max = or_off(op.kl_max);
  settings.kl_kind = op.kl_kind;
  settings.kl_times_ratio = op.kl_bias_correction;
  return settings;
}

// The formulas on scalars.
namespace surrogate_scalars {

template <class V>
using MaskOf = bool;
template <class V>
using ScalarOf = V;

template <class T>
BELFRY_HD inline T select(bool condition, T a, T b) {
  return condition ? a : b;
}
// NaN stays NaN.
template <class T>
BELFRY_HD inline T clamp(T x, T low, T high) {
  return x < low ? low : x > high ? high : x;
}
template <class T>
BELFRY_HD inline T abs(T x) {
  return std::fabs(x);
}
template <class T>
BELFRY_HD inline T exp(T x) {
  return std::exp(x);
}
template <class T>
BELFRY_HD inline T expm1(T x) {
  return std::expm1(x);
}

#define BELFRY_FORMULA BELFRY_HD inline
#include "math/surrogate-inl.h"
#undef BELFRY_FORMULA

}  // namespace surrogate_scalars

using surrogate_scalars::add_kl;
using surrogate_scalars::kl_term;
using surrogate_scalars::KlTerm;
using surrogate_scalars::Surrogate;
using surrogate_scalars::surrogate;

// The weight of a token is 1 over `fixed` times the counts that take part; 0 when that is 0.
struct AggregationDivisor {
  double fixed = 1;
  bool by_tokens = false;      // valid tokens of the batch
  bool by_sequences = false;   // sequences that have a valid token
  bool by_row_length = false;  // valid tokens of the token's own sequence

  BELFRY_HD double weight(int64_t tokens, int64_t sequences, int64_t row_length) const {
    double divisor = fixed;
    if (by_tokens) divisor *= static_cast<double>(tokens);
    if (by_sequences) divisor *= static_cast<double>(sequences);
    if (by_row_length) divisor *= static_cast<double>(row_length);
    return divisor > 0 ? 1 / divisor : 0;
  }
};

template <class T>
AggregationDivisor aggregation_divisor(const PolicyLoss<T>& op) {
  const double rows = static_cast<double>(op.log_probs.dims[0]);
  const double norm = op.norm.present ? op.norm.value : static_cast<double>(op.log_probs.dims[1]);
  AggregationDivisor divisor;
  switch (op.aggregation) {
    case Aggregation::token_mean:
      divisor.by_tokens = !op.num_tokens.present;
      if (op.num_tokens.present) divisor.fixed = op.num_tokens.value;
      return divisor;
    case Aggregation::seq_mean_token_sum:
    case Aggregation::seq_mean_token_mean:
      divisor.by_row_length = op.aggregation == Aggregation::seq_mean_token_mean;
      divisor.by_sequences = !op.num_seqs.present && !op.count_empty;
      if (op.num_seqs.present)
        divisor.fixed = op.num_seqs.value;
      else if (op.count_empty)
        divisor.fixed = rows;
      return divisor;
    case Aggregation::seq_mean_token_sum_norm: divisor.fixed = norm; return divisor;
    case Aggregation::fixed_length: divisor.fixed = rows * norm; return divisor;
  }
  return divisor;
}

// Whether the kernels can run the call.
template <class T>
Status check_policy_loss(const PolicyLoss<T>& op) {
  constexpr const char* kWords[] = {"ppo_clip", "reinforce", "gpg",      "gspo",
                                    "cispo",    "cispo_abs", "sapo",     "gmpo",
                                    "vespo",    "luspo",     "clip_cov", "kl_cov"};
  if (op.kind != PolicyLossKind::ppo_clip) {
    return Status::error(Code::not_implemented, "kind", "'%s' is not built yet",
                         kWords[static_cast<int>(op.kind)]);
  }
  if (op.kl_coef != 0 && !op.ref_log_probs) {
    return Status::error(Code::missing_operand, "ref_log_probs",
                         "is required when kl_coef is not 0");
  }
  if (op.entropy_coef != 0 && !op.entropy) {
    return Status::error(Code::missing_operand, "entropy",
                         "is required when entropy_coef is not 0");
  }
  return {};
}

}  // namespace belfry::math
