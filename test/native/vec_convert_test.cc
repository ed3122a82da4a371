// Conversions between storage types on every level: all 65,536 halves of both kinds, and floats
// on, just above and just below every rounding boundary.
#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/cpu_features.h"
#include "simd_levels.h"
#include "vec_table.h"

namespace belfry::cpu {
namespace baseline {
test::ConvertTable conversions();
}
#if defined(__x86_64__)
namespace avx2 {
test::ConvertTable conversions();
}
namespace avx512 {
test::ConvertTable conversions();
}
#endif
}  // namespace belfry::cpu

namespace belfry::test {
namespace {

// A 16-bit format by its definition: sign, exponent, mantissa; the top exponent is inf or NaN.
struct Format {
  int mantissa_bits, exponent_bits;

  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  int top() const { return (1 << exponent_bits) - 1; }

  double value(std::uint16_t half) const {
    const int mantissa = half & ((1 << mantissa_bits) - 1);
    const int exponent = (half >> mantissa_bits) & top();
    const double sign = half & 0x8000 ? -1 : 1;
    if (exponent == top()) {
      return mantissa != 0 ? std::numeric_limits<double>::quiet_NaN()
                           : sign * std::numeric_limits<double>::infinity();
    }
    if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias() - mantissa_bits);
    return sign * std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias() - mantissa_bits);
  }

  // Nearest, ties to the even mantissa: by trying both neighbours of the truncated magnitude.
  std::uint16_t nearest(float x) const {
    const auto sign = std::uint16_t(std::signbit(x) ? 0x8000 : 0);
    const double magnitude = std::fabs(double(x));
    const auto infinity = std::uint16_t(top() << mantissa_bits);
    std::uint16_t low = 0, high = infinity;
    while (high - low > 1) {
      const auto middle = std::uint16_t((low + high) / 2);
      (value(middle) <= magnitude ? low : high) = middle;
    }
    if (magnitude >= value(infinity)) return std::uint16_t(sign | infinity);
    // Infinity counts as the number that would follow the largest finite one.
    const double above = high == infinity ? std::ldexp(2.0, top() - 1 - bias()) : value(high);
    const double to_low = magnitude - value(low), to_high = above - magnitude;
    const bool up = to_high < to_low || (to_high == to_low && low % 2 == 1);
    return std::uint16_t(sign | (up ? high : low));
  }
};

constexpr Format kBf16{7, 8}, kF16{10, 5};

std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }

using Load = void (*)(const std::uint16_t*, float*);
using Store = void (*)(const float*, std::uint16_t*);

void check_every_half(const Format& format, Load load, Store store, int lanes) {
  int wrong_value = 0, wrong_round_trip = 0;
  for (int first = 0; first < 65536; first += lanes) {
    std::array<std::uint16_t, kMaxLanes> in{}, back{};
    std::array<float, kMaxLanes> out{};
    for (int i = 0; i < lanes; ++i) in[std::size_t(i)] = std::uint16_t(first + i);
    load(in.data(), out.data());
    store(out.data(), back.data());
    for (std::size_t i = 0; i < std::size_t(lanes); ++i) {
      const double expected = format.value(in[i]);
      if (std::isnan(expected)) {
        const auto quiet = std::uint16_t(1 << (format.mantissa_bits - 1));
        wrong_value += !std::isnan(out[i]) || std::signbit(out[i]) != (in[i] >= 0x8000);
        wrong_round_trip += back[i] != (in[i] | quiet);
      } else {
        wrong_value += bits_of(out[i]) != bits_of(float(expected));
        wrong_round_trip += back[i] != in[i];
      }
    }
  }
  CHECK(wrong_value == 0);
  CHECK(wrong_round_trip == 0);
}

