// Body of policy_segment, once per instruction set.
//
// Tokens go through in blocks that stay in L1, one step after the other, each a loop without
// branches: log-ratios, exponentials, the formula of math/surrogate.h, the KL term, sums, gradient.
// What a masked token holds is replaced as it is loaded, so that it adds 0 to every sum.
// Sums are float64, in the order of the lanes. Bytes per token for float: read 12 + mask, write 4.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int kBlock = 256;

template <class T>
struct TokenBlock {
  alignas(64) T keep[kBlock];  // 1 for a valid token, else 0
  T log_ratio[kBlock], clamped[kBlock], ratio[kBlock], advantage[kBlock];
  T loss[kBlock], grad[kBlock], clipped[kBlock], dual_clipped[kBlock];
  T kl_ratio[kBlock], kl_x[kBlock], kl_expm1[kBlock];
  int count;   // tokens
  int padded;  // to whole vectors; the rest counts as masked
};

template <class T>
void load_keep_bits(const uint32_t* words, TokenBlock<T>& block) {
  for (int i = 0; i < block.padded; i += 32) {
    const uint32_t word = words[i / 32];
    T* keep = block.keep + i;
    for (int j = 0; j < 32; ++j) keep[j] = (word >> j) & 1 ? T(1) : T(0);
  }
}

template <class T>
void load_keep(const PolicyTokens<T>& tokens, int64_t first, TokenBlock<T>& block) {
  const math::FlagReader& mask = tokens.mask;
  if (tokens.mask_bits) {
    load_keep_bits(tokens.mask_bits + first / 32, block);
  } else if (mask.bytes) {
    const uint8_t* flags = mask.bytes + first;
    for (int i = 0; i < block.count; ++i) block.keep[i] = flags[i] != 0 ? T(1) : T(0);
  } else if (mask.words) {
    const int32_t* flags = mask.words + first;
    for (int i = 0; i < block.count; ++i) block.keep[i] = flags[i] != 0 ? T(1) : T(0);
  } else {
    for (int i = 0; i < block.count; ++i) block.keep[i] = T(1);
  }
  for (int i = block.count; i < block.padded; ++i) block.keep[i] = T(0);
}

// The steps on a block are longer than the hardware's prefetcher looks ahead.
constexpr int kAhead = 2 * kBlock;

template <class T>
BELFRY_INLINE Vec<T> load_up_to(const T* p, int left) {
  __builtin_prefetch(p + kAhead);
  return left >= Vec<T>::kLanes ? load(p) : load_n(p, left);
}

// `values`, with 0 in place of what masked tokens hold.
template <class T>
void load_kept(const T* values, const TokenBlock<T>& block, T* out) {
  for (int i = 0; i < block.padded; i += Vec<T>::kLanes) {
    const Mask<T> kept = load(block.keep + i) != zero<T>();
    store(out + i, select(kept, load_up_to(values + i, block.count - i), zero<T>()));
  }
}

template <class T>
void load_difference(const T* a, const T* b, const TokenBlock<T>& block, T* out) {
  for (int i = 0; i < block.padded; i += Vec<T>::kLanes) {
    const Mask<T> kept = load(block.keep + i) != zero<T>();
    const int left = block.count - i;
    const Vec<T> difference = load_up_to(a + i, left) - load_up_to(b + i, left);
    store(out + i, select(kept, difference, zero<T>()));
  }
}

template <class T>
void make_ratios(const T* log_probs, const T* old_log_probs, T bound, TokenBlock<T>& block) {
  for (int i = 0; i < block.padded; i += Vec<T>::kLanes) {
    const Mask<T> kept = load(block.keep + i) != zero<T>();
    const int left = block.count - i;
    const Vec<T> x = load_up_to(log_probs + i, left) - load_up_to(old_log_probs + i, left);
    const Vec<T> log_ratio = select(kept, x, zero<T>());
    const Vec<T> clamped = clamp(log_ratio, -bound, bound);
    store(block.log_ratio + i, log_ratio);
    store(block.clamped + i, clamped);
    store(block.ratio + i, select(kept, exp(clamped), zero<T>()));
  }
}

template <class T>
void clip_tokens(const math::RatioRule<T>& call_rule, TokenBlock<T>& block) {
  const math::RatioRule<T> rule = call_rule;
  for (int i = 0; i < block.padded; ++i) {
    const math::TokenLoss<T> token =
        math::ppo_clip(block.log_ratio[i], block.ratio[i], block.advantage[i], rule);
    block.loss[i] = token.loss;
    block.grad[i] = token.grad;
    block.clipped[i] = token.clipped;
    block.dual_clipped[i] = token.dual_clipped;
  }
}

