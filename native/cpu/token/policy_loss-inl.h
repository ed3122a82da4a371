// Body of policy_loss, once per instruction set: loss, gradient and statistics in one pass; before
// it, for kinds with a ratio of the sequence, a pass that sums each row.
//
//   loss = Σ W (w ℓ + β KL − c H);   ∂loss/∂log π = W (w ∂ℓ + β ∂KL)
//
// Sums are kept per lane in T for kBlock vectors, then in float64. The commonest kind has loops of
// its own: 16 lanes of avx512 take about 13 cycles on a Zen 5, the exponential 6 of them; their
// bytes take as long to copy in memory.
// Bytes per token: read 8, advantages 4, mask 1 to 4 (4 for each other optional operand), write 4;
// about 25 flops.

namespace belfry::cpu::BELFRY_ISA {
namespace {

using math::SurrogateSettings;

#define BELFRY_FORMULA BELFRY_INLINE
#include "math/surrogate-inl.h"
#undef BELFRY_FORMULA

template <class T>
struct LaneSums {
  Vec<T> loss, clipped, lower, log_ratio, ratio;

  BELFRY_INLINE LaneSums() : loss(T(0)), clipped(loss), lower(loss), log_ratio(loss), ratio(loss) {}
};

template <class T>
struct ChunkSums {
  WideSum<T> loss, clipped, lower, log_ratio, ratio;
  Vec<T> ratio_min, ratio_max;

