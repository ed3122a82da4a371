// Body of gae_sequences, once per instruction set.
//
//   δ_t = r_t + γ V_{t+1} − V_t;   A_t = δ_t + γ λ A_{t+1};   G_t = A_t + V_t
//
// A sequence is walked from its end, a vector of valid tokens at a time: the maps A_{t+1} -> A_t of
// the lanes (gae_step) are composed by a scan in the register, so that one multiply-add of
// the carried A finishes them all and the next vector waits for nothing else. The order of the
// operations depends on the number of valid tokens alone: padded and packed give the same bits.
// Sums are float64. Bytes per token: read 8 (12 with per-token γ), write 8; 6 flops.

namespace belfry::cpu::BELFRY_ISA {
namespace {

using Wide = Vec<double>;
constexpr int kWide = Wide::kLanes;

using math::Affine;
using math::mul_add;
BELFRY_INLINE Wide mul_add(Wide a, Wide b, Wide c) { return fma(a, b, c); }

#define BELFRY_FORMULA BELFRY_INLINE
#include "math/gae-inl.h"
#undef BELFRY_FORMULA

BELFRY_INLINE Wide load_wide(const float* p) { return load_widen(p); }
BELFRY_INLINE Wide load_wide(const double* p) { return load(p); }
BELFRY_INLINE void store_wide(float* p, Wide x) { store_narrow(p, x); }
BELFRY_INLINE void store_wide(double* p, Wide x) { store(p, x); }

// Lane i of x is lane i + k; what comes in at the end is `fill`.
template <int k, int... i>
BELFRY_INLINE Wide shifted(Wide x, Wide fill, std::integer_sequence<int, i...>) {
  return Wide(__builtin_shufflevector(x.raw, fill.raw, (i + k)...));
}
template <int k>
BELFRY_INLINE Wide later(Wide x, Wide fill) {
  return shifted<k>(x, fill, std::make_integer_sequence<int, kWide>());
}

// Each lane's map after those of all later lanes: math::Affine::after.
template <int k>
BELFRY_INLINE void compose(Affine<Wide>& map) {
  if constexpr (k < kWide) {
    map.add = fma(map.mul, later<k>(map.add, Wide(0.0)), map.add);
    map.mul = map.mul * later<k>(map.mul, Wide(1.0));
    compose<2 * k>(map);
  }
}

struct Token {
  double reward, value, gamma, lambda;
};

// One sequence on its way from the end to the beginning.
struct Walk {
  double next_value, advantage = 0;

  BELFRY_INLINE explicit Walk(double bootstrap) : next_value(bootstrap) {}

