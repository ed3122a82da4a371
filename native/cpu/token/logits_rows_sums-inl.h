// Body of piece_sums, once per instruction set.
//
// One pass: eight vectors are loaded, their maximum is compared with the running one (a rise is
// rare, and moves the sums), and e = e^{(x−max)/τ} is added to Σe, Σ(x−max)e, Σe². Float sums run
// over one block of 128 vectors, then go on in float64.
// Operations per element: about 16 (f32 with entropy). A logit is read from memory once.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int kSums = 4;  // independent accumulators, to hide the latency of the additions

// Far enough to keep memory busy while a block is computed.
constexpr int64_t kFetchAhead = 16384;

// The sums of the present block, held in registers.
template <class C>
struct Block {
  Vec<C> top;        // the maximum so far
  Vec<C> reference;  // the same, or 0 while it is −Infinity
  Vec<C> sum[kSums], weighted[kSums], squares[kSums];
};

template <class C>
BELFRY_INLINE void clear(Block<C>& block) {
  for (int k = 0; k < kSums; ++k) {
    block.sum[k] = block.weighted[k] = block.squares[k] = zero<C>();
  }
}

template <class C>
BELFRY_INLINE double total_of(const Vec<C> (&parts)[kSums]) {
  const Vec<C> all = (parts[0] + parts[1]) + (parts[2] + parts[3]);
  if constexpr (sizeof(C) == 4) {
    return reduce_sum(widen_lower(all) + widen_upper(all));
  } else {
    return reduce_sum(all);
  }
}

template <class C, RowSums kWant>
BELFRY_INLINE void close(const Block<C>& block, RowLogSumExp& total) {
  total.sum += total_of(block.sum);
  if constexpr (kWant != RowSums::normaliser) total.weighted += total_of(block.weighted);
  if constexpr (kWant == RowSums::all) total.squares += total_of(block.squares);
}

// Moves the sums to a higher maximum, and returns it.
template <class C, RowSums kWant>
__attribute__((noinline)) C raise_top(const Block<C>& block, Vec<C> group_top,
                                      double inverse_temperature, RowLogSumExp& total) {
  close<C, kWant>(block, total);
  const C top = reduce_max(group_top);
  if (total.max == -std::numeric_limits<double>::infinity()) {
    // Nothing but zeros so far, or a NaN, which stays.
    total.sum *= 0;
    total.weighted *= 0;
    total.squares *= 0;
    total.max = static_cast<double>(top);
  } else {
    total = math::relative_to(total, static_cast<double>(top), inverse_temperature);
  }
  return top;
}

template <int kCount, class C, RowSums kWant>
BELFRY_INLINE void add_vectors(const Vec<C> (&x)[kCount], const Exponential<C>& exponential,
                               double inverse_temperature, Block<C>& block, RowLogSumExp& total) {
  Vec<C> top = x[0];
  for (int k = 1; k < kCount; ++k) top = max(top, x[k]);
  if (__builtin_expect(any(top > block.top), 0)) {
    const Block<C> copy = block;  // so that `block` itself can stay in registers
    const C raised = raise_top<C, kWant>(copy, top, inverse_temperature, total);
    block.top = block.reference = Vec<C>(raised);
    clear(block);
  }
  for (int k = 0; k < kCount; ++k) {
    const Vec<C> d = exponential.bounded(x[k] - block.reference);
    const Vec<C> e = exponential(d);
    const int i = k % kSums;
    block.sum[i] += e;
    if constexpr (kWant != RowSums::normaliser) block.weighted[i] = fma(e, d, block.weighted[i]);
    if constexpr (kWant == RowSums::all) block.squares[i] = fma(e, e, block.squares[i]);
  }
}

template <class C, RowSums kWant>
BELFRY_INLINE void add_block(const C* x, int n, const Exponential<C>& exponential,
                             double inverse_temperature, Block<C>& block, RowLogSumExp& total,
                             const char* stored, int64_t stored_bytes) {
  constexpr int kLanes = Vec<C>::kLanes;
  int i = 0;
  for (; i + kGroup * kLanes <= n; i += kGroup * kLanes) {
    Vec<C> group[kGroup];
    for (int k = 0; k < kGroup; ++k) group[k] = load(x + i + k * kLanes);
    fetch_ahead<0, 2>(stored + i * stored_bytes, kGroup * kLanes * stored_bytes, kFetchAhead);
    add_vectors<kGroup, C, kWant>(group, exponential, inverse_temperature, block, total);
  }
  for (; i < n; i += kLanes) {
    const int rest = n - i < kLanes ? n - i : kLanes;
    const Vec<C> one[1] = {load_n(x + i, rest, -std::numeric_limits<C>::infinity())};
    add_vectors<1, C, kWant>(one, exponential, inverse_temperature, block, total);
  }
}

template <class C, RowSums kWant>
RowLogSumExp sum_piece(const LogitRows& rows, int64_t row, Span span) {
  alignas(64) C buffer[kBlock<C>];
  const Exponential<C> exponential(rows.inverse_temperature);
  Block<C> block;
  block.top = Vec<C>(-std::numeric_limits<C>::infinity());
  block.reference = zero<C>();
  RowLogSumExp total;
  [[maybe_unused]] const FlushSubnormals flush;
  for (int64_t column = span.begin; column < span.end; column += kBlock<C>) {
    const int64_t rest = span.end - column;
    const int n = static_cast<int>(rest < kBlock<C> ? rest : kBlock<C>);
    const C* x = block_values(rows, row, column, n, buffer);
    clear(block);
    add_block<C, kWant>(x, n, exponential, rows.inverse_temperature, block, total,
                        rows.address(row, column), dtype_bytes(rows.dtype));
    close<C, kWant>(block, total);
  }
  return total;
}

}  // namespace

template <class C>
RowLogSumExp piece_sums_body(const LogitRows& rows, int64_t row, int64_t piece, RowSums want) {
  const Span span = piece_span(rows, piece);
  switch (want) {
    case RowSums::normaliser: return sum_piece<C, RowSums::normaliser>(rows, row, span);
    case RowSums::entropy: return sum_piece<C, RowSums::entropy>(rows, row, span);
    case RowSums::all: break;
  }
  return sum_piece<C, RowSums::all>(rows, row, span);
}

template RowLogSumExp piece_sums_body<float>(const LogitRows&, int64_t, int64_t, RowSums);
template RowLogSumExp piece_sums_body<double>(const LogitRows&, int64_t, int64_t, RowSums);
}  // namespace belfry::cpu::BELFRY_ISA
