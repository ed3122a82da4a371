// The per-token work of policy_loss: a stretch of tokens that share one weight.
#pragma once

#include "cpu/context.h"
#include "math/flags.h"
#include "math/surrogate.h"
#include "ops/token.h"

namespace belfry::cpu {

// What is the same for all tokens of a call. Null: absent.
template <class T>
struct PolicyTokens {
  const T* log_probs = nullptr;
  const T* old_log_probs = nullptr;
  const T* advantages = nullptr;  // per token; null: one per segment
  const T* importance_weights = nullptr;
  const T* ref_log_probs = nullptr;  // only when there is a KL term
  const T* entropy = nullptr;        // only when there is a bonus
  T* grad = nullptr;
  bool past_cache = false;  // the gradient is larger than the cache
  math::FlagReader mask;
  const uint32_t* mask_bits = nullptr;  // the mask, one bit each; segments begin at whole words
  PolicyLossKind kind;
  KlKind kl_kind;
  bool kl_times_ratio;
  T kl_coef, entropy_coef;
  math::RatioRule<T> ratio_rule;
  math::KlRule<T> kl_rule;
};

struct PolicySegment {
  int64_t first = 0, count = 0;
  double advantage = 0;      // when advantages are per sequence
  double policy_weight = 1;  // of the policy term of this sequence
  double weight = 0;         // of every token
};

struct PolicySums {
  double loss = 0;  // weighted
  double valid = 0, clipped = 0, dual_clipped = 0;
  double log_ratio = 0, ratio = 0;  // of the clamped log-ratio
  double ratio_min = 0, ratio_max = 0;
};

// Writes the gradient of a segment and adds to the sums.
template <class T>
void policy_segment(const PolicyTokens<T>& tokens, const PolicySegment& segment, PolicySums& sums);

// Valid tokens in [first, first + count) of a mask that is given. `bits`, when not null, gets the
// flags, one bit each, from its lowest.
int64_t count_flags(const math::FlagReader& mask, int64_t first, int64_t count, uint32_t* bits);

}  // namespace belfry::cpu