// `log_probs` of the block are in `loss` when this begins.
template <class T>
void reinforce_tokens(TokenBlock<T>& block) {
  for (int i = 0; i < block.padded; ++i) {
    const math::TokenLoss<T> token = math::reinforce(block.loss[i], block.advantage[i]);
    block.loss[i] = token.loss;
    block.grad[i] = token.grad;
    block.clipped[i] = token.clipped;
    block.dual_clipped[i] = token.dual_clipped;
  }
}

template <class T>
void scale_policy_term(const T* factors, T factor, TokenBlock<T>& block) {
  if (factors) {
    load_kept(factors, block, block.kl_x);
    for (int i = 0; i < block.padded; ++i) {
      block.loss[i] *= block.kl_x[i];
      block.grad[i] *= block.kl_x[i];
    }
  }
  if (factor == T(1)) return;
  for (int i = 0; i < block.padded; ++i) {
    block.loss[i] *= factor;
    block.grad[i] *= factor;
  }
}

template <KlKind kKind, class T>
void add_kl(const PolicyTokens<T>& tokens, TokenBlock<T>& block) {
  const math::KlRule<T> rule = tokens.kl_rule;
  if constexpr (math::kl_needs_exp(kKind)) {
    for (int i = 0; i < block.padded; ++i) {
      block.kl_x[i] = math::kl_exponent(block.kl_ratio[i], rule);
    }
    for (int i = 0; i < block.padded; i += Vec<T>::kLanes) {
      store(block.kl_expm1 + i, expm1(load(block.kl_x + i)));
    }
  }
  const T coef = tokens.kl_coef, clamp_bound = tokens.ratio_rule.ratio_clamp;
  const bool times_ratio = tokens.kl_times_ratio;
  for (int i = 0; i < block.padded; ++i) {
    const auto plain =
        math::kl_term(kKind, block.kl_ratio[i], rule, block.kl_x[i], block.kl_expm1[i]);
    const auto scaled =
        math::times_ratio(plain, block.log_ratio[i], block.ratio[i], clamp_bound);
    block.loss[i] += coef * (times_ratio ? scaled.value : plain.value);
    block.grad[i] += coef * (times_ratio ? scaled.grad : plain.grad);
  }
}

template <class T>
void add_kl(const PolicyTokens<T>& tokens, TokenBlock<T>& block) {
  switch (tokens.kl_kind) {
    case KlKind::k1: return add_kl<KlKind::k1>(tokens, block);
    case KlKind::k2: return add_kl<KlKind::k2>(tokens, block);
    case KlKind::k3: return add_kl<KlKind::k3>(tokens, block);
    case KlKind::abs: return add_kl<KlKind::abs>(tokens, block);
    case KlKind::k1_plus: return add_kl<KlKind::k1_plus>(tokens, block);
    case KlKind::k3_plus: return add_kl<KlKind::k3_plus>(tokens, block);
  }
}

// Sums of one segment, lane by lane. A segment is shorter than the whole numbers a float holds.
template <class T>
struct LaneSums {
  Vec<double> loss[2], log_ratio[2], ratio[2];
  Vec<T> valid, clipped, dual_clipped, ratio_min, ratio_max;
};

BELFRY_INLINE void add_wide(const float* values, Vec<double>* sums) {
  sums[0] += load_widen(values);
  sums[1] += load_widen(values + Vec<double>::kLanes);
}
BELFRY_INLINE void add_wide(const double* values, Vec<double>* sums) { sums[0] += load(values); }

template <class T>
void add_sums(const TokenBlock<T>& block, LaneSums<T>& lanes) {
  LaneSums<T> sums = lanes;
  for (int i = 0; i < block.padded; i += Vec<T>::kLanes) {
    add_wide(block.loss + i, sums.loss);
    add_wide(block.clamped + i, sums.log_ratio);
    add_wide(block.ratio + i, sums.ratio);
    const Vec<T> keep = load(block.keep + i), r = load(block.ratio + i);
    sums.valid += keep;
    sums.clipped += load(block.clipped + i);
    sums.dual_clipped += load(block.dual_clipped + i);
    const Vec<T> valid_ratio =
        select(keep != zero<T>(), r, std::numeric_limits<T>::infinity());
    sums.ratio_min = min(sums.ratio_min, valid_ratio);
    sums.ratio_max = max(sums.ratio_max, r);
  }
  lanes = sums;
}

// Gradients of a batch larger than the cache go past it, but for the ends of each block.
template <class T>
void copy_out(const T* values, int count, bool past_cache, T* out) {
  constexpr int kLanes = Vec<T>::kLanes;
  int i = 0;
  if (past_cache) {
    for (; i < count && !is_aligned(out + i); ++i) out[i] = values[i];
    for (; i + kLanes <= count; i += kLanes) stream(out + i, load(values + i));
  }
  for (; i < count; ++i) out[i] = values[i];
}

template <class T>
void write_grad(TokenBlock<T>& block, T weight, bool past_cache, T* grad) {
  for (int i = 0; i < block.padded; ++i) {
    const T value = weight * block.grad[i];
    block.grad[i] = block.keep[i] != 0 ? value : T(0);
  }
  copy_out(block.grad, block.count, past_cache, grad);
}