// Between every two neighbours: the middle and the floats on both sides of it. Then a sweep.
std::vector<float> rounding_cases(const Format& format) {
  std::vector<float> cases;
  const int infinity = format.top() << format.mantissa_bits;
  for (int half = 0; half < infinity; ++half) {
    const double above = half + 1 == infinity ? std::ldexp(2.0, format.top() - 1 - format.bias())
                                              : format.value(std::uint16_t(half + 1));
    const auto middle = float((format.value(std::uint16_t(half)) + above) / 2);
    for (float x : {middle, std::nextafter(middle, 0.0f),
                    std::nextafter(middle, std::numeric_limits<float>::max())}) {
      cases.push_back(x);
      cases.push_back(-x);
    }
  }
  for (std::uint32_t i = 0; i < 200000; ++i) {
    const auto x = std::bit_cast<float>(i * 21474u + 12345u);
    if (!std::isnan(x)) cases.push_back(x);
  }
  while (cases.size() % kMaxLanes != 0) cases.push_back(std::numeric_limits<float>::infinity());
  return cases;
}

void check_rounding(const Format& format, Store store, int lanes) {
  const std::vector<float> cases = rounding_cases(format);
  int wrong = 0;
  for (std::size_t first = 0; first < cases.size(); first += std::size_t(lanes)) {
    std::array<std::uint16_t, kMaxLanes> out{};
    store(&cases[first], out.data());
    for (std::size_t i = 0; i < std::size_t(lanes); ++i)
      wrong += out[i] != format.nearest(cases[first + i]);
  }
  CHECK(wrong == 0);
}

void check_partial(const ConvertTable& t) {
  for (int n = 0; n <= t.lanes; ++n) {
    std::vector<std::uint16_t> in(std::size_t(n), 0x3f80), out(std::size_t(n), 0);
    std::array<float, kMaxLanes> wide{};
    t.load_bf16_n(in.data(), n, wide.data());
    for (int i = 0; i < t.lanes; ++i) CHECK(wide[std::size_t(i)] == (i < n ? 1.0f : 0.0f));
    wide.fill(1.0f);
    t.store_bf16_n(wide.data(), n, out.data());
    CHECK(out == in);
    in.assign(std::size_t(n), 0x3c00);
    t.load_f16_n(in.data(), n, wide.data());
    for (int i = 0; i < t.lanes; ++i) CHECK(wide[std::size_t(i)] == (i < n ? 1.0f : 0.0f));
    wide.fill(1.0f);
    t.store_f16_n(wide.data(), n, out.data());
    CHECK(out == in);
  }
}

void check_widening(const ConvertTable& t) {
  std::array<float, kMaxLanes> in{}, narrow{};
  std::array<double, kMaxLanes> wide{};
  for (std::size_t i = 0; i < kMaxLanes; ++i) in[i] = float(i) * 1.1f - 3;
  t.widen(in.data(), wide.data());
  for (std::size_t i = 0; i < std::size_t(t.lanes); ++i) CHECK(wide[i] == double(in[i]));
  const int half = t.lanes / 2;
  for (int n = -1; n <= half; ++n) {
    const int used = n < 0 ? half : n;
    const std::vector<float> source(in.begin(), in.begin() + used);
    t.load_widen(source.data(), n, wide.data());
    for (int i = 0; i < half; ++i)
      CHECK(wide[std::size_t(i)] == (i < used ? double(in[std::size_t(i)]) : 0.0));
    for (std::size_t i = 0; i < std::size_t(half); ++i) wide[i] = 1.0 / double(i + 3);
    narrow.fill(-1);
    t.store_narrow(wide.data(), n, narrow.data());
    for (int i = 0; i < half; ++i)
      CHECK(narrow[std::size_t(i)] == (i < used ? float(1.0 / (i + 3)) : -1.0f));
  }
}

