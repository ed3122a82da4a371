// Body of piece_gradient, once per instruction set: e (level + slope d) for every logit, see
// math/softmax.h. About 14 operations per element; the logits are in cache from the pass before.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// e (level + slope d); with kCapped times d softcap(x)/dx, from the capped value.
template <class C, bool kCapped>
struct GradientMap {
  Exponential<C> exponential;
  Vec<C> reference, level, slope, cap;

  BELFRY_INLINE Vec<C> operator()(Vec<C> x) const {
    const Vec<C> d = exponential.bounded(x - reference);
    Vec<C> e = exponential(d);
    if constexpr (kCapped) {
      const Vec<C> t = x / cap;
      e *= max(fnma(t, t, Vec<C>(C(1))), C(0));
    }
    // Adding zero makes the zeros of excluded tokens positive.
    return fma(e, fma(d, slope, level), C(0));
  }
};

// Where a gradient goes: to elements of type C, past the caches or not, or to a half type.
template <class C, bool kStream>
struct RealSink {
  using Element = C;
  C* out;

  // Elements before the first whole line of memory.
  BELFRY_INLINE int head() const {
    const std::uintptr_t past = reinterpret_cast<std::uintptr_t>(out) % kLine;
    return past == 0 || !kStream ? 0 : static_cast<int>((kLine - past) / sizeof(C));
  }
  BELFRY_INLINE void put(int i, Vec<C> g) const {
    if constexpr (kStream) {
      stream(out + i, g);
    } else {
      store(out + i, g);
    }
  }
  BELFRY_INLINE void put_n(int i, Vec<C> g, int n) const { store_n(out + i, g, n); }
};

struct Bf16Sink {
  using Element = std::uint16_t;
  std::uint16_t* out;

  BELFRY_INLINE int head() const { return 0; }
  BELFRY_INLINE void put(int i, Vec<float> g) const { store_bf16(out + i, g); }
  BELFRY_INLINE void put_n(int i, Vec<float> g, int n) const { store_bf16_n(out + i, g, n); }
};

struct F16Sink {
  using Element = std::uint16_t;
  std::uint16_t* out;

  BELFRY_INLINE int head() const { return 0; }
  BELFRY_INLINE void put(int i, Vec<float> g) const { store_f16(out + i, g); }
  BELFRY_INLINE void put_n(int i, Vec<float> g, int n) const { store_f16_n(out + i, g, n); }
};

template <class C, class Map, class To>
BELFRY_INLINE void gradient_block(const C* x, int n, const Map& map, To to) {
  constexpr int kLanes = Vec<C>::kLanes;
  const auto put_rest = [&](int from, int end) {
    for (int i = from; i < end; i += kLanes) {
      const int rest = end - i < kLanes ? end - i : kLanes;
      to.put_n(i, map(load_n(x + i, rest)), rest);
    }
  };
  const int head = to.head();
  int i = head < n ? head : n;
  put_rest(0, i);
  for (; i + kGroup * kLanes <= n; i += kGroup * kLanes) {
    Vec<C> g[kGroup];
    for (int k = 0; k < kGroup; ++k) g[k] = map(load(x + i + k * kLanes));
    for (int k = 0; k < kGroup; ++k) to.put(i + k * kLanes, g[k]);
  }
  put_rest(i, n);
}

struct GradientTask {
  const LogitRows& rows;
  int64_t row;
  Span span;
  const RowLogSumExp& sums;
  math::SoftmaxGradient<double> gradient;
  const GradientRows& out;
};

template <class C, bool kCapped, class To>
void write_piece(const GradientTask& task) {
  const LogitRows& rows = task.rows;
  const auto vec = [](double value) { return Vec<C>(static_cast<C>(value)); };
  const GradientMap<C, kCapped> map{Exponential<C>(rows.inverse_temperature), vec(task.sums.max),
                                    vec(task.gradient.level), vec(task.gradient.slope),
                                    vec(rows.softcap)};
  auto* out = static_cast<typename To::Element*>(task.out.data) + task.row * rows.width;
  alignas(64) C buffer[kBlock<C>];
  [[maybe_unused]] const FlushSubnormals flush;
  for (int64_t column = task.span.begin; column < task.span.end; column += kBlock<C>) {
    const int64_t rest = task.span.end - column;
    const int n = static_cast<int>(rest < kBlock<C> ? rest : kBlock<C>);
    const C* x = block_values(rows, task.row, column, n, buffer);
    gradient_block(x, n, map, To{out + column});
  }
  if (task.out.stream) stream_fence();
}

template <class C, bool kCapped>
void write_piece_of_type(const GradientTask& task) {
  if constexpr (sizeof(C) == 4) {
    if (task.out.dtype == DType::bf16) return write_piece<C, kCapped, Bf16Sink>(task);
    if (task.out.dtype == DType::f16) return write_piece<C, kCapped, F16Sink>(task);
  }
  return task.out.stream ? write_piece<C, kCapped, RealSink<C, true>>(task)
                         : write_piece<C, kCapped, RealSink<C, false>>(task);
}

}  // namespace

template <class C>
void piece_gradient_body(const LogitRows& rows, int64_t row, int64_t piece,
                         const RowLogSumExp& sums, math::SoftmaxGradient<double> gradient,
                         const GradientRows& out) {
  const GradientTask task{rows, row, piece_span(rows, piece), sums, gradient, out};
  if (rows.softcap > 0) return write_piece_of_type<C, true>(task);
  write_piece_of_type<C, false>(task);
}

template void piece_gradient_body<float>(const LogitRows&, int64_t, int64_t, const RowLogSumExp&,
                                         math::SoftmaxGradient<double>, const GradientRows&);
template void piece_gradient_body<double>(const LogitRows&, int64_t, int64_t, const RowLogSumExp&,
                                          math::SoftmaxGradient<double>, const GradientRows&);

}  // namespace belfry::cpu::BELFRY_ISA
