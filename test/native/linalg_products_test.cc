// Packed and unpacked products against the plain triple loop, and their independence of splits.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "cpu/linalg/products.h"

namespace belfry::test {
namespace {

constexpr int64_t kSizes[] = {0, 1, 2, 3, 7, 13, 15, 17, 31, 33, 65};

template <class T>
std::vector<T> waves(int64_t count, double step) {
  std::vector<T> values;
  for (int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<T>(std::sin(step * static_cast<double>(i + 1))));
  }
  return values;
}

template <class T>
long double wide(const std::vector<T>& values, int64_t i) {
  return static_cast<long double>(values[static_cast<size_t>(i)]);
}

// A[m,k], B[k,n] and W = Bᵀ in memory with gaps between the rows.
template <class T>
struct Sample {
  int64_t m, n, k, a_stride, b_stride, w_stride, c_stride;
  std::vector<T> a, a_transposed, b, w, bias;
  static constexpr double kGap = 77;

  Sample(int64_t rows, int64_t columns, int64_t depth)
      : m(rows),
        n(columns),
        k(depth),
        a_stride(depth + 3),
        b_stride(columns + 1),
        w_stride(depth + 2),
        c_stride(columns + 5),
        a(waves<T>(rows * a_stride, 0.7)),
        b(waves<T>(depth * b_stride, 1.3)),
        bias(waves<T>(columns, 2.1)) {
    a_transposed.resize(static_cast<size_t>(k * (m + 4)));
    w.resize(static_cast<size_t>(n * w_stride));
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t q = 0; q < k; ++q) {
        a_transposed[static_cast<size_t>(q * (m + 4) + i)] =
            a[static_cast<size_t>(i * a_stride + q)];
      }
    }
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t q = 0; q < k; ++q) {
        w[static_cast<size_t>(j * w_stride + q)] = b[static_cast<size_t>(q * b_stride + j)];
      }
    }
  }

  std::vector<T> blank() const {
    return std::vector<T>(static_cast<size_t>(m * c_stride), static_cast<T>(kGap));
  }

  // `start`: 0 nothing is added, 1 the bias, 2 what C held before.
  void check(const std::vector<T>& c, int start) const {
    const long double unit = sizeof(T) == 4 ? 6e-8L : 1.2e-16L;
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < c_stride; ++j) {
        const double got = static_cast<double>(c[static_cast<size_t>(i * c_stride + j)]);
        if (j >= n) {
          if (got != kGap) FAIL("wrote beyond the row");
          continue;
        }
        long double want = start == 2 ? kGap : start == 1 ? wide(bias, j) : 0;
        long double size = std::abs(want) + 1;
        for (int64_t q = 0; q < k; ++q) {
          const long double term = wide(a, i * a_stride + q) * wide(b, q * b_stride + j);
          want += term;
          size += std::abs(term);
        }
        if (!(std::abs(got - want) <= (4 + static_cast<double>(k) / 16) * unit * size)) {
          CAPTURE(i);
          CAPTURE(j);
          CAPTURE(k);
          CHECK(got == static_cast<double>(want));
        }
      }
    }
  }

  cpu::Product<T> product(std::vector<T>& c, int start) const {
    cpu::Product<T> p;
    p.a = a.data();
    p.a_stride = a_stride;
    p.c = c.data();
    p.c_stride = c_stride;
    p.bias = start == 1 ? bias.data() : nullptr;
    p.accumulate = start == 2;
    p.m = m;
    p.n = n;
    p.k = k;
    return p;
  }
};

