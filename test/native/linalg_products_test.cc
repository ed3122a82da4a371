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

// Both forms of A Wᵀ into C; `few` is the one with k in the lanes.
template <class T>
void multiply(cpu::Product<T> p, const Sample<T>& s, bool few) {
  p.b = s.w.data();
  p.b_stride = s.w_stride;
  if (few)
    cpu::multiply_few(p);
  else
    cpu::multiply(p);
}

// A B into columns [begin, end) of C, from A or from its transpose.
template <class T>
void multiply_strided(const Sample<T>& s, bool transposed, int64_t begin, int64_t end,
                      std::vector<T>& c) {
  cpu::StridedProduct<T> p;
  p.a = transposed ? s.a_transposed.data() : s.a.data();
  p.a_stride = transposed ? 1 : s.a_stride;
  p.a_step = transposed ? s.m + 4 : 1;
  p.b = s.b.data() + begin;
  p.b_stride = s.b_stride;
  p.c = c.data() + begin;
  p.c_stride = s.c_stride;
  p.m = s.m;
  p.n = end - begin;
  p.k = s.k;
  cpu::multiply_strided(p);
}

template <class T>
void check_products(const Sample<T>& s) {
  for (const int start : {0, 1, 2}) {
    for (const bool few : {false, true}) {
      std::vector<T> c = s.blank();
      multiply(s.product(c, start), s, few);
      s.check(c, start);
    }
  }
  std::vector<T> c = s.blank(), same = s.blank();
  multiply_strided(s, false, 0, s.n, c);
  s.check(c, 0);
  multiply_strided(s, true, 0, s.n, same);
  CHECK(c == same);
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
  for (const bool few : {false, true}) {
    std::vector<T> whole = s.blank(), parts = s.blank();
    multiply(s.product(whole, 1), s, few);
    for (int64_t row = 0; row < s.m; row += 9) {
      cpu::Product<T> part = s.product(parts, 1);
      part.m = std::min<int64_t>(9, s.m - row);
      part.a += row * part.a_stride;
      part.c += row * part.c_stride;
      multiply(part, s, few);
    }
    CHECK(whole == parts);
  }
  for (const bool transposed : {false, true}) {
    std::vector<T> whole = s.blank(), parts = s.blank();
    multiply_strided(s, transposed, 0, s.n, whole);
    multiply_strided(s, transposed, 41, s.n, parts);
    multiply_strided(s, transposed, 0, 41, parts);
    CHECK(whole == parts);
  }
}

TEST_CASE("splitting rows or columns changes no bit") {
  check_splits<float>();
  check_splits<double>();
}

}  // namespace
}  // namespace belfry::test
