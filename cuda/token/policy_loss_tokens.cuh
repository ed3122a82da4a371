// The kernels of the policy losses: the sums of sequences, the pass over the tokens, the last sums.
#pragma once

#include <limits>

#include "cuda/token/valid_tokens.cuh"

namespace belfry::cuda {

// Null pointers: absent, or without influence.
template <class T>
struct PolicyTokens {
  const T *log_probs, *old_log_probs, *advantages;
  const T *importance_weights, *ref_log_probs, *entropy, *sequence_weights;
  const T* priority;
  const math::SequenceTerm<T>* sequences;  // one per row
  const uint8_t* selected;                 // what clip_cov drops and kl_cov penalises
  math::FlagReader mask;
  T* grad;
  bool advantage_per_row, needs_row;
  math::TokenRows layout;
  TokenWeights weights;
  T entropy_coef;
  math::SurrogateSettings<T> settings;
};

// Over some valid tokens; `loss` is weighted.
struct PolicySums {
  double loss, clipped, lower, log_ratio, ratio, ratio_min, ratio_max;
};

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

__device__ inline PolicySums no_tokens() { return {0, 0, 0, 0, 0, kInfinity, -kInfinity}; }

struct AddPolicySums {
  __device__ PolicySums operator()(const PolicySums& a, const PolicySums& b) const {
    return {a.loss + b.loss,
            a.clipped + b.clipped,
            a.lower + b.lower,
            a.log_ratio + b.log_ratio,
            a.ratio + b.ratio,
            a.ratio_min < b.ratio_min ? a.ratio_min : b.ratio_min,
            a.ratio_max > b.ratio_max ? a.ratio_max : b.ratio_max};
  }
};

// One warp sums the valid tokens of one row.
template <class T>
__global__ void sum_sequences(PolicyTokens<T> call, math::SequenceTerm<T>* terms) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * warps_in_block();
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * warps_in_block() + warp_id();
  const T bound = call.settings.ratio_clamp;
  for (int64_t row = begin; row < call.layout.rows; row += warps) {
    math::SequenceSums sums;
    const int64_t first = call.layout.begin(row), length = call.layout.count(row);
    for (int64_t t = lane_id(); t < length; t += kWarpSize) {
      const int64_t i = first + t;
      if (!call.mask(i)) continue;
      const T difference = call.log_probs[i] - call.old_log_probs[i];
      const T advantage = call.advantages[call.advantage_per_row ? row : i];
      const T bounded = difference < -bound ? -bound : difference > bound ? bound : difference;
      sums.tokens += 1;
      sums.log_ratio += static_cast<double>(difference);
      sums.advantage += static_cast<double>(advantage);
      sums.clipped_log_ratio +=
          static_cast<double>(math::gmpo_log_ratio(bounded, advantage, call.settings));
    }
    sums.tokens = warp_reduce(sums.tokens, Add());
    sums.log_ratio = warp_reduce(sums.log_ratio, Add());
    sums.advantage = warp_reduce(sums.advantage, Add());
    sums.clipped_log_ratio = warp_reduce(sums.clipped_log_ratio, Add());
    if (lane_id() == 0) terms[row] = math::sequence_term<T>(sums, call.settings.kind);
  }
}

// What a token takes from its row.
template <class T>
struct RowConstants {
  T advantage, factor;
  math::SequenceTerm<T> sequence;
  double weight;
};

template <class T>
__device__ RowConstants<T> row_constants(const PolicyTokens<T>& call, int64_t row) {
  RowConstants<T> constants;
  constants.advantage = call.advantage_per_row ? call.advantages[row] : T(0);
  constants.factor = call.sequence_weights ? call.sequence_weights[row] : T(1);
  if (call.sequences) constants.sequence = call.sequences[row];
  constants.weight = call.weights.of(row);
  return constants;
}

