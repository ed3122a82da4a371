// Body of vocab_kl, once per instruction set. With d = log p − log q of a token: Σ p d or −Σ q d,
// then p (d − KL) or p − q. Two exponentials an element and pass; the rows are in cache from the
// sums.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// p, q and d for a vector of logits of both rows.
template <class C>
struct KlPair {
  Vec<C> p_max, q_max, p_share, q_share, log_shares;

  BELFRY_INLINE explicit KlPair(const KlRow& row)
      : p_max(static_cast<C>(row.p.max)),
        q_max(static_cast<C>(row.q.max)),
        p_share(static_cast<C>(1 / row.p.sum)),
        q_share(static_cast<C>(1 / row.q.sum)),
        log_shares(static_cast<C>(row.log_shares)) {}
};

template <class C>
struct KlLanes {
  Vec<C> p, q, d;

  BELFRY_INLINE KlLanes(const KlPair<C>& pair, Vec<C> x, Vec<C> y) {
    const Vec<C> of_p = x - pair.p_max, of_q = y - pair.q_max;
    p = exp(of_p) * pair.p_share;
    q = exp(of_q) * pair.q_share;
    d = (of_p - of_q) - pair.log_shares;
  }
  BELFRY_INLINE Vec<C> term(bool forward) const {
    if (forward) return select(q == C(0), C(0), -(q * d));
    return select(p == C(0), C(0), p * d);
  }
  BELFRY_INLINE Vec<C> slope(bool forward, Vec<C> kl) const {
    if (forward) return p - q;
    return select(p == C(0), C(0), p * (d - kl));
  }
};

template <class C, class Body>
BELFRY_INLINE void for_each_block(const KlRows& rows, int64_t row, const Body& body) {
  alignas(64) C first[kBlock<C>];
  alignas(64) C second[kBlock<C>];
  for (int64_t column = 0; column < rows.p.width; column += kBlock<C>) {
    const int64_t rest = rows.p.width - column;
    const int n = static_cast<int>(rest < kBlock<C> ? rest : kBlock<C>);
    const C* x = block_values(rows.p, row, column, n, first);
    const C* y = block_values(rows.q, row, column, n, second);
    body(x, y, column, n);
  }
}

template <class C>
BELFRY_INLINE double kl_sum(const KlRows& rows, int64_t row, const KlRow& sums) {
  constexpr int kLanes = Vec<C>::kLanes;
  const KlPair<C> pair(sums);
  double total = 0;
  for_each_block<C>(rows, row, [&](const C* x, const C* y, int64_t, int n) {
    Vec<C> block = zero<C>();
    for (int i = 0; i < n; i += kLanes) {
      const int rest = n - i < kLanes ? n - i : kLanes;
      const KlLanes<C> lanes(pair, load_n(x + i, rest), load_n(y + i, rest));
      block += select(first_n<C>(rest), lanes.term(rows.forward), C(0));
    }
    total += static_cast<double>(reduce_sum(block));
  });
  return total;
}

template <class C>
BELFRY_INLINE void kl_gradient(const KlRows& rows, int64_t row, const KlRow& sums, double kl,
                               C* out) {
  constexpr int kLanes = Vec<C>::kLanes;
  const KlPair<C> pair(sums);
  const Vec<C> narrow = static_cast<C>(kl);
  for_each_block<C>(rows, row, [&](const C* x, const C* y, int64_t column, int n) {
    for (int i = 0; i < n; i += kLanes) {
      const int rest = n - i < kLanes ? n - i : kLanes;
      const KlLanes<C> lanes(pair, load_n(x + i, rest), load_n(y + i, rest));
      store_n(out + column + i, lanes.slope(rows.forward, narrow), rest);
    }
  });
}

}  // namespace

template <class C>
double kl_sum_body(const KlRows& rows, int64_t row, const KlRow& sums) {
  return kl_sum<C>(rows, row, sums);
}

template <class C>
void kl_gradient_body(const KlRows& rows, int64_t row, const KlRow& sums, double kl, C* out) {
  kl_gradient<C>(rows, row, sums, kl, out);
}

template double kl_sum_body<float>(const KlRows&, int64_t, const KlRow&);
template double kl_sum_body<double>(const KlRows&, int64_t, const KlRow&);
template void kl_gradient_body<float>(const KlRows&, int64_t, const KlRow&, double, float*);
template void kl_gradient_body<double>(const KlRows&, int64_t, const KlRow&, double, double*);

}  // namespace belfry::cpu::BELFRY_ISA
