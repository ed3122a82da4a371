// What the passes over tokens share: reading a vector of them and its valid lanes, sums of lanes in
// float64. Masked lanes are computed and then selected away, so what stands there changes nothing.

namespace belfry::cpu::BELFRY_ISA {
namespace {

template <class V>
using MaskOf = Mask<typename V::Scalar>;
template <class V>
using ScalarOf = typename V::Scalar;

// Vectors between two additions to the float64 sums.
constexpr int kBlock = 32;

// Lanes of T, widened.
template <class T>
struct WideSum {
  Vec<double> lower, upper;

  BELFRY_INLINE WideSum() : lower(0.0), upper(0.0) {}
  BELFRY_INLINE void add(Vec<T> lanes, double scale) {
    if constexpr (std::is_same_v<T, double>) {
      lower = fma(lanes, scale, lower);
    } else {
      lower = fma(widen_lower(lanes), scale, lower);
      upper = fma(widen_upper(lanes), scale, upper);
    }
  }
  BELFRY_INLINE double total() const { return reduce_sum(lower + upper); }
};

template <class T, bool kFull>
BELFRY_INLINE Vec<T> read(const T* p, int n) {
  if constexpr (kFull) return load(p);
  return load_n(p, n);
}

template <bool kFull>
BELFRY_INLINE Mask<float> valid_lanes(const math::FlagReader& mask, int64_t i, int n, float) {
  if (mask.bytes) {
    if constexpr (kFull) return as_float(nonzero_u8(mask.bytes + i));
    std::uint8_t flags[Vec<float>::kLanes] = {};
    for (int lane = 0; lane < n; ++lane) flags[lane] = mask.bytes[i + lane];
    return as_float(nonzero_u8(flags));
  }
  if (mask.words) return as_float(read<std::int32_t, kFull>(mask.words + i, n) != 0);
  return first_n<float>(n);
}

template <bool kFull>
BELFRY_INLINE Mask<double> valid_lanes(const math::FlagReader& mask, int64_t i, int n, double) {
  if (!mask.given()) return first_n<double>(n);
  double flags[Vec<double>::kLanes] = {};
  for (int lane = 0; lane < n; ++lane) flags[lane] = mask(i + lane);
  return load(flags) != 0;
}

}  // namespace
}  // namespace belfry::cpu::BELFRY_ISA
