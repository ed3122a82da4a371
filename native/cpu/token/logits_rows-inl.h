// What the bodies logits_rows_sums-inl.h and logits_rows_gradient-inl.h share: e^(d/τ), and logits
// of any storage type as vectors of the type computed in, by way of a block in L1 where they are
// not that as they lie.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int kGroup = 8;
constexpr int kBlockVectors = 128;

template <class C>
constexpr int kBlock = kBlockVectors* Vec<C>::kLanes;

constexpr int kLine = 64;

// While it lives, results below the smallest normal number are 0. On x86 each of them would cost
// as much as a hundred others, and a row with a sharp peak is full of them.
class FlushSubnormals {
#if defined(__x86_64__)
 public:
  BELFRY_INLINE FlushSubnormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8000u); }
  BELFRY_INLINE ~FlushSubnormals() { _mm_setcsr(saved_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  unsigned saved_;
#endif
};

// --- e^(d/τ) ----------------------------------------------------------------------------------

// 2^f on [−1/2, 1/2], exact at 0; relative error 2e-9 (float), 3e-18 (double).
template <class C>
BELFRY_INLINE Vec<C> exp2_of_fraction(Vec<C> f) {
  if constexpr (sizeof(C) == 4) {
    return detail::poly(f, 1.0f, 0.693147203f, 0.240226479f, 0.0555033247f, 0.00961843736f,
                        0.00133988744f, 0.000153533621f);
  } else {
    return detail::poly(f, 1.0, 0.69314718055994533, 0.24022650695910131, 0.055504108664820083,
                        0.0096181291075941201, 0.0013333558146774621, 0.00015403530457112091,
                        1.5252733493127487e-5, 1.3215435282308488e-6, 1.0178199571842138e-7,
                        7.0737832485031333e-9, 4.4347712982003767e-10);
  }
}

template <class C>
struct Exponential {
  static constexpr C kBias = std::numeric_limits<C>::max_exponent - 1;

  Vec<C> scale;
  Vec<C> low;  // where the result is 0; finite, so that d e is 0 there and not NaN

  BELFRY_INLINE explicit Exponential(double inverse_temperature) {
    const double most = static_cast<double>(std::numeric_limits<C>::max());
    const double wanted = inverse_temperature * 1.4426950408889634;
    const C bounded = static_cast<C>(wanted < most ? wanted : most);
    scale = Vec<C>(bounded);
    low = Vec<C>(-kBias / bounded);
  }
  BELFRY_INLINE Vec<C> bounded(Vec<C> d) const { return max(low, d); }
  BELFRY_INLINE Vec<C> operator()(Vec<C> d) const {
    // Rounds to a whole number n and leaves n + bias in the low bits: 0 there makes 2^n zero.
    const Vec<C> rounder = detail::kRounder<C> + kBias;
    const Vec<C> shifted = fma(d, scale, rounder);
    const Vec<C> fraction = fms(d, scale, shifted - rounder);
    return exp2_of_fraction(fraction) * as_float(as_int(shifted) << detail::kMantissaBits<C>);
  }
};

// --- storage types ----------------------------------------------------------------------------

template <class Load>
BELFRY_INLINE void to_floats(const uint16_t* from, int n, float* to, Load load_one) {
  constexpr int kLanes = Vec<float>::kLanes;
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, load_one(from + i, kLanes));
  if (i < n) store_n(to + i, load_one(from + i, n - i), n - i);
}

template <class C>
void cap_block(const C* from, int n, C cap, C* to) {
  constexpr int kLanes = Vec<C>::kLanes;
  const Vec<C> excluded = -std::numeric_limits<C>::infinity();
  for (int i = 0; i < n; i += kLanes) {
    const int rest = n - i < kLanes ? n - i : kLanes;
    const Vec<C> x = load_n(from + i, rest);
    const Vec<C> capped = tanh(x / Vec<C>(cap)) * Vec<C>(cap);
    store_n(to + i, select(x == excluded, x, capped), rest);
  }
}

void convert_block(const void* from, DType dtype, int n, float* to) {
  const uint16_t* halves = static_cast<const uint16_t*>(from);
  constexpr int kLanes = Vec<float>::kLanes;
  if (dtype == DType::bf16) {
    to_floats(halves, n, to, [](const uint16_t* p, int count) {
      return count == kLanes ? load_bf16(p) : load_bf16_n(p, count);
    });
  } else {
    to_floats(halves, n, to, [](const uint16_t* p, int count) {
      return count == kLanes ? load_f16(p) : load_f16_n(p, count);
    });
  }
}

// n <= kBlock elements from `column` on, as C and capped; in `buffer` when they are not that as
// they lie.
template <class C>
BELFRY_INLINE const C* block_values(const LogitRows& rows, int64_t row, int64_t column, int n,
                                    C* buffer) {
  const void* from = rows.address(row, column);
  const C* values = static_cast<const C*>(from);
  if constexpr (sizeof(C) == 4) {
    if (rows.dtype != DType::f32) {
      convert_block(from, rows.dtype, n, buffer);
      values = buffer;
    }
  }
  if (rows.softcap > 0) {
    cap_block(values, n, static_cast<C>(rows.softcap), buffer);
    values = buffer;
  }
  return values;
}

struct Span {
  int64_t begin, end;
};

[[maybe_unused]] Span piece_span(const LogitRows& rows, int64_t piece) {
  const int64_t begin = piece * kRowPiece;
  return {begin, rows.width - begin < kRowPiece ? rows.width : begin + kRowPiece};
}

}  // namespace
}  // namespace belfry::cpu::BELFRY_ISA
