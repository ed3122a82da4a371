// policy_loss: loss, gradient and statistics of a padded batch.
//
// The mask is counted first, for the denominators; then tokens go through once. Where all tokens
// have one weight the batch is one long row. Chunks have a fixed length and are summed by one
// thread; their sums are added in order, so that the result does not depend on the thread count.
#include <algorithm>

#include "cpu/run.h"
#include "cpu/token/policy_loss_tokens.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kChunk = 32768;
constexpr int64_t kCacheBytes = 4 << 20;

int64_t num_chunks(int64_t count) { return (count + kChunk - 1) / kChunk; }

Status check_operands(PolicyLossKind kind, bool lacks_ref, bool lacks_entropy) {
  if (kind != PolicyLossKind::ppo_clip && kind != PolicyLossKind::reinforce &&
      kind != PolicyLossKind::gpg) {
    return Status::error(Code::not_implemented, "kind",
                         "this kind of loss has no kernel yet; there are 'ppo_clip', 'reinforce' "
                         "and 'gpg'");
  }
  if (lacks_ref) {
    return Status::error(Code::missing_operand, "ref_log_probs",
                         "is required when kl_coef is not 0");
  }
  if (lacks_entropy) {
    return Status::error(Code::missing_operand, "entropy",
                         "is required when entropy_coef is not 0");
  }
  return {};
}

template <class T>
PolicyTokens<T> tokens_of(const PolicyLoss<T>& op) {
  PolicyTokens<T> tokens{};
  tokens.log_probs = op.log_probs.begin();
  tokens.old_log_probs = op.old_log_probs.begin();
  if (op.advantages.rank == 2) tokens.advantages = op.advantages.begin();
  if (op.importance_weights) tokens.importance_weights = op.importance_weights.begin();
  if (op.kl_coef != 0) tokens.ref_log_probs = op.ref_log_probs.begin();
  if (op.entropy_coef != 0) tokens.entropy = op.entropy.begin();
  if (op.grad_log_probs) tokens.grad = op.grad_log_probs.begin();
  const int64_t grad_bytes = op.log_probs.size() * static_cast<int64_t>(sizeof(T));
  tokens.past_cache = op.grad_log_probs && grad_bytes > kCacheBytes;
  tokens.mask = math::read_flags(op.mask, true);
  tokens.kind = op.kind;
  tokens.kl_kind = op.kl_kind;
  tokens.kl_times_ratio = op.kl_bias_correction;
  tokens.kl_coef = static_cast<T>(op.kl_coef);
  tokens.entropy_coef = static_cast<T>(op.entropy_coef);
  tokens.ratio_rule = math::ratio_rule<T>(op);
  tokens.kl_rule = math::kl_rule<T>(op);
  return tokens;
}

// What the weight of a token depends on.
template <class T>
struct Weighting {
  Aggregation mode;
  math::Denominators denominators;
  const double* lengths = nullptr;  // valid tokens of each sequence, when they are wanted
  int64_t num_rows = 0, row_length = 0;
  bool by_row = false;  // some factor differs from sequence to sequence
};

// Valid tokens of the whole batch. `bits` gets the mask.
double count_tokens(const math::FlagReader& mask, int64_t count, uint32_t* bits,
                    CpuContext& context) {
  double* parts = context.scratch<double>(num_chunks(count));
  std::fill_n(parts, num_chunks(count), 0.0);
  context.parallel(count, kChunk, [&](int64_t begin, int64_t end, int64_t chunk) {
    const int64_t valid = count_flags(mask, begin, end - begin, bits + begin / 32);
    parts[chunk] = static_cast<double>(valid);
  });
  double valid = 0;
  for (int64_t i = 0; i < num_chunks(count); ++i) valid += parts[i];
  return valid;
}

const double* count_rows(const math::FlagReader& mask, int64_t rows, int64_t length,
                         CpuContext& context) {
  double* lengths = context.scratch<double>(rows);
  std::fill_n(lengths, rows, static_cast<double>(length));
  if (!mask.given()) return lengths;
  context.parallel(rows, chunk_for(length / 4 + 1), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) {
      lengths[row] = static_cast<double>(count_flags(mask, row * length, length, nullptr));
    }
  });
  return lengths;
}

