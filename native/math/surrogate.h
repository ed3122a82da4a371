// Policy losses: the policy term of a token, its KL term, and the weights that make one number of
// the tokens' losses.
#pragma once

#include <cmath>
#include <limits>

#include "belfry/status.h"
#include "math/host_device.h"
#include "ops/token/policy_options.h"

namespace belfry::math {

// What the formulas of surrogate-inl.h take; a bound that is off is infinite.
template <class T>
struct SurrogateSettings {
  PolicyLossKind kind;
  T low, high;  // the ratio is clipped to this interval; gmpo: its logarithm
  T dual;       // bound of the loss for negative advantages, times −A
  bool has_dual;
  T ratio_clamp;
  T tau_pos, tau_neg, k_pos, lambda_pos, k_neg, lambda_neg, ppo_kl_coef;
  T kl_coef, kl_clamp, kl_max;
  KlKind kl_kind;
  bool kl_times_ratio;
};

template <class T>
SurrogateSettings<T> surrogate_settings(const PolicyLossOptions& op) {
  constexpr double kOff = std::numeric_limits<double>::infinity();
  const auto or_off = [](const NullableNumber& number) {
    return static_cast<T>(number.present ? number.value : kOff);
  };
  SurrogateSettings<T> settings{};
  settings.kind = op.kind;
  settings.low = static_cast<T>(op.clip_low.present ? 1 - op.clip_low.value : -kOff);
  settings.high = static_cast<T>(1 + op.clip_high);
  if (op.kind == PolicyLossKind::gmpo) {
    settings.low = static_cast<T>(op.clip_low.present ? -op.clip_low.value : -kOff);
    settings.high = static_cast<T>(op.clip_high);
  } else if (op.kind == PolicyLossKind::cispo_abs) {
    settings.low = static_cast<T>(-kOff);
    settings.high = static_cast<T>(op.clip_high);
  }
  settings.tau_pos = static_cast<T>(op.tau_pos);
  settings.tau_neg = static_cast<T>(op.tau_neg);
  settings.k_pos = static_cast<T>(op.k_pos);
  settings.lambda_pos = static_cast<T>(op.lambda_pos);
  settings.k_neg = static_cast<T>(op.k_neg);
  settings.lambda_neg = static_cast<T>(op.lambda_neg);
  settings.ppo_kl_coef = static_cast<T>(op.ppo_kl_coef);
  settings.dual = or_off(op.dual_clip);
  settings.has_dual = op.dual_clip.present;
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
// b where one of them is NaN.
template <class T>
BELFRY_HD inline T max(T a, T b) {
  return a > b ? a : b;
}
template <class T>
BELFRY_HD inline T exp(T x) {
  return std::exp(x);
}
template <class T>
BELFRY_HD inline T exp_within(T x) {
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
using surrogate_scalars::gmpo_log_ratio;
using surrogate_scalars::kl_term;
using surrogate_scalars::KlTerm;
using surrogate_scalars::policy_term;
using surrogate_scalars::SequenceTerm;
using surrogate_scalars::Surrogate;
using surrogate_scalars::surrogate;

// Over the valid tokens of a sequence, in the kinds whose ratio is the sequence's.
struct SequenceSums {
  double tokens = 0, log_ratio = 0, clipped_log_ratio = 0, advantage = 0;
};

inline bool has_sequence_ratio(PolicyLossKind kind) {
  return kind == PolicyLossKind::gspo || kind == PolicyLossKind::luspo ||
         kind == PolicyLossKind::gmpo || kind == PolicyLossKind::vespo;
}
inline bool selects_tokens(PolicyLossKind kind) {
  return kind == PolicyLossKind::clip_cov || kind == PolicyLossKind::kl_cov;
}

template <class T>
BELFRY_HD SequenceTerm<T> sequence_term(const SequenceSums& sums, PolicyLossKind kind) {
  using std::exp;
  constexpr double kMostMean = 10, kLeastSum = -18.420680743952367, kMostSum = 20;  // ln 1e-8
  if (sums.tokens == 0) return {T(1), T(0), T(0), T(1)};
  double log_ratio = sums.log_ratio / sums.tokens;
  bool clamped = log_ratio > kMostMean;
  if (clamped) log_ratio = kMostMean;
  if (kind == PolicyLossKind::gmpo) {
    log_ratio = sums.clipped_log_ratio / sums.tokens;
  } else if (kind == PolicyLossKind::vespo) {
    log_ratio = sums.log_ratio < kLeastSum  ? kLeastSum
                : sums.log_ratio > kMostSum ? kMostSum
                                            : sums.log_ratio;
    clamped = false;
  }
  return {static_cast<T>(exp(log_ratio)), static_cast<T>(log_ratio),
          static_cast<T>(sums.advantage / sums.tokens), clamped ? T(0) : T(1)};
}

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

// `length`: T, or that of the longest packed sequence.
inline AggregationDivisor aggregation_divisor(const AggregationOptions& options, int64_t num_rows,
                                              int64_t length) {
  const double rows = static_cast<double>(num_rows);
  const double norm = options.norm.present ? options.norm.value : static_cast<double>(length);
  AggregationDivisor divisor;
  switch (options.aggregation) {
    case Aggregation::by_kind:
    case Aggregation::token_mean:
      divisor.by_tokens = !options.num_tokens.present;
      if (options.num_tokens.present) divisor.fixed = options.num_tokens.value;
      divisor.fixed /= options.dp;
      return divisor;
    case Aggregation::seq_mean_token_sum:
    case Aggregation::seq_mean_token_mean:
      divisor.by_row_length = options.aggregation == Aggregation::seq_mean_token_mean;
      divisor.by_sequences = !options.num_seqs.present && !options.count_empty;
      if (options.num_seqs.present)
        divisor.fixed = options.num_seqs.value;
      else if (options.count_empty)
        divisor.fixed = rows;
      divisor.fixed /= options.dp;
      return divisor;
    case Aggregation::seq_mean_token_sum_norm: divisor.fixed = norm; return divisor;
    case Aggregation::fixed_length: divisor.fixed = rows * norm; return divisor;
  }
  return divisor;
}

inline AggregationDivisor policy_divisor(PolicyLossOptions options, int64_t num_rows,
                                         int64_t length) {
  if (options.kind == PolicyLossKind::gmpo || options.kind == PolicyLossKind::luspo) {
    AggregationDivisor divisor;
    divisor.by_row_length = options.kind == PolicyLossKind::gmpo;
    divisor.fixed =
        options.num_seqs.present ? options.num_seqs.value : static_cast<double>(num_rows);
    divisor.fixed /= options.dp;
    return divisor;
  }
  if (options.aggregation == Aggregation::by_kind && options.kind == PolicyLossKind::gspo) {
    options.aggregation = Aggregation::seq_mean_token_mean;
  }
  return aggregation_divisor(static_cast<const AggregationOptions&>(options), num_rows, length);
}

// Whether the kernels can run the call.
template <class Op>
Status check_policy_loss(const Op& op) {
  const bool own_mean = op.kind == PolicyLossKind::gmpo || op.kind == PolicyLossKind::luspo;
  if (own_mean && op.aggregation != Aggregation::by_kind) {
    return Status::error(Code::invalid_argument, "aggregation",
                         "was given, but kinds 'gmpo' and 'luspo' are means over the sequences");
  }
  if (op.kind == PolicyLossKind::clip_cov && !op.priority) {
    return Status::error(Code::missing_operand, "priority", "is required when kind is 'clip_cov'");
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
