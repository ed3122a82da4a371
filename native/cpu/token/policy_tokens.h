// A call of policy_loss as its kernels see it.
#pragma once

#include "cpu/context.h"
#include "math/flags.h"
#include "math/surrogate.h"

namespace belfry::cpu {

// Tokens of a segment, which lies inside a row.
constexpr int64_t kPolicySegment = 16384;

template <class T>
struct PolicyTokens {
  const T *log_probs, *old_log_probs, *advantages;
  // Null: absent, or without influence.
  const T *importance_weights, *ref_log_probs, *entropy, *sequence_weights;
  const math::SequenceTerm<T>* sequences;  // one per row
  const uint8_t* selected;                 // what clip_cov drops and kl_cov penalises
  math::FlagReader mask;
  T* grad;  // null: not wanted
  bool advantage_per_row;
  int64_t length, segments_per_row;
  double weight;              // W of every token, or
  const double* row_weights;  // of every token of a row
  T entropy_coef;
  math::SurrogateSettings<T> settings;
};

// The flags of `selected`, into rows·length bytes. False: stopped by the caller.
template <class T>
bool select_tokens(const PolicyLoss<T>& op, const PolicyTokens<T>& call, int64_t rows,
                   uint8_t* selected, CpuContext& context);

}  // namespace belfry::cpu