template <class T>
void policy_block(const PolicyTokens<T>& tokens, const PolicySegment& segment, int64_t first,
                  TokenBlock<T>& block, LaneSums<T>& sums) {
  load_keep(tokens, first, block);
  make_ratios(tokens.log_probs + first, tokens.old_log_probs + first,
              tokens.ratio_rule.ratio_clamp, block);
  if (tokens.advantages) {
    load_kept(tokens.advantages + first, block, block.advantage);
  } else {
    const T advantage = static_cast<T>(segment.advantage);
    for (int i = 0; i < block.padded; ++i) {
      block.advantage[i] = block.keep[i] != 0 ? advantage : T(0);
    }
  }
  if (tokens.kind == PolicyLossKind::ppo_clip) {
    clip_tokens(tokens.ratio_rule, block);
  } else {
    load_kept(tokens.log_probs + first, block, block.loss);
    reinforce_tokens(block);
  }
  scale_policy_term(tokens.importance_weights ? tokens.importance_weights + first : nullptr,
                    static_cast<T>(segment.policy_weight), block);
  if (tokens.ref_log_probs) {
    load_difference(tokens.log_probs + first, tokens.ref_log_probs + first, block, block.kl_ratio);
    add_kl(tokens, block);
  }
  if (tokens.entropy) {
    load_kept(tokens.entropy + first, block, block.kl_x);
    for (int i = 0; i < block.padded; ++i) block.loss[i] -= tokens.entropy_coef * block.kl_x[i];
  }
  add_sums(block, sums);
  if (tokens.grad) {
    write_grad(block, static_cast<T>(segment.weight), tokens.past_cache, tokens.grad + first);
  }
}

}  // namespace

template <class T>
void policy_segment_in(const PolicyTokens<T>& tokens, const PolicySegment& segment,
                       PolicySums& sums) {
  constexpr int kLanes = Vec<T>::kLanes;
  TokenBlock<T> block;
  const Vec<double> none = zero<double>();
  const Vec<T> no = zero<T>(), infinite = std::numeric_limits<T>::infinity();
  LaneSums<T> lanes{{none, none}, {none, none}, {none, none}, no, no, no, infinite, no};
  for (int64_t done = 0; done < segment.count; done += kBlock) {
    const int64_t left = segment.count - done;
    block.count = static_cast<int>(left < kBlock ? left : kBlock);
    block.padded = (block.count + kLanes - 1) / kLanes * kLanes;
    policy_block(tokens, segment, segment.first + done, block, lanes);
  }
  if (tokens.past_cache) stream_fence();
  const double valid = static_cast<double>(reduce_sum(lanes.valid));
  if (valid == 0) return;
  const double low = static_cast<double>(reduce_min(lanes.ratio_min));
  const double high = static_cast<double>(reduce_max(lanes.ratio_max));
  sums.ratio_min = sums.valid == 0 || low < sums.ratio_min ? low : sums.ratio_min;
  sums.ratio_max = sums.valid == 0 || high > sums.ratio_max ? high : sums.ratio_max;
  sums.loss += segment.weight * reduce_sum(lanes.loss[0] + lanes.loss[1]);
  sums.log_ratio += reduce_sum(lanes.log_ratio[0] + lanes.log_ratio[1]);
  sums.ratio += reduce_sum(lanes.ratio[0] + lanes.ratio[1]);
  sums.valid += valid;
  sums.clipped += static_cast<double>(reduce_sum(lanes.clipped));
  sums.dual_clipped += static_cast<double>(reduce_sum(lanes.dual_clipped));
}

template void policy_segment_in(const PolicyTokens<float>&, const PolicySegment&, PolicySums&);
template void policy_segment_in(const PolicyTokens<double>&, const PolicySegment&, PolicySums&);

int64_t count_flags_in(const math::FlagReader& mask, int64_t first, int64_t count,
                       uint32_t* bits) {
  constexpr int kLanes = Vec<int32_t>::kLanes;
  int64_t valid = 0, i = 0;
  for (; i + 32 <= count; i += 32) {
    uint32_t word = 0;
    for (int j = 0; j < 32; j += kLanes) {
      const int64_t at = first + i + j;
      const Vec<int32_t> flags = mask.bytes ? load_u8(mask.bytes + at) : load(mask.words + at);
      word |= mask_bits(flags != zero<int32_t>()) << j;
    }
    valid += __builtin_popcount(word);
    if (bits) bits[i / 32] = word;
  }
  if (i == count) return valid;
  uint32_t word = 0;
  for (int j = 0; i + j < count; ++j) word |= (mask(first + i + j) ? 1u : 0u) << j;
  if (bits) bits[i / 32] = word;
  return valid + __builtin_popcount(word);
}

}  // namespace belfry::cpu::BELFRY_ISA
