// Policy losses of one token: value, gradient in log π, and what was clipped.
//
// Every branch is a choice between two finished values, one comparison each: compilers vectorise
// loops over these functions, and do not when conditions are joined. Enumerations are those of the
// op and come in as template parameters.
#pragma once

#include <cmath>
#include <limits>

#include "math/host_device.h"

namespace belfry::math {

// Bounds of one call, in the type of the data; infinite where there is none.
template <class T>
struct RatioRule {
  T ratio_clamp;           // of |log π − log μ|
  T clip_low, clip_high;   // of the ratio
  T dual_clip;             // of the loss of negative advantages, in units of −A
};

template <class T>
struct TokenLoss {
  T loss, grad;
  T clipped, dual_clipped;  // 1 or 0
};

// x in [−bound, bound]; NaN stays NaN.
template <class T>
BELFRY_HD constexpr T clamp_abs(T x, T bound) {
  const T above = x < -bound ? -bound : x;
  return above > bound ? bound : above;
}

template <class T>
BELFRY_HD constexpr T magnitude(T x) {
  return x < T(0) ? -x : x;
}

// max(−Aρ, −A clip(ρ)), below −Ac where A < 0 (arXiv 1707.06347, eq. 7; dual clip 1912.09729, eq. 5).
// `log_ratio` is not clamped, `ratio` is e to the power of the clamped one.
template <class T>
BELFRY_HD constexpr TokenLoss<T> ppo_clip(T log_ratio, T ratio, T advantage,
                                          const RatioRule<T>& rule) {
  constexpr T kNone = std::numeric_limits<T>::infinity();
  const T raised = ratio < rule.clip_low ? rule.clip_low : ratio;
  const T clipped_ratio = raised > rule.clip_high ? rule.clip_high : raised;
  const T plain = -advantage * ratio;
  const T bounded = -advantage * clipped_ratio;
  const T larger = plain > bounded ? plain : bounded;
  const T dual = -advantage * rule.dual_clip;
  const T limit = advantage < T(0) ? dual : kNone;
  const T inside_clip = bounded > plain ? T(0) : plain;
  const T inside_dual = larger > limit ? T(0) : inside_clip;
  const T inside_clamp = magnitude(log_ratio) > rule.ratio_clamp ? T(0) : inside_dual;
  return {larger > limit ? limit : larger, advantage == T(0) ? T(0) : inside_clamp,
          bounded > plain ? T(1) : T(0), larger > limit ? T(1) : T(0)};
}

// −A log π
template <class T>
BELFRY_HD constexpr TokenLoss<T> reinforce(T log_prob, T advantage) {
  return {-advantage * log_prob, -advantage, T(0), T(0)};
}

// An estimate of KL(π‖π_ref) and its gradient in log π.
template <class T>
struct KlTerm {
  T value, grad;
};

template <class T>
struct KlRule {
  T clamp, max;  // of k3; infinite where there is none
};

// The exponent of k3: e^x − 1 is wanted by kl_term.
template <class T>
BELFRY_HD constexpr T kl_exponent(T log_ratio, const KlRule<T>& rule) {
  return clamp_abs(-log_ratio, rule.clamp);
}

// k3 = e^x − x − 1 with x = log π_ref − log π clamped (Schulman 2020).
template <class T>
BELFRY_HD constexpr KlTerm<T> kl_k3(T log_ratio, T x, T expm1_x, const KlRule<T>& rule) {
  const T value = expm1_x - x;
  const T inside_clamp = magnitude(log_ratio) > rule.clamp ? T(0) : -expm1_x;
  return {clamp_abs(value, rule.max), magnitude(value) > rule.max ? T(0) : inside_clamp};
}

// `log_ratio` = log π − log π_ref; the last two arguments are read by k3 only.
template <class Kind, class T>
BELFRY_HD constexpr KlTerm<T> kl_term(Kind kind, T log_ratio, const KlRule<T>& rule, T x,
                                      T expm1_x) {
  const T not_above = log_ratio < T(0) ? T(-1) : log_ratio;
  const T sign = log_ratio > T(0) ? T(1) : not_above;
  switch (kind) {
    case Kind::k1: return {log_ratio, T(1)};
    case Kind::k2: return {log_ratio * log_ratio / 2, log_ratio};
    case Kind::k3: return kl_k3(log_ratio, x, expm1_x, rule);
    case Kind::abs: return {magnitude(log_ratio), sign};
    // The value of the base kind, with the gradient of k2.
    case Kind::k1_plus: return {log_ratio, log_ratio};
    case Kind::k3_plus: return {kl_k3(log_ratio, x, expm1_x, rule).value, log_ratio};
  }
  return {};
}

template <class Kind>
BELFRY_HD constexpr bool kl_needs_exp(Kind kind) {
  return kind == Kind::k3 || kind == Kind::k3_plus;
}

// Multiplies the term by the ratio (DeepSeek-V3.2), whose gradient stops where it is clamped.
template <class T>
BELFRY_HD constexpr KlTerm<T> times_ratio(KlTerm<T> term, T log_ratio, T ratio, T ratio_clamp) {
  const T through = magnitude(log_ratio) > ratio_clamp ? T(0) : term.value;
  return {ratio * term.value, ratio * (through + term.grad)};
}

// The denominators of an aggregation.
struct Denominators {
  double tokens = 0;     // valid ones, or the given number
  double sequences = 0;  // with a valid token, or all, or the given number
  double rows = 0;       // all, or the given number
  double norm = 0;
};

// Weight of one valid token of a sequence with `length` of them.
template <class Aggregation>
BELFRY_HD constexpr double token_weight(Aggregation mode, const Denominators& n, double length) {
  double divisor = 0;
  switch (mode) {
    case Aggregation::token_mean: divisor = n.tokens; break;
    case Aggregation::seq_mean_token_sum: divisor = n.sequences; break;
    case Aggregation::seq_mean_token_mean: divisor = length * n.sequences; break;
    case Aggregation::seq_mean_token_sum_norm: divisor = n.norm; break;
    case Aggregation::fixed_length: divisor = n.rows * n.norm; break;
  }
  return divisor > 0 ? 1 / divisor : 0;
}

// The parameters of an op as rules in the type of its data; `Op` is the op struct.
template <class T, class Op>
RatioRule<T> ratio_rule(const Op& op) {
  constexpr T kNone = std::numeric_limits<T>::infinity();
  return {op.ratio_clamp.present ? static_cast<T>(op.ratio_clamp.value) : kNone,
          op.clip_low.present ? static_cast<T>(1 - op.clip_low.value) : -kNone,
          static_cast<T>(1 + op.clip_high),
          op.dual_clip.present ? static_cast<T>(op.dual_clip.value) : kNone};
}

template <class T, class Op>
KlRule<T> kl_rule(const Op& op) {
  constexpr T kNone = std::numeric_limits<T>::infinity();
  return {op.kl_clamp.present ? static_cast<T>(op.kl_clamp.value) : kNone,
          op.kl_max.present ? static_cast<T>(op.kl_max.value) : kNone};
}

}  // namespace belfry::math