template <class T>
Weighting<T> weighting_of(const PolicyLoss<T>& op, PolicyTokens<T>& tokens, CpuContext& context) {
  Weighting<T> w{op.aggregation, {}};
  w.num_rows = op.log_probs.dims[0];
  w.row_length = op.log_probs.dims[1];
  math::Denominators& n = w.denominators;
  n.norm = op.norm.present ? op.norm.value : static_cast<double>(w.row_length);
  n.rows = op.num_seqs.present ? op.num_seqs.value : static_cast<double>(w.num_rows);
  n.tokens = op.num_tokens.value;
  n.sequences = n.rows;
  const bool token_mean = w.mode == Aggregation::token_mean;
  const bool mean_of_means = w.mode == Aggregation::seq_mean_token_mean;
  const bool counts_sequences = (mean_of_means || w.mode == Aggregation::seq_mean_token_sum) &&
                                !op.num_seqs.present && !op.count_empty;
  w.by_row = mean_of_means || op.advantages.rank == 1 || op.sequence_weights.present;
  if (token_mean && !op.num_tokens.present) {
    const int64_t count = w.num_rows * w.row_length;
    n.tokens = static_cast<double>(count);
    if (tokens.mask.given()) {
      // A mask of four bytes a token is not read twice: the bits of it stay in the cache.
      uint32_t* bits = context.scratch<uint32_t>((count + kChunk) / 32);
      n.tokens = count_tokens(tokens.mask, count, bits, context);
      if (!w.by_row) tokens.mask_bits = bits;
    }
  }
  if (mean_of_means || counts_sequences) {
    w.lengths = count_rows(tokens.mask, w.num_rows, w.row_length, context);
  }
  if (counts_sequences) {
    n.sequences = static_cast<double>(
        w.num_rows - std::count(w.lengths, w.lengths + w.num_rows, 0.0));
  }
  return w;
}

// The tokens of [begin, end) that lie in one row, from `begin` on.
template <class T>
PolicySegment segment_at(const PolicyLoss<T>& op, const Weighting<T>& weighting, int64_t begin,
                         int64_t end) {
  PolicySegment segment{begin, end - begin};
  double length = 0;
  if (weighting.by_row) {
    const int64_t row = begin / weighting.row_length;
    segment.count = std::min(end, (row + 1) * weighting.row_length) - begin;
    if (op.advantages.rank == 1) segment.advantage = static_cast<double>(op.advantages[row]);
    if (op.sequence_weights) {
      segment.policy_weight = static_cast<double>(op.sequence_weights[row]);
    }
    if (weighting.lengths) length = weighting.lengths[row];
  }
  segment.weight = math::token_weight(weighting.mode, weighting.denominators, length);
  return segment;
}

void add(const PolicySums& part, PolicySums& total) {
  if (part.valid == 0) return;
  const bool first = total.valid == 0;
  total.ratio_min = first ? part.ratio_min : std::min(total.ratio_min, part.ratio_min);
  total.ratio_max = first ? part.ratio_max : std::max(total.ratio_max, part.ratio_max);
  total.loss += part.loss;
  total.valid += part.valid;
  total.clipped += part.clipped;
  total.dual_clipped += part.dual_clipped;
  total.log_ratio += part.log_ratio;
  total.ratio += part.ratio;
}

template <class T>
PolicySums all_tokens(const PolicyLoss<T>& op, const PolicyTokens<T>& tokens,
                      const Weighting<T>& weighting, CpuContext& context) {
  const int64_t count = weighting.num_rows * weighting.row_length;
  PolicySums* parts = context.scratch<PolicySums>(num_chunks(count));
  std::fill_n(parts, num_chunks(count), PolicySums{});
  context.parallel(count, kChunk, [&](int64_t begin, int64_t end, int64_t chunk) {
    while (begin < end) {
      const PolicySegment segment = segment_at(op, weighting, begin, end);
      policy_segment(tokens, segment, parts[chunk]);
      begin += segment.count;
    }
  });
  PolicySums total;
  for (int64_t i = 0; i < num_chunks(count); ++i) add(parts[i], total);
  return total;
}

template <class T>
void write_scalar(const Out<T, 0>& out, double value) {
  if (out) out[0] = static_cast<T>(value);
}

template <class T>
void write_sums(const PolicyLoss<T>& op, const PolicySums& sums) {
  const double valid = std::max(1.0, sums.valid);
  // A NaN among the ratios is in their sum, but need not be in the smallest and the largest.
  const double nan_if_any = sums.ratio != sums.ratio ? sums.ratio : 0;
  write_scalar(op.loss, sums.loss);
  write_scalar(op.clip_fraction, sums.clipped / valid);
  write_scalar(op.clip_fraction_lower, sums.dual_clipped / valid);
  write_scalar(op.approx_kl, 0 - sums.log_ratio / valid);
  write_scalar(op.ratio_mean, sums.ratio / valid);
  write_scalar(op.ratio_min, sums.ratio_min + nan_if_any);
  write_scalar(op.ratio_max, sums.ratio_max + nan_if_any);
}

template <class T>
Status policy_loss(const PolicyLoss<T>& op, CpuContext& context) {
  const Status status = check_operands(op.kind, op.kl_coef != 0 && !op.ref_log_probs,
                                       op.entropy_coef != 0 && !op.entropy);
  if (!status.ok()) return status;
  PolicyTokens<T> tokens = tokens_of(op);
  const Weighting<T> weighting = weighting_of(op, tokens, context);
  write_sums(op, all_tokens(op, tokens, weighting, context));
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const PolicyLoss<float>& op, CpuContext& context) {
  return policy_loss(op, context);
}
template <>
Status run(const PolicyLoss<double>& op, CpuContext& context) {
  return policy_loss(op, context);
}

}  // namespace belfry::cpu