  BELFRY_INLINE ChunkSums()
      : ratio_min(std::numeric_limits<T>::infinity()),
        ratio_max(-std::numeric_limits<T>::infinity()) {}
};

// What one row's tokens have in common.
template <class T>
struct RowConstants {
  Vec<T> advantage, factor, weight;
  SequenceTerm<Vec<T>> sequence;
};

template <class T>
BELFRY_INLINE void collect(const PolicyTokens<T>& call, const Surrogate<Vec<T>>& token,
                           Mask<T> valid, LaneSums<T>& sums, ChunkSums<T>& chunk) {
  const T infinity = std::numeric_limits<T>::infinity();
  sums.clipped += select(valid & token.clipped, T(1), T(0));
  sums.log_ratio += select(valid, token.log_ratio, T(0));
  if (call.settings.has_dual) sums.lower += select(valid & token.lower, T(1), T(0));
  if (!call.ratio_statistics) return;
  sums.ratio += select(valid, token.ratio, T(0));
  chunk.ratio_min = min(chunk.ratio_min, select(valid, token.ratio, infinity));
  chunk.ratio_max = max(chunk.ratio_max, select(valid, token.ratio, -infinity));
}

template <class T, PolicyLoop kLoop, bool kFull>
BELFRY_INLINE Surrogate<Vec<T>> term(const PolicyTokens<T>& call, const RowConstants<T>& row,
                                     Vec<T> log_prob, Vec<T> old_log_prob, Vec<T> advantage,
                                     int64_t i, int n) {
  if constexpr (is_plain(kLoop)) {
    return surrogate<true>(log_prob, old_log_prob, advantage, call.settings);
  } else if constexpr (kLoop == PolicyLoop::clip) {
    return surrogate(log_prob, old_log_prob, advantage, call.settings);
  } else {
    const math::FlagReader selection{call.selected, nullptr, false};
    Mask<T> selected = log_prob < log_prob;
    if (call.selected) selected = valid_lanes<kFull>(selection, i, n, T());
    return policy_term(log_prob, old_log_prob, advantage, row.sequence, selected, call.settings);
  }
}

// The weights of the policy term, KL and entropy.
template <class T, bool kFull>
BELFRY_INLINE void add_options(const PolicyTokens<T>& call, const RowConstants<T>& row,
                               Vec<T> log_prob, int64_t i, int n, Surrogate<Vec<T>>& token) {
  if (call.importance_weights || call.sequence_weights) {
    Vec<T> factor = row.factor;
    if (call.importance_weights) factor *= read<T, kFull>(call.importance_weights + i, n);
    token.loss *= factor;
    token.grad *= factor;
  }
  if (call.ref_log_probs) {
    add_kl(token, log_prob - read<T, kFull>(call.ref_log_probs + i, n), call.settings);
  }
  if (call.entropy) token.loss -= call.entropy_coef * read<T, kFull>(call.entropy + i, n);
}

constexpr int64_t kFetchAhead = 4096;  // wanted some 800 cycles later

// The gradients of tokens i .. i + n; n is the number of lanes if kFull.
template <class T, PolicyLoop kLoop, bool kStats, bool kFull>
BELFRY_INLINE Vec<T> tokens(const PolicyTokens<T>& call, const RowConstants<T>& row, int64_t i,
                            int n, LaneSums<T>& sums, ChunkSums<T>& chunk) {
  if constexpr (kFull) {
    fetch_ahead(call.log_probs + i, 1, kFetchAhead);
    fetch_ahead(call.old_log_probs + i, 1, kFetchAhead);
  }
  const Mask<T> valid = valid_lanes<kFull>(call.mask, i, n, T());
  const Vec<T> log_prob = read<T, kFull>(call.log_probs + i, n);
  const Vec<T> old_log_prob = read<T, kFull>(call.old_log_probs + i, n);
  const Vec<T> advantage =
      call.advantage_per_row ? row.advantage : read<T, kFull>(call.advantages + i, n);
  Surrogate<Vec<T>> token =
      term<T, kLoop, kFull>(call, row, log_prob, old_log_prob, advantage, i, n);
  if constexpr (kStats) collect(call, token, valid, sums, chunk);
  if constexpr (!is_plain(kLoop)) {
    add_options<T, kFull>(call, row, log_prob, i, n, token);
  }
  sums.loss += select(valid, token.loss, T(0));
  return select(valid, token.grad * row.weight, T(0));
}

template <class T, PolicyLoop kLoop, bool kStats>
BELFRY_INLINE void segment_tokens(const PolicyTokens<T>& call, const TokenSegment& segment,
                                  LineWriter<T>& writer, ChunkSums<T>& chunk) {
  constexpr int kLanes = Vec<T>::kLanes;
  const int64_t row = segment.row, end = segment.end;
  const double weight = call.weights.of(row);
  RowConstants<T> constants{};
  constants.advantage = call.advantage_per_row ? call.advantages[row] : T(0);
  constants.factor = call.sequence_weights ? call.sequence_weights[row] : T(1);
  constants.weight = static_cast<T>(weight);
  if (call.sequences) {
    const math::SequenceTerm<T> sequence = call.sequences[row];
    constants.sequence = {sequence.ratio, sequence.log_ratio, sequence.advantage, sequence.slope};
  }
  for (int64_t i = segment.first; i < end;) {
    LaneSums<T> sums;
    const int64_t stop = i + kBlock * kLanes < end ? i + kBlock * kLanes : end;
    for (; i + kLanes <= stop; i += kLanes) {
      const Vec<T> grad = tokens<T, kLoop, kStats, true>(call, constants, i, kLanes, sums, chunk);
      if (call.past_caches) {
        writer.put(grad);
      } else if (call.grad) {
        store(call.grad + i, grad);
      }
    }
    if (i < stop) {
      const int rest = static_cast<int>(stop - i);
      const Vec<T> grad = tokens<T, kLoop, kStats, false>(call, constants, i, rest, sums, chunk);
      if (call.past_caches) {
        writer.put_n(grad, rest);
      } else if (call.grad) {
        store_n(call.grad + i, grad, rest);
      }
    }
    i = stop;
    chunk.loss.add(sums.loss, weight);
    if constexpr (!kStats) continue;
    chunk.clipped.add(sums.clipped, 1);
    chunk.lower.add(sums.lower, 1);
    chunk.log_ratio.add(sums.log_ratio, 1);
    chunk.ratio.add(sums.ratio, 1);
  }
}

// What `whole_rows` goes without, said so that the compiler sees it.
template <class T>
BELFRY_INLINE void drop_absent(PolicyTokens<T>& call) {
  call.mask = {};
  call.advantage_per_row = true;
  call.settings.has_dual = false;
}

}  // namespace

template <class T, PolicyLoop kLoop, bool kStats>
void policy_loss_segments(const PolicyTokens<T>& shared, int64_t begin, int64_t end,
                          PolicySums* out) {
  PolicyTokens<T> call = shared;  // a copy that no store can reach
  if constexpr (kLoop == PolicyLoop::whole_rows) drop_absent(call);
  LineWriter<T> writer(call.past_caches ? call.grad + call.segment(begin).first : nullptr);
  ChunkSums<T> chunk;
  for (int64_t i = begin; i < end; ++i) {
    segment_tokens<T, kLoop, kStats>(call, call.segment(i), writer, chunk);
  }
  if (call.past_caches) {
    writer.finish();
    stream_fence();
  }
  out->loss = chunk.loss.total();
  out->clipped = chunk.clipped.total();
  out->lower = chunk.lower.total();
  out->log_ratio = chunk.log_ratio.total();
  out->ratio = chunk.ratio.total();
  out->ratio_min = static_cast<double>(reduce_min(chunk.ratio_min));
  out->ratio_max = static_cast<double>(reduce_max(chunk.ratio_max));
}

#define BELFRY_INSTANTIATE(T, loop, stats)                                                        \
  template void policy_loss_segments<T, PolicyLoop::loop, stats>(const PolicyTokens<T>&, int64_t, \
                                                                 int64_t, PolicySums*);
#define BELFRY_INSTANTIATE_LOOPS(T)        \
  BELFRY_INSTANTIATE(T, any, true)         \
  BELFRY_INSTANTIATE(T, clip, true)        \
  BELFRY_INSTANTIATE(T, clip, false)       \
  BELFRY_INSTANTIATE(T, plain_clip, true)  \
  BELFRY_INSTANTIATE(T, plain_clip, false) \
  BELFRY_INSTANTIATE(T, whole_rows, false)
BELFRY_INSTANTIATE_LOOPS(float)
BELFRY_INSTANTIATE_LOOPS(double)
#undef BELFRY_INSTANTIATE_LOOPS
#undef BELFRY_INSTANTIATE

// Sums over the valid tokens of one row.
template <class T>
math::SequenceSums sum_sequence(const PolicyTokens<T>& call, int64_t row) {
  constexpr int kLanes = Vec<T>::kLanes;
  const int64_t first = call.layout.begin(row), length = call.layout.count(row);
  WideSum<T> counts, log_ratios, clipped, advantages;
  for (int64_t done = 0; done < length; done += kLanes) {
    const int64_t left = length - done;
    const int n = left < kLanes ? static_cast<int>(left) : kLanes;
    const int64_t i = first + done;
    const Mask<T> valid = valid_lanes<false>(call.mask, i, n, T()) & first_n<T>(n);
    const Vec<T> difference = load_n(call.log_probs + i, n) - load_n(call.old_log_probs + i, n);
    const Vec<T> advantage =
        call.advantage_per_row ? Vec<T>(call.advantages[row]) : load_n(call.advantages + i, n);
    counts.add(select(valid, Vec<T>(T(1)), T(0)), 1);
    log_ratios.add(select(valid, difference, T(0)), 1);
    advantages.add(select(valid, advantage, T(0)), 1);
    if (call.settings.kind != PolicyLossKind::gmpo) continue;
    const Vec<T> bound = Vec<T>(call.settings.ratio_clamp);
    const Vec<T> d = gmpo_log_ratio(clamp(difference, -bound, bound), advantage, call.settings);
    clipped.add(select(valid, d, T(0)), 1);
  }
  return {counts.total(), log_ratios.total(), clipped.total(), advantages.total()};
}

template math::SequenceSums sum_sequence<float>(const PolicyTokens<float>&, int64_t);
template math::SequenceSums sum_sequence<double>(const PolicyTokens<double>&, int64_t);

}  // namespace belfry::cpu::BELFRY_ISA