template <class T>
__device__ void collect(const math::Surrogate<T>& token, PolicySums& sums) {
  const double ratio = static_cast<double>(token.ratio);
  sums.clipped += token.clipped ? 1 : 0;
  sums.lower += token.lower ? 1 : 0;
  sums.log_ratio += static_cast<double>(token.log_ratio);
  sums.ratio += ratio;
  sums.ratio_min = ratio < sums.ratio_min ? ratio : sums.ratio_min;
  sums.ratio_max = ratio > sums.ratio_max ? ratio : sums.ratio_max;
}

// Adds a valid token to the sums; returns its gradient.
template <class T, bool kStats>
__device__ T add_token(const PolicyTokens<T>& call, int64_t i, const RowConstants<T>& row,
                       PolicySums& sums) {
  const T log_prob = call.log_probs[i];
  const T advantage = call.advantage_per_row ? row.advantage : call.advantages[i];
  const bool selected = call.selected && call.selected[i];
  math::Surrogate<T> token = math::policy_term(log_prob, call.old_log_probs[i], advantage,
                                               row.sequence, selected, call.settings);
  if (kStats) collect(token, sums);
  const T factor = call.importance_weights ? row.factor * call.importance_weights[i] : row.factor;
  token.loss *= factor;
  token.grad *= factor;
  if (call.ref_log_probs) math::add_kl(token, log_prob - call.ref_log_probs[i], call.settings);
  if (call.entropy) token.loss -= call.entropy_coef * call.entropy[i];
  sums.loss += static_cast<double>(token.loss) * row.weight;
  return token.grad * static_cast<T>(row.weight);
}

template <class T, bool kStats>
__global__ void policy_tokens(PolicyTokens<T> call, PolicySums* parts) {
  __shared__ PolicySums shared[kWarpSize];
  PolicySums sums = no_tokens();
  RowConstants<T> row{};
  if (!call.needs_row) row = row_constants(call, 0);
  for (int64_t i : grid_stride(call.layout.total)) {
    T grad = T(0);
    if (call.mask(i)) {
      if (call.needs_row) row = row_constants(call, call.layout.row_of(i));
      grad = add_token<T, kStats>(call, i, row, sums);
    }
    if (call.grad) call.grad[i] = grad;
  }
  if (kStats) {
    sums = block_reduce(sums, AddPolicySums(), no_tokens(), shared);
  } else {
    sums.loss = block_reduce(sums.loss, Add(), 0.0, &shared[0].loss);
  }
  if (threadIdx.x == 0) parts[blockIdx.x] = sums;
}

// Null: not wanted.
template <class T>
struct PolicyOutputs {
  T *loss, *clip_fraction, *clip_fraction_lower, *approx_kl, *ratio_mean, *ratio_min, *ratio_max;
  uint8_t* dropped;

  bool statistics() const {
    return clip_fraction || clip_fraction_lower || approx_kl || ratio_mean || ratio_min ||
           ratio_max;
  }
};

// One block.
template <class T>
__global__ void policy_outputs(const PolicySums* parts, int64_t num_parts, const ValidTokens* valid,
                               PolicyOutputs<T> outputs) {
  __shared__ PolicySums shared[kWarpSize];
  PolicySums sums = no_tokens();
  for (int64_t i : thread_stride(num_parts)) sums = AddPolicySums()(sums, parts[i]);
  sums = block_reduce(sums, AddPolicySums(), no_tokens(), shared);
  if (threadIdx.x != 0) return;
  const bool empty = valid->tokens == 0;
  const double share = empty ? 0 : 1 / static_cast<double>(valid->tokens);
  // Minimum and maximum pass over a NaN; the sum keeps it.
  const double wrong = sums.ratio != sums.ratio ? sums.ratio : 0;
  put(outputs.loss, sums.loss);
  put(outputs.clip_fraction, sums.clipped * share);
  put(outputs.clip_fraction_lower, sums.lower * share);
  put(outputs.approx_kl, 0 - sums.log_ratio * share);  // 0 of no tokens, not −0
  put(outputs.ratio_mean, sums.ratio * share);
  put(outputs.ratio_min, empty ? 0 : sums.ratio_min + wrong);
  put(outputs.ratio_max, empty ? 0 : sums.ratio_max + wrong);
}

}  // namespace belfry::cuda