template <class T>
void check_products(const Sample<T>& s) {
  std::vector<T> by_rows(static_cast<size_t>(cpu::panel_size<T>(s.k, s.n)), T(9));
  std::vector<T> by_columns = by_rows;
  cpu::pack_rows(s.b.data(), s.b_stride, s.k, 0, s.n, by_rows.data());
  cpu::pack_columns(s.w.data(), s.w_stride, s.k, 0, s.n, by_columns.data());
  for (int start = 0; start < 3; ++start) {
    const T* const rights[] = {by_rows.data(), by_columns.data(), s.b.data()};
    std::vector<T> first;
    for (int form = 0; form < 3; ++form) {
      std::vector<T> c = s.blank();
      cpu::Product<T> p = s.product(c, start);
      p.b = rights[form];
      p.b_stride = form == 2 ? s.b_stride : 0;
      cpu::multiply(p);
      s.check(c, start);
      if (form == 1) CHECK(c == first);
      first = c;
    }
    std::vector<T> c = s.blank();
    cpu::Product<T> p = s.product(c, start);
    p.b = s.w.data();
    p.b_stride = s.w_stride;
    cpu::multiply_few(p);
    s.check(c, start);
  }
  std::vector<T> c = s.blank();
  cpu::OuterProduct<T> outer{s.a_transposed.data(),
                             s.m + 4,
                             s.b.data(),
                             s.b_stride,
                             c.data(),
                             s.c_stride,
                             s.m,
                             s.k,
                             0,
                             s.n};
  cpu::multiply_outer(outer);
  s.check(c, 0);
}

TEST_CASE("products of all shapes") {
  for (const int64_t m : kSizes) {
    for (const int64_t n : kSizes) {
      for (const int64_t k : kSizes) {
        check_products(Sample<float>(m, n, k));
        check_products(Sample<double>(m, n, k));
      }
    }
  }
  check_products(Sample<float>(29, 70, 600));
  check_products(Sample<double>(29, 70, 600));
}

template <class T>
void check_splits() {
  const Sample<T> s(61, 150, 300);
  std::vector<T> panels(static_cast<size_t>(cpu::panel_size<T>(s.k, s.n)));
  const int64_t columns = cpu::panel_columns<T>();
  cpu::pack_columns(s.w.data(), s.w_stride, s.k, columns, s.n, panels.data());
  cpu::pack_columns(s.w.data(), s.w_stride, s.k, 0, columns, panels.data());
  std::vector<T> whole = s.blank(), parts = s.blank();
  cpu::Product<T> p = s.product(whole, 1);
  p.b = panels.data();
  cpu::multiply(p);
  p.c = parts.data();
  for (int64_t row = 0; row < s.m; row += 9) {
    cpu::Product<T> part = p;
    part.m = std::min<int64_t>(9, s.m - row);
    part.a = p.a + row * p.a_stride;
    part.c = p.c + row * p.c_stride;
    cpu::multiply(part);
  }
  CHECK(whole == parts);

  whole = s.blank();
  parts = s.blank();
  cpu::OuterProduct<T> outer{s.a_transposed.data(),
                             s.m + 4,
                             s.b.data(),
                             s.b_stride,
                             whole.data(),
                             s.c_stride,
                             s.m,
                             s.k,
                             0,
                             s.n};
  cpu::multiply_outer(outer);
  outer.c = parts.data();
  outer.begin = columns;
  cpu::multiply_outer(outer);
  outer.begin = 0;
  outer.end = columns;
  cpu::multiply_outer(outer);
  CHECK(whole == parts);
}

TEST_CASE("splitting rows or columns changes no bit") {
  check_splits<float>();
  check_splits<double>();
}

// Weights may begin anywhere; the reader of unaligned rows must not show in the result.
template <class T>
void check_alignment() {
  for (const int64_t k : {int64_t{64}, int64_t{200}, int64_t{256}, int64_t{301}}) {
    const std::vector<T> a = waves<T>(3 * k, 0.9), w = waves<T>(21 * k, 0.4);
    std::vector<T> first;
    for (size_t shift = 0; shift < 16; ++shift) {
      std::vector<T> moved(shift, static_cast<T>(NAN));
      moved.insert(moved.end(), w.begin(), w.end());
      moved.resize(moved.size() + 16, static_cast<T>(NAN));
      std::vector<T> c(3 * 21);
      cpu::Product<T> p;
      p.a = a.data();
      p.a_stride = p.b_stride = p.k = k;
      p.b = moved.data() + shift;
      p.c = c.data();
      p.c_stride = p.n = 21;
      p.m = 3;
      cpu::multiply_few(p);
      if (shift == 0) first = c;
      CHECK(c == first);
    }
  }
}

TEST_CASE("the place of the weights in memory changes no bit") {
  check_alignment<float>();
  check_alignment<double>();
}

}  // namespace
}  // namespace belfry::test
