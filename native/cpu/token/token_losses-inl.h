// Body of run_token_loss, once per instruction set. Sums are kept per lane in T for kBlock vectors,
// then in float64.

namespace belfry::cpu::BELFRY_ISA {
namespace {

using namespace math;

#define BELFRY_FORMULA BELFRY_INLINE
#include "math/surrogate-inl.h"
#include "math/token_losses-inl.h"
#undef BELFRY_FORMULA

template <class T>
struct TermSums {
  WideSum<T> loss, clipped;

  BELFRY_INLINE TermSums() {}
};

// Tokens i .. i + n; n is the number of lanes if kFull.
template <class T, class Rule, bool kFull>
BELFRY_INLINE void term_tokens(const TokenLossCall<T, Rule>& call, const Vec<T>* row, Vec<T> weight,
                               int64_t i, int n, Vec<T>& loss, Vec<T>& clipped) {
  const Mask<T> valid = valid_lanes<kFull>(call.mask, i, n, T());
  Mask<T> flags = weight < weight;
  if (call.flags.given()) flags = valid_lanes<kFull>(call.flags, i, n, T());
  Vec<T> x[Rule::kTokens];
  for (int k = 0; k < Rule::kTokens; ++k) {
    x[k] = call.tokens[k] ? read<T, kFull>(call.tokens[k] + i, n) : zero<T>();
  }
  const TokenTerm<Vec<T>> term = token_term(call.rule, x, row, flags);
  loss += select(valid, term.loss, T(0));
  clipped += select(valid & term.clipped, T(1), T(0));
  const auto put = [&](T* to, Vec<T> value) {
    if (!to) return;
    if constexpr (kFull)
      store(to + i, select(valid, value, T(0)));
    else
      store_n(to + i, select(valid, value, T(0)), n);
  };
  put(call.grad, term.grad * weight);
  put(call.extra, term.extra);
}

template <class T, class Rule>
BELFRY_INLINE void term_rows(const TokenLossCall<T, Rule>& call, int64_t row, int64_t first,
                             int64_t count, TermSums<T>& sums) {
  constexpr int kLanes = Vec<T>::kLanes;
  const double weight = call.weights.of(row);
  const Vec<T> narrow_weight = static_cast<T>(weight);
  Vec<T> of_row[Rule::kRows + 1];
  for (int k = 0; k < Rule::kRows; ++k) of_row[k] = Vec<T>(call.rows[k][row]);
  const int64_t end = first + count;
  for (int64_t i = first; i < end;) {
    Vec<T> loss = zero<T>(), clipped = zero<T>();
    const int64_t stop = i + kBlock * kLanes < end ? i + kBlock * kLanes : end;
    for (; i + kLanes <= stop; i += kLanes) {
      term_tokens<T, Rule, true>(call, of_row, narrow_weight, i, kLanes, loss, clipped);
    }
    if (i < stop) {
      term_tokens<T, Rule, false>(call, of_row, narrow_weight, i, static_cast<int>(stop - i), loss,
                                  clipped);
    }
    i = stop;
    sums.loss.add(loss, weight);
    sums.clipped.add(clipped, 1);
  }
}

}  // namespace

template <class T, class Rule>
void token_loss_segments(const TokenLossCall<T, Rule>& shared, int64_t begin, int64_t end,
                         TokenLossSums* out) {
  const TokenLossCall<T, Rule> call = shared;  // a copy that no store can reach
  const int64_t per_row = (call.layout.length + kTokenSegment - 1) / kTokenSegment;
  TermSums<T> sums;
  for (int64_t segment = begin; segment < end; ++segment) {
    const int64_t row = segment / per_row;
    const int64_t skip = segment % per_row * kTokenSegment;
    const int64_t left = call.layout.count(row) - skip;
    term_rows(call, row, call.layout.begin(row) + skip, left < kTokenSegment ? left : kTokenSegment,
              sums);
  }
  out->loss = sums.loss.total();
  out->clipped = sums.clipped.total();
}

#define BELFRY_INSTANTIATE(T, Rule)                                                     \
  template void token_loss_segments(const TokenLossCall<T, Rule<T>>&, int64_t, int64_t, \
                                    TokenLossSums*);
BELFRY_TOKEN_LOSSES(BELFRY_INSTANTIATE)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu::BELFRY_ISA
