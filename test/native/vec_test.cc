// The vector type of every level against the same operations on scalars.
#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "simd_levels.h"
#include "vec_table.h"

#define BELFRY_TARGET_FILE "test/native/vec_table-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::test {
namespace {

template <class T>
using Lanes = std::array<T, kMaxLanes>;

template <class T>
bool same(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

// Signed zeros, NaN, infinities, halves and whole numbers beyond the fraction bits.
template <class T>
std::vector<T> awkward_values() {
  const T big = std::ldexp(T(1), std::numeric_limits<T>::digits - 1);
  std::vector<T> values{0,
                        T(0.5),
                        1,
                        T(1.5),
                        T(2.5),
                        T(0.49999997),
                        3,
                        T(1e-30),
                        big,
                        big - T(0.5),
                        big + 1,
                        big * 4,
                        std::numeric_limits<T>::max(),
                        std::numeric_limits<T>::infinity()};
  const std::size_t positive = values.size();
  for (std::size_t i = 0; i < positive; ++i) values.push_back(-values[i]);
  values.push_back(std::numeric_limits<T>::quiet_NaN());
  return values;
}

// A window of consecutive awkward values, one start for each.
template <class T>
Lanes<T> window(const std::vector<T>& values, std::size_t start, std::size_t stride) {
  Lanes<T> lanes{};
  for (std::size_t i = 0; i < kMaxLanes; ++i)
    lanes[i] = values[(start + stride * i) % values.size()];
  return lanes;
}

template <class T>
void check_elementwise(const Level<VecTable<T>>& level) {
  const VecTable<T>& ops = level.table;
  const auto n = static_cast<std::size_t>(ops.lanes);
  const std::vector<T> values = awkward_values<T>();
  std::array<T, 5 * kMaxLanes> out{};
  for (std::size_t start = 0; start < values.size(); ++start) {
    for (std::size_t stride : {1u, 7u, 12u}) {
      const Lanes<T> a = window(values, start, 1), b = window(values, start + 3, stride);
      ops.rounding(a.data(), out.data());
      for (std::size_t i = 0; i < n; ++i) {
        INFO(level.name, " a = ", a[i]);
        CHECK(same(out[i], std::floor(a[i])));
        CHECK(same(out[n + i], std::nearbyint(a[i])));
        CHECK(same(out[2 * n + i], std::fabs(a[i])));
        CHECK(same(out[3 * n + i], std::sqrt(a[i])));
      }
      ops.ordering(a.data(), b.data(), out.data());
      const bool has[2] = {true, false};
      for (std::size_t i = 0; i < n; ++i) {
        INFO(level.name, " a = ", a[i], " b = ", b[i]);
        const bool nan = std::isnan(a[i]) || std::isnan(b[i]);
        CHECK(same(out[i], a[i] < b[i] ? a[i] : b[i]));
        CHECK(same(out[n + i], a[i] > b[i] ? a[i] : b[i]));
        CHECK(std::isnan(out[2 * n + i]) == nan);
        CHECK(std::isnan(out[3 * n + i]) == nan);
        if (!nan) CHECK(out[2 * n + i] == std::fmin(a[i], b[i]));
        if (!nan) CHECK(out[3 * n + i] == std::fmax(a[i], b[i]));
        CHECK(std::isnan(out[4 * n + i]) == std::isnan(a[i]));
        if (!std::isnan(a[i])) CHECK(out[4 * n + i] == std::fmin(std::fmax(a[i], T(-1)), T(1)));
        const bool expected[6] = {a[i]<b[i], a[i] <= b[i], a[i] == b[i], a[i]> b[i], a[i] >= b[i],
                                  a[i] != b[i]};
        for (int which = 0; which < 6; ++which) {
          CHECK(has[((ops.compare(a.data(), b.data(), which) >> i) & 1) == 0] == expected[which]);
        }
      }
      ops.blend(a.data(), b.data(), out.data());
      for (std::size_t i = 0; i < n; ++i) CHECK(same(out[i], a[i] < b[i] ? a[i] : -b[i]));
      ops.copysign(a.data(), b.data(), out.data());
      for (std::size_t i = 0; i < n; ++i) {
        CHECK(std::signbit(out[i]) == std::signbit(b[i]));
        CHECK(same(std::fabs(out[i]), std::fabs(a[i])));
      }
    }
  }
}

// Small whole numbers: exact with one rounding or two.
template <class T>
void check_fma(const VecTable<T>& ops) {
  Lanes<T> a{}, b{}, c{};
  std::array<T, 3 * kMaxLanes> out{};
  for (std::size_t i = 0; i < kMaxLanes; ++i) {
    a[i] = T(i) - 5, b[i] = T(3 * i) - 7, c[i] = T(100) - T(11 * i);
  }
  ops.fma(a.data(), b.data(), c.data(), out.data());
  const auto n = static_cast<std::size_t>(ops.lanes);
  for (std::size_t i = 0; i < n; ++i) {
    CHECK(out[i] == a[i] * b[i] + c[i]);
    CHECK(out[n + i] == c[i] - a[i] * b[i]);
    CHECK(out[2 * n + i] == a[i] * b[i] - c[i]);
  }
}

template <class T>
void check_reductions(const VecTable<T>& ops) {
  Lanes<T> a{};
  for (std::size_t i = 0; i < kMaxLanes; ++i) a[i] = std::sin(T(i) * 37) * std::exp2(T(i % 7));
  Lanes<T> folded = a;
  for (std::size_t half = std::size_t(ops.lanes) / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) folded[i] += folded[i + half];
  }
  CHECK(ops.sum(a.data()) == folded[0]);
  for (std::size_t i = 0; i < std::size_t(ops.lanes); ++i) {
    Lanes<T> b = a;
    b[i] = 1000;
    CHECK(ops.max(b.data()) == 1000);
    b[i] = -1000;
    CHECK(ops.min(b.data()) == -1000);
    CHECK(ops.any_negative(b.data()));
    b[i] = std::numeric_limits<T>::quiet_NaN();
    CHECK(std::isnan(ops.max(b.data())));
    CHECK(std::isnan(ops.min(b.data())));
    b.fill(-1);
    CHECK(ops.all_negative(b.data()));
    b[i] = 1;
    CHECK_FALSE(ops.all_negative(b.data()));
    CHECK(ops.count_negative(b.data()) == ops.lanes - 1);
    b.fill(1);
    CHECK_FALSE(ops.any_negative(b.data()));
    b[i] = -1;
    CHECK(ops.any_negative(b.data()));
  }
}

// Never a null pointer: emulators of AVX2 read through one even where no lane is wanted.
template <class T>
std::vector<T> prefix(const Lanes<T>& a, int n) {
  std::vector<T> values;
  values.reserve(n > 0 ? std::size_t(n) : 1);
  values.assign(a.begin(), a.begin() + n);
  return values;
}

template <class T>
void check_memory(const VecTable<T>& ops) {
  alignas(64) T aligned[kMaxLanes] = {};
  Lanes<T> a{}, out{};
  std::vector<T> table(1000);
  std::array<std::int32_t, kMaxLanes> index{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = T(i) + T(0.25);
  for (std::size_t i = 0; i < kMaxLanes; ++i)
    a[i] = T(i) + 1, index[i] = std::int32_t((i * 617) % 1000);
  for (int n = 0; n <= ops.lanes; ++n) {
    CHECK(ops.first_n(n) == (1u << n) - 1);
    // The array ends after n elements: a sanitizer sees any touch beyond.
    const std::vector<T> source = prefix(a, n);
    std::vector<T> target(static_cast<std::size_t>(n));
    const std::vector<std::int32_t> places = prefix(index, n);
    for (T fill : {T(0), T(-3)}) {
      ops.load_n(source.data(), n, fill, out.data());
      for (int i = 0; i < ops.lanes; ++i)
        CHECK(out[std::size_t(i)] == (i < n ? a[std::size_t(i)] : fill));
    }
    ops.store_n(a.data(), n, target.data());
    CHECK(target == source);
    out.fill(-1);
    ops.store_n(a.data(), n, out.data());
    for (int i = n; i < ops.lanes; ++i) CHECK(out[std::size_t(i)] == -1);
    ops.gather_n(table.data(), places.data(), n, out.data());
    for (int i = 0; i < ops.lanes; ++i) {
      CHECK(out[std::size_t(i)] == (i < n ? table[std::size_t(index[std::size_t(i)])] : T(0)));
    }
  }
  ops.gather(table.data(), index.data(), out.data());
  for (std::size_t i = 0; i < std::size_t(ops.lanes); ++i)
    CHECK(out[i] == table[std::size_t(index[i])]);
  for (int n = 0; n <= ops.lanes; ++n) {
    for (int bad = -1; bad < n; ++bad) {
      for (std::int32_t wrong : {-1, 8, std::numeric_limits<std::int32_t>::min()}) {
        std::vector<std::int32_t> places;
        for (int i = 0; i < n; ++i) places.push_back(i == bad ? wrong : i % 8);
        const std::vector<T> base(table.begin(),
                                  table.begin() + 8);  // a sanitizer sees a touch beyond
        CHECK(ops.checked_gather(base.data(), places.data(), n, 8, out.data()) == (bad < 0));
        for (int i = 0; i < ops.lanes; ++i) {
          const bool is_read = i < n && i != bad;
          CHECK(out[std::size_t(i)] == (is_read ? base[std::size_t(i % 8)] : T(0)));
        }
      }
    }
  }
  ops.stream(a.data(), aligned);
  for (std::size_t i = 0; i < std::size_t(ops.lanes); ++i) CHECK(aligned[i] == a[i]);
  ops.iota(out.data());
  for (std::size_t i = 0; i < std::size_t(ops.lanes); ++i) CHECK(out[i] == T(i));
}

template <class T>
void check_all(const std::vector<Level<VecTable<T>>>& levels) {
  for (const auto& level : levels) {
    INFO(level.name);
    check_elementwise(level);
    check_fma(level.table);
    check_reductions(level.table);
    check_memory(level.table);
  }
}

TEST_CASE("Vec<float> does what scalars do on every level") {
  check_all(BELFRY_TEST_LEVELS(float_ops));
}

TEST_CASE("Vec<double> does what scalars do on every level") {
  check_all(BELFRY_TEST_LEVELS(double_ops));
}

}  // namespace
}  // namespace belfry::test
