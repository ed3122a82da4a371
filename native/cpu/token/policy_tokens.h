// A policy loss as its kernels see it: padded, packed, or behind a layer of its own.
#pragma once

#include <algorithm>
#include <limits>

#include "cpu/token/valid_tokens.h"
#include "ops/token/core.h"

namespace belfry::cpu {

// The loops over the tokens. `clip`: ppo_clip; `plain_clip`: without weights of the policy term, KL
// and entropy, the log-ratio clamped to where its exponential is far from both ends; `whole_rows`:
// besides, every token counts, with the advantage of its row, and there is no dual clip.
enum class PolicyLoop { any, clip, plain_clip, whole_rows };
constexpr bool is_plain(PolicyLoop loop) {
  return loop == PolicyLoop::plain_clip || loop == PolicyLoop::whole_rows;
}

// Tokens first … end − 1 of a row.
struct TokenSegment {
  int64_t row, first, end;
};

template <class T>
struct PolicyTokens {
  const T *log_probs, *old_log_probs, *advantages;
  // Null: absent, or without influence.
  const T *importance_weights, *ref_log_probs, *entropy, *sequence_weights;
  const T* priority;
  const math::SequenceTerm<T>* sequences;  // one per row
  const uint8_t* selected;                 // what clip_cov drops and kl_cov penalises
  math::FlagReader mask;
  T* grad;  // null: not wanted
  bool advantage_per_row;
  bool past_caches;       // the gradient; it is wanted then
  bool ratio_statistics;  // wanted
  TokenRows layout;
  int64_t segments_per_row;
  TokenWeights weights;
  T entropy_coef;
  math::SurrogateSettings<T> settings;

  // Empty past the end of a row.
  TokenSegment segment(int64_t index) const {
    const int64_t row = index / segments_per_row, count = layout.count(row);
    const int64_t skip = index % segments_per_row * kTokenSegment;
    const int64_t begin = layout.begin(row), end = begin + count;
    const int64_t first = skip < count ? begin + skip : end;
    return {row, first, end - first < kTokenSegment ? end : first + kTokenSegment};
  }
};

// Null: not wanted.
template <class T>
struct PolicyOutputs {
  T *loss, *clip_fraction, *clip_fraction_lower, *approx_kl, *ratio_mean, *ratio_min, *ratio_max;
  uint8_t* dropped;

  bool statistics() const {
    return clip_fraction || clip_fraction_lower || approx_kl || of_ratio();
  }
  bool of_ratio() const { return ratio_mean || ratio_min || ratio_max; }
};

// Over the valid tokens of a run of segments; `loss` is weighted.
struct PolicySums {
  double loss = 0, clipped = 0, lower = 0, log_ratio = 0, ratio = 0;
  double ratio_min = std::numeric_limits<double>::infinity();
  double ratio_max = -std::numeric_limits<double>::infinity();

  void add(const PolicySums& other) {
    loss += other.loss;
    clipped += other.clipped;
    lower += other.lower;
    log_ratio += other.log_ratio;
    ratio += other.ratio;
    ratio_min = std::min(ratio_min, other.ratio_min);
    ratio_max = std::max(ratio_max, other.ratio_max);
  }
};

template <class T, int R>
T* data_of(const Out<T, R>& output) {
  return output ? output.begin() : nullptr;
}
template <class T, int R>
const T* data_of(const In<T, R>& operand) {
  return operand ? operand.begin() : nullptr;
}

// What the padded and the packed op name alike. The caller adds advantages and layout.
template <class T, class Op>
PolicyTokens<T> policy_tokens(const Op& op) {
  PolicyTokens<T> call{};
  call.log_probs = op.log_probs.begin();
  call.old_log_probs = op.old_log_probs.begin();
  call.importance_weights = data_of(op.importance_weights);
  call.sequence_weights = data_of(op.sequence_weights);
  call.priority = data_of(op.priority);
  if (op.kl_coef != 0) call.ref_log_probs = data_of(op.ref_log_probs);
  if (op.entropy_coef != 0) call.entropy = data_of(op.entropy);
  call.grad = data_of(op.grad_log_probs);
  call.mask = math::read_flags(op.mask, true);
  return call;
}

template <class T, class Op>
PolicyOutputs<T> policy_outputs(const Op& op) {
  return {data_of(op.loss),      data_of(op.clip_fraction), data_of(op.clip_fraction_lower),
          data_of(op.approx_kl), data_of(op.ratio_mean),    data_of(op.ratio_min),
          data_of(op.ratio_max), data_of(op.dropped)};
}

template <class T>
Status run_policy_loss(PolicyTokens<T> call, const PolicyLossOptions& options,
                       const PolicyOutputs<T>& outputs, CpuContext& context);

// The same a few tokens at a time, for kinds that do not select tokens: the log-probabilities need
// only be there when their tokens are added. Kinds with a ratio of the sequence take whole rows.
template <class T>
class PolicyStream {
 public:
  // The arguments have passed math::check_policy_loss.
  PolicyStream(const PolicyLoss<T>& op, CpuContext& context);

  // Gradients of tokens begin … end − 1, fewer than 2^31 and at least one.
  void add(int64_t begin, int64_t end);
  void finish() const;

 private:
  PolicyTokens<T> call_;
  PolicyOutputs<T> outputs_;
  PolicySums sums_;
  CpuContext& context_;
};

// The flags of `selected`, a byte a token. False: stopped by the caller.
template <class T>
bool select_tokens(const PolicyLossOptions& options, const PolicyTokens<T>& call, uint8_t* selected,
                   CpuContext& context);

// scale·W at valid tokens, 0 at the others: the slope of an aggregated quantity of each token.
template <class T>
T* scaled_weights(const PolicyLoss<T>& op, double scale, CpuContext& context);

}  // namespace belfry::cpu
