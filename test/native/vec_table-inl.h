namespace belfry::cpu::BELFRY_ISA {
namespace {

template <class T>
struct VecLoops {
  static constexpr int kLanes = Vec<T>::kLanes;

  static void fma(const T* a, const T* b, const T* c, T* out) {
    store(out, BELFRY_ISA::fma(load(a), load(b), load(c)));
    store(out + kLanes, fnma(load(a), load(b), load(c)));
    store(out + 2 * kLanes, fms(load(a), load(b), load(c)));
  }
  static void rounding(const T* a, T* out) {
    store(out, floor(load(a)));
    store(out + kLanes, round(load(a)));
    store(out + 2 * kLanes, abs(load(a)));
    store(out + 3 * kLanes, sqrt(load(a)));
  }
  static void ordering(const T* a, const T* b, T* out) {
    store(out, BELFRY_ISA::min(load(a), load(b)));
    store(out + kLanes, BELFRY_ISA::max(load(a), load(b)));
    store(out + 2 * kLanes, min_nan(load(a), load(b)));
    store(out + 3 * kLanes, max_nan(load(a), load(b)));
    store(out + 4 * kLanes, clamp(load(a), -1, 1));
  }
  static unsigned compare(const T* a, const T* b, int which) {
    const Vec<T> x = load(a), y = load(b);
    switch (which) {
      case 0: return mask_bits(x < y);
      case 1: return mask_bits(x <= y);
      case 2: return mask_bits(x == y);
      case 3: return mask_bits(x > y);
      case 4: return mask_bits(x >= y);
      default: return mask_bits(x != y);
    }
  }
  static void blend(const T* a, const T* b, T* out) {
    store(out, select(load(a) < load(b), load(a), -load(b)));
  }
  static void copysign(const T* a, const T* b, T* out) {
    store(out, BELFRY_ISA::copysign(load(a), load(b)));
  }
  static T sum(const T* a) { return reduce_sum(load(a)); }
  static T max(const T* a) { return reduce_max(load(a)); }
  static T min(const T* a) { return reduce_min(load(a)); }
  static void load_n(const T* a, int n, T fill, T* out) {
    store(out, fill == T(0) ? BELFRY_ISA::load_n(a, n) : BELFRY_ISA::load_n(a, n, fill));
  }
  static void store_n(const T* a, int n, T* out) { BELFRY_ISA::store_n(out, load(a), n); }
  static void stream(const T* a, T* out) {
    if (is_aligned(out)) BELFRY_ISA::stream(out, load(a));
    stream_fence();
  }
  static void gather(const T* base, const std::int32_t* index, T* out) {
    store(out, BELFRY_ISA::gather(base, index));
  }
  static void gather_n(const T* base, const std::int32_t* index, int n, T* out) {
    store(out, BELFRY_ISA::gather_n(base, index, n));
  }
  static bool checked_gather(const T* base, const std::int32_t* index, int n, int count, T* out) {
    IndexLimit limit(count);
    store(out, n == kLanes ? BELFRY_ISA::checked_gather(base, index, limit)
                           : BELFRY_ISA::checked_gather_n(base, index, n, limit));
    return limit.held();
  }
  static unsigned first_n(int n) { return mask_bits(BELFRY_ISA::first_n<T>(n)); }
  static int count_negative(const T* a) { return count(load(a) < 0); }
  static bool any_negative(const T* a) { return any(load(a) < 0); }
  static bool all_negative(const T* a) { return all(load(a) < 0); }
  static void iota(T* out) { store(out, BELFRY_ISA::iota<T>()); }

  static test::VecTable<T> table() {
    return {kLanes,       fma,
            rounding,     ordering,
            compare,      blend,
            copysign,     sum,
            max,          min,
            load_n,       store_n,
            stream,       gather,
            gather_n,     checked_gather,
            first_n,      count_negative,
            any_negative, all_negative,
            iota};
  }
};

struct ConvertLoops {
  static constexpr int kHalf = Vec<double>::kLanes;

  static void load_bf16(const std::uint16_t* in, float* out) {
    store(out, BELFRY_ISA::load_bf16(in));
  }
  static void load_f16(const std::uint16_t* in, float* out) {
    store(out, BELFRY_ISA::load_f16(in));
  }
  static void load_bf16_n(const std::uint16_t* in, int n, float* out) {
    store(out, BELFRY_ISA::load_bf16_n(in, n));
  }
  static void load_f16_n(const std::uint16_t* in, int n, float* out) {
    store(out, BELFRY_ISA::load_f16_n(in, n));
  }
  static void store_bf16(const float* in, std::uint16_t* out) {
    BELFRY_ISA::store_bf16(out, load(in));
  }
  static void store_f16(const float* in, std::uint16_t* out) {
    BELFRY_ISA::store_f16(out, load(in));
  }
  static void store_bf16_n(const float* in, int n, std::uint16_t* out) {
    BELFRY_ISA::store_bf16_n(out, load(in), n);
  }
  static void store_f16_n(const float* in, int n, std::uint16_t* out) {
    BELFRY_ISA::store_f16_n(out, load(in), n);
  }
  static void widen(const float* in, double* out) {
    store(out, widen_lower(load(in)));
    store(out + kHalf, widen_upper(load(in)));
  }
  static void load_widen(const float* in, int n, double* out) {
    store(out, n < 0 ? BELFRY_ISA::load_widen(in) : load_widen_n(in, n));
  }
  static void store_narrow(const double* in, int n, float* out) {
    if (n < 0) {
      BELFRY_ISA::store_narrow(out, load(in));
    } else {
      store_narrow_n(out, load(in), n);
    }
  }
  static void load_u8(const std::uint8_t* in, std::int32_t* out) {
    store(out, BELFRY_ISA::load_u8(in));
  }
  static void int_float(const float* in, std::int32_t* truncated, float* back) {
    const Vec<std::int32_t> whole = to_int(load(in));
    store(truncated, whole);
    store(back, to_float(whole));
  }
  static void integers(const std::int32_t* a, const std::int32_t* b, std::int32_t* out) {
    constexpr int kLanes = Vec<std::int32_t>::kLanes;
    const Vec<std::int32_t> x = load(a), y = load(b);
    store(out, x + y);
    store(out + kLanes, x - y);
    store(out + 2 * kLanes, min(x, y));
    store(out + 3 * kLanes, max(x, y));
    store(out + 4 * kLanes, (x << 3) >> 3);
    store(out + 5 * kLanes, select(x < y, x & y, x ^ y));
  }

  static test::ConvertTable table() {
    return {Vec<float>::kLanes, load_bf16,    load_f16,     load_bf16_n, load_f16_n,
            store_bf16,         store_f16,    store_bf16_n, store_f16_n, widen,
            load_widen,         store_narrow, load_u8,      int_float,   integers};
  }
};

}  // namespace

test::VecTable<float> float_ops() { return VecLoops<float>::table(); }
test::VecTable<double> double_ops() { return VecLoops<double>::table(); }
test::ConvertTable conversions() { return ConvertLoops::table(); }

}  // namespace belfry::cpu::BELFRY_ISA