void check_integers(const ConvertTable& t) {
  std::array<std::uint8_t, kMaxLanes> bytes{};
  std::array<std::int32_t, kMaxLanes> a{}, b{};
  std::array<std::int32_t, 6 * kMaxLanes> out{};
  std::array<float, kMaxLanes> values{}, back{};
  for (std::size_t i = 0; i < kMaxLanes; ++i) {
    bytes[i] = std::uint8_t(255 - 16 * i);
    a[i] = std::int32_t(i * 0x10203u) * (i % 2 == 0 ? 1 : -1);
    b[i] = i % 3 == 0 ? std::numeric_limits<std::int32_t>::max() : std::int32_t(i) - 7;
    values[i] = (float(i) - 7.5f) * 1e3f + 0.75f;
  }
  const auto n = static_cast<std::size_t>(t.lanes);
  t.load_u8(bytes.data(), out.data());
  for (std::size_t i = 0; i < n; ++i) CHECK(out[i] == bytes[i]);
  t.int_float(values.data(), out.data(), back.data());
  for (std::size_t i = 0; i < n; ++i) {
    CHECK(out[i] == std::int32_t(values[i]));
    CHECK(back[i] == std::trunc(values[i]));
  }
  t.integers(a.data(), b.data(), out.data());
  for (std::size_t i = 0; i < n; ++i) {
    const auto x = std::uint32_t(a[i]), y = std::uint32_t(b[i]);
    CHECK(std::uint32_t(out[i]) == x + y);
    CHECK(std::uint32_t(out[n + i]) == x - y);
    CHECK(out[2 * n + i] == (a[i] < b[i] ? a[i] : b[i]));
    CHECK(out[3 * n + i] == (a[i] > b[i] ? a[i] : b[i]));
    CHECK(std::uint32_t(out[4 * n + i]) == (x & 0x1fffffffu));
    CHECK(std::uint32_t(out[5 * n + i]) == (a[i] < b[i] ? (x & y) : (x ^ y)));
  }
}

TEST_CASE("halves convert by their definition on every level") {
  for (const auto& level : BELFRY_TEST_LEVELS(conversions)) {
    INFO(level.name);
    const ConvertTable& t = level.table;
    check_every_half(kBf16, t.load_bf16, t.store_bf16, t.lanes);
    check_every_half(kF16, t.load_f16, t.store_f16, t.lanes);
    check_rounding(kBf16, t.store_bf16, t.lanes);
    check_rounding(kF16, t.store_f16, t.lanes);
    check_partial(t);
  }
}

TEST_CASE("float, double, byte and int32 convert on every level") {
  for (const auto& level : BELFRY_TEST_LEVELS(conversions)) {
    INFO(level.name);
    check_widening(level.table);
    check_integers(level.table);
  }
}

TEST_CASE("BELFRY_CPU lowers the level and never raises it") {
  using core::apply_cpu_cap;
  using core::CpuLevel;
  CHECK(apply_cpu_cap(CpuLevel::kAvx512, nullptr).level == CpuLevel::kAvx512);
  CHECK(apply_cpu_cap(CpuLevel::kAvx512, "").level == CpuLevel::kAvx512);
  CHECK(apply_cpu_cap(CpuLevel::kAvx512, "avx2").level == CpuLevel::kAvx2);
  CHECK(apply_cpu_cap(CpuLevel::kAvx512, "avx2").capped);
  CHECK(apply_cpu_cap(CpuLevel::kAvx512, "baseline").level == CpuLevel::kBaseline);
  CHECK(apply_cpu_cap(CpuLevel::kAvx2, "avx512").level == CpuLevel::kAvx2);
  CHECK_FALSE(apply_cpu_cap(CpuLevel::kAvx2, "avx512").capped);
  CHECK(apply_cpu_cap(CpuLevel::kAvx2, "neon").level == CpuLevel::kAvx2);
  CHECK(apply_cpu_cap(CpuLevel::kNeon, "avx2").level == CpuLevel::kNeon);
  CHECK(apply_cpu_cap(CpuLevel::kNeon, "baseline").level == CpuLevel::kBaseline);
  CHECK_FALSE(apply_cpu_cap(CpuLevel::kAvx2, "sse9").cap_is_known);
  CHECK(apply_cpu_cap(CpuLevel::kAvx2, "sse9").level == CpuLevel::kAvx2);
  CHECK(core::cpu_features().level <= core::cpu_features().detected);
}

}  // namespace
}  // namespace belfry::test