  BELFRY_INLINE Wide step(Wide reward, Wide value, Wide gamma, Wide lambda) {
    const Wide next = later<1>(value, Wide(next_value));
    Affine<Wide> map = gae_step(reward, value, next, gamma, lambda);
    compose<1>(map);
    const Wide all = fma(map.mul, Wide(advantage), map.add);
    advantage = all.raw[0];
    next_value = value.raw[0];
    return all;
  }
  BELFRY_INLINE double step(const Token& token) {
    const auto map = gae_step(token.reward, token.value, next_value, token.gamma, token.lambda);
    advantage = map.add + map.mul * advantage;
    next_value = token.value;
    return advantage;
  }
};

template <class T>
BELFRY_INLINE Token token_at(const GaeSequence<T>& row, int64_t t) {
  return {static_cast<double>(row.rewards[t]), row.values ? static_cast<double>(row.values[t]) : 0,
          row.gammas ? static_cast<double>(row.gammas[t]) : row.gamma,
          row.lambdas ? static_cast<double>(row.lambdas[t]) : row.lambda};
}

template <class T>
BELFRY_INLINE void put(const GaeSequence<T>& row, int64_t t, double advantage, double value) {
  if (row.advantages) row.advantages[t] = static_cast<T>(advantage - row.baseline);
  if (row.returns) row.returns[t] = static_cast<T>(advantage + value);
}

// Once a line, what the walk reaches some 800 cycles later.
template <class T>
BELFRY_INLINE void prefetch(const GaeSequence<T>& row, int64_t t) {
  constexpr int64_t kLine = 64 / sizeof(T), kAhead = -2048;
  if ((t & (kLine - 1)) >= kWide) return;
  fetch_ahead(row.rewards + t, 1, kAhead);
  if (row.values) fetch_ahead(row.values + t, 1, kAhead);
  if (row.gammas) fetch_ahead(row.gammas + t, 1, kAhead);
  if (row.lambdas) fetch_ahead(row.lambdas + t, 1, kAhead);
}

// Tokens begin .. end, all valid.
template <class T>
void walk_run(const GaeSequence<T>& row, int64_t begin, int64_t end, double bootstrap) {
  Walk walk(bootstrap);
  int64_t t = end - kWide;
  for (; t >= begin; t -= kWide) {
    prefetch(row, t);
    const Wide value = row.values ? load_wide(row.values + t) : Wide(0.0);
    const Wide gamma = row.gammas ? load_wide(row.gammas + t) : Wide(row.gamma);
    const Wide lambda = row.lambdas ? load_wide(row.lambdas + t) : Wide(row.lambda);
    const Wide advantage = walk.step(load_wide(row.rewards + t), value, gamma, lambda);
    if (row.advantages) store_wide(row.advantages + t, advantage - Wide(row.baseline));
    if (row.returns) store_wide(row.returns + t, advantage + value);
  }
  for (t += kWide - 1; t >= begin; --t) {
    const Token token = token_at(row, t);
    put(row, t, walk.step(token), token.value);
  }
}

// Valid tokens with gaps between them: brought together a vector at a time.
template <class T>
void walk_gaps(const GaeSequence<T>& row, const math::FlagReader& mask) {
  Walk walk(row.bootstrap);
  int64_t place[kWide];
  double reward[kWide], value[kWide], gamma[kWide], lambda[kWide], advantage[kWide];
  int free = kWide;
  for (int64_t t = row.length - 1; t >= 0; --t) {
    if (!mask(row.first + t)) continue;
    const Token token = token_at(row, t);
    --free;
    place[free] = t;
    reward[free] = token.reward;
    value[free] = token.value;
    gamma[free] = token.gamma;
    lambda[free] = token.lambda;
    if (free > 0) continue;
    store(advantage, walk.step(load(reward), load(value), load(gamma), load(lambda)));
    for (int i = 0; i < kWide; ++i) put(row, place[i], advantage[i], value[i]);
    free = kWide;
  }
  for (int i = kWide - 1; i >= free; --i) {
    put(row, place[i], walk.step(Token{reward[i], value[i], gamma[i], lambda[i]}), value[i]);
  }
}

template <class T>
void clear(const GaeSequence<T>& row, int64_t begin, int64_t end) {
  for (int64_t t = begin; t < end; ++t) {
    if (row.advantages) row.advantages[t] = 0;
    if (row.returns) row.returns[t] = 0;
  }
}

// The last run of valid tokens before `end`: its bounds, begin == end when there is none.
struct Run {
  int64_t begin, end;
};
Run last_run(const math::FlagReader& mask, int64_t first, int64_t end) {
  while (end > 0 && !mask(first + end - 1)) --end;
  int64_t begin = end;
  while (begin > 0 && mask(first + begin - 1)) --begin;
  return {begin, end};
}

// Masked tokens are skipped: V_{t+1} and A_{t+1} are those of the next valid token, or 0 where a
// masked token ends what comes before it.
template <class T>
void walk_masked(const GaeSequence<T>& row, const math::FlagReader& mask) {
  Run run = last_run(mask, row.first, row.length);
  const bool gaps = last_run(mask, row.first, run.begin).end > 0;
  clear(row, run.end, row.length);
  if (gaps && !row.reset_masked) {
    for (int64_t t = 0; t < run.end; ++t) {
      if (!mask(row.first + t)) clear(row, t, t + 1);
    }
    walk_gaps(row, mask);
    return;
  }
  double bootstrap = row.reset_masked && run.end < row.length ? 0 : row.bootstrap;
  while (run.end > 0) {
    walk_run(row, run.begin, run.end, bootstrap);
    const Run before = last_run(mask, row.first, run.begin);
    clear(row, before.end, run.begin);
    bootstrap = 0;
    run = before;
  }
}

}  // namespace

template <class T>
void gae_row(const GaeSequence<T>& row, const math::FlagReader& mask) {
  if (mask.given()) {
    walk_masked(row, mask);
  } else {
    walk_run(row, 0, row.length, row.bootstrap);
  }
}

template void gae_row(const GaeSequence<float>&, const math::FlagReader&);
template void gae_row(const GaeSequence<double>&, const math::FlagReader&);

}  // namespace belfry::cpu::BELFRY_ISA
