// Body of gae_sequences, once per instruction set.
//
//   δ_t = r_t + γ V_{t+1} − V_t;   A_t = δ_t + γ λ A_{t+1};   G_t = A_t + V_t
//
// Blocks of time are walked from the last to the first. In a block the maps A_{t+1} -> A_t are
// made in vector form, the recurrence runs over buffers in L1 for a group of rows at once (one row
// alone would wait 8 cycles a token), and the results are written in vector form. Sums are float64.
// Bytes per token: read 8 (12 with per-token γ), write 8; 6 flops.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int kBlock = 64;

template <class T>
struct GaeBlock {
  double mul[kBlock], add[kBlock], advantage[kBlock];
  double next_value, carry;
  int64_t end;  // tokens still to do
  int size;
};

template <class T>
BELFRY_INLINE double value_at(const T* values, int64_t i) {
  return values ? static_cast<double>(values[i]) : 0;
}

template <class T>
void make_maps(const GaeSequence<T>& row, GaeBlock<T>& block) {
  block.size = static_cast<int>(block.end < kBlock ? block.end : kBlock);
  const int64_t begin = block.end - block.size;
  const T* r = row.rewards + begin;
  const T* v = row.values ? row.values + begin : nullptr;
  const int last = block.size - 1;
  for (int i = 0; i <= last; ++i) {
    const double gamma = row.gammas ? static_cast<double>(row.gammas[begin + i]) : row.gamma;
    const double lambda = row.lambdas ? static_cast<double>(row.lambdas[begin + i]) : row.lambda;
    const double next = i < last ? value_at(v, i + 1) : block.next_value;
    const auto step =
        math::gae_step<double>(static_cast<double>(r[i]), value_at(v, i), next, gamma, lambda);
    block.mul[i] = step.mul;
    block.add[i] = step.add;
  }
  if (block.size > 0) block.next_value = value_at(v, 0);
}

template <class T>
void write_block(const GaeSequence<T>& row, GaeBlock<T>& block) {
  block.end -= block.size;
  if (row.advantages) {
    T* out = row.advantages + block.end;
    for (int i = 0; i < block.size; ++i) out[i] = static_cast<T>(block.advantage[i] - row.baseline);
  }
  if (row.returns) {
    T* out = row.returns + block.end;
    const T* v = row.values ? row.values + block.end : nullptr;
    for (int i = 0; i < block.size; ++i) {
      out[i] = static_cast<T>(block.advantage[i] + value_at(v, i));
    }
  }
}

template <class T>
void walk(GaeBlock<T>& block) {
  double carry = block.carry;
  for (int i = block.size - 1; i >= 0; --i) {
    carry = block.mul[i] * carry + block.add[i];
    block.advantage[i] = carry;
  }
  block.carry = carry;
}

template <class T>
void walk_together(GaeBlock<T>* blocks) {
  double c0 = blocks[0].carry, c1 = blocks[1].carry;
  double c2 = blocks[2].carry, c3 = blocks[3].carry;
  for (int i = kBlock - 1; i >= 0; --i) {
    blocks[0].advantage[i] = c0 = blocks[0].mul[i] * c0 + blocks[0].add[i];
    blocks[1].advantage[i] = c1 = blocks[1].mul[i] * c1 + blocks[1].add[i];
    blocks[2].advantage[i] = c2 = blocks[2].mul[i] * c2 + blocks[2].add[i];
    blocks[3].advantage[i] = c3 = blocks[3].mul[i] * c3 + blocks[3].add[i];
  }
  blocks[0].carry = c0;
  blocks[1].carry = c1;
  blocks[2].carry = c2;
  blocks[3].carry = c3;
}

// Masked tokens are skipped: V_{t+1} and A_{t+1} are those of the next valid token.
template <class T>
void gae_masked(const GaeSequence<T>& row, const math::FlagReader& mask) {
  double next_value = row.bootstrap, carry = 0;
  for (int64_t t = row.length - 1; t >= 0; --t) {
    if (!mask(row.first + t)) {
      if (row.advantages) row.advantages[t] = 0;
      if (row.returns) row.returns[t] = 0;
      if (row.reset_masked) next_value = carry = 0;
      continue;
    }
    const double gamma = row.gammas ? static_cast<double>(row.gammas[t]) : row.gamma;
    const double lambda = row.lambdas ? static_cast<double>(row.lambdas[t]) : row.lambda;
    const double value = value_at(row.values, t);
    const auto step = math::gae_step<double>(static_cast<double>(row.rewards[t]), value, next_value,
                                             gamma, lambda);
    carry = step.mul * carry + step.add;
    next_value = value;
    if (row.advantages) row.advantages[t] = static_cast<T>(carry - row.baseline);
    if (row.returns) row.returns[t] = static_cast<T>(carry + value);
  }
}

}  // namespace

template <class T>
void gae_group(const GaeSequence<T>* rows, int count, const math::FlagReader& mask) {
  if (mask.given()) {
    for (int i = 0; i < count; ++i) gae_masked(rows[i], mask);
    return;
  }
  GaeBlock<T> blocks[kGaeGroup];
  int64_t longest = 0;
  for (int i = 0; i < count; ++i) {
    blocks[i].end = rows[i].length;
    blocks[i].next_value = rows[i].bootstrap;
    blocks[i].carry = 0;
    longest = rows[i].length > longest ? rows[i].length : longest;
  }
  for (int64_t done = 0; done < longest; done += kBlock) {
    bool together = count == kGaeGroup;
    for (int i = 0; i < count; ++i) {
      make_maps(rows[i], blocks[i]);
      together = together && blocks[i].size == kBlock;
    }
    if (together) {
      walk_together(blocks);
    } else {
      for (int i = 0; i < count; ++i) walk(blocks[i]);
    }
    for (int i = 0; i < count; ++i) write_block(rows[i], blocks[i]);
  }
}

template void gae_group(const GaeSequence<float>*, int, const math::FlagReader&);
template void gae_group(const GaeSequence<double>*, int, const math::FlagReader&);

}  // namespace belfry::cpu::BELFRY_ISA
