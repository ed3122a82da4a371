// Products of every form, tile size and epilogue against plain loops, and column sums: shapes that
// the golden cases, being small, do not reach.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cuda/flow/columns.cu"
#include "cuda/flow/products.cu"
#include "emulation.h"
#include "test_context.h"

using belfry::Activation;
using belfry::emulation::DeviceArray;
using belfry::emulation::set_seed;

namespace belfry::cuda {

namespace {

struct Shape {
  int64_t m, n, k;
};

// What `form` stores at A[i, k] and B[k, j].
size_t place_a(ProductForm form, const Shape& s, int64_t i, int64_t k) {
  return static_cast<size_t>(form == ProductForm::tn ? k * s.m + i : i * s.k + k);
}
size_t place_b(ProductForm form, const Shape& s, int64_t k, int64_t j) {
  return static_cast<size_t>(form == ProductForm::nt ? j * s.k + k : k * s.n + j);
}

template <class T>
std::vector<T> plain_product(ProductForm form, const Shape& s, const std::vector<T>& a,
                             const std::vector<T>& b) {
  std::vector<T> c;
  for (int64_t i = 0; i < s.m; ++i) {
    for (int64_t j = 0; j < s.n; ++j) {
      T sum = 0;
      for (int64_t k = 0; k < s.k; ++k) {
        sum = std::fma(a[place_a(form, s, i, k)], b[place_b(form, s, k, j)], sum);
      }
      c.push_back(sum);
    }
  }
  return c;
}

template <class T>
void check_product(ProductForm form, const Shape& s, bool tf32 = false) {
  CAPTURE(static_cast<int>(form));
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  const auto a = numbers<T>(s.m * s.k, 1), b = numbers<T>(s.k * s.n, 2);
  const DeviceArray<T> device_a(a), device_b(b), out(static_cast<size_t>(s.m * s.n));
  TestContext context(tf32);
  Work work(context, "test");
  auto product =
      make_product<T>(device_a.data(), form == ProductForm::tn ? s.m : s.k, device_b.data(),
                      form == ProductForm::nt ? s.k : s.n, s.m, s.n, s.k);
  product.end.out = out.data();
  multiply(form, product, work);
  REQUIRE(work.ok());
  CHECK(out.read() == plain_product(form, s, a, b));
}

// Tiles of 32, of 64 and, for float, of 128 by 64 and of 128: a size is taken from 128 blocks on.
// Sizes that are multiples of 4 are read in quads.
template <class T>
void check_all() {
  for (const ProductForm form : {ProductForm::nt, ProductForm::nn, ProductForm::tn}) {
    check_product<T>(form, {33, 35, 37});
    check_product<T>(form, {36, 68, 40});
    check_product<T>(form, {1, 70, 16});
    check_product<T>(form, {64 * 127 + 5, 3, 18});
    if (sizeof(T) == 4) {
      check_product<T>(form, {3, 64 * 127 + 5, 18});
      check_product<T>(form, {4, 64 * 127 + 4, 20});
      check_product<T>(form, {128 * 127 + 5, 2, 5});
      check_product<T>(form, {128 * 127 + 4, 4, 8});
    }
    check_product<T>(form, {5, 4, 0});
    check_product<T>(form, {0, 4, 3});
  }
}

// To 11 bits, to the nearest, ties away from zero.
double rounded_to_tf32(float x) {
  int exponent = 0;
  const double scaled = std::ldexp(std::frexp(static_cast<double>(x), &exponent), 11);
  return std::ldexp(std::round(scaled), exponent - 11);
}

// In float64, with the sum of its terms' magnitudes.
struct Sum {
  double value, magnitude;
};

std::vector<Sum> rounded_product(ProductForm form, const Shape& s, const std::vector<float>& a,
                                 const std::vector<float>& b) {
  std::vector<Sum> sums;
  for (int64_t i = 0; i < s.m * s.n; ++i) {
    Sum sum{0, 0};
    for (int64_t k = 0; k < s.k; ++k) {
      const double term = rounded_to_tf32(a[place_a(form, s, i / s.n, k)]) *
                          rounded_to_tf32(b[place_b(form, s, k, i % s.n)]);
      sum.value += term;
      sum.magnitude += std::fabs(term);
    }
    sums.push_back(sum);
  }
  return sums;
}

// Of `terms` terms, added in float32 in some order.
void check_sums(const std::vector<float>& found, const std::vector<Sum>& wanted, int64_t terms) {
  REQUIRE(found.size() == wanted.size());
  for (size_t i = 0; i < found.size(); ++i) {
    const double apart = std::fabs(static_cast<double>(found[i]) - wanted[i].value);
    REQUIRE(apart <= static_cast<double>(terms) * 0x1p-24 * wanted[i].magnitude);
  }
}

std::vector<float> tf32_product(ProductForm form, const Shape& s, const std::vector<float>& a,
                                const std::vector<float>& b, Epilogue<float> end = {}) {
  const DeviceArray<float> device_a(a), device_b(b), out(static_cast<size_t>(s.m * s.n));
  TestContext context(true);
  Work work(context, "test");
  auto product =
      make_product<float>(device_a.data(), form == ProductForm::tn ? s.m : s.k, device_b.data(),
                          form == ProductForm::nt ? s.k : s.n, s.m, s.n, s.k);
  product.end = end;
  product.end.out = out.data();
  multiply(form, product, work);
  REQUIRE(work.ok());
  return out.read();
}

// Close to the product of the rounded operands, by far not as close to that of the given ones, but
// within what rounding costs.
void check_tf32(ProductForm form, const Shape& s) {
  CAPTURE(static_cast<int>(form));
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  const auto a = numbers<float>(s.m * s.k, 1), b = numbers<float>(s.k * s.n, 2);
  const auto found = tf32_product(form, s, a, b);
  const auto rounded = rounded_product(form, s, a, b);
  check_sums(found, rounded, s.k);
  const auto plain = plain_product(form, s, a, b);
  size_t different = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    const double apart = static_cast<double>(std::fabs(found[i] - plain[i]));
    REQUIRE(apart <= 0x1.02p-10 * rounded[i].magnitude);
    different += apart > static_cast<double>(s.k) * 0x1p-22 * rounded[i].magnitude;
  }
  if (s.k > 0) CHECK(2 * different >= found.size());
}

}  // namespace

TEST_CASE("a product gives the same bits in every tile and form") {
  check_all<float>();
  check_all<double>();
}

TEST_CASE("the way out of a product adds, keeps, activates and multiplies by a slope") {
  const Shape s{40, 34, 9};
  const auto a = numbers<double>(s.m * s.k, 1), b = numbers<double>(s.k * s.n, 2);
  const auto add = numbers<double>(s.n * 6, 3), at = numbers<double>(s.m * s.n, 4);
  const auto sums = plain_product(ProductForm::nt, s, a, b);
  const DeviceArray<double> device_a(a), device_b(b), device_add(add), device_at(at);
  const DeviceArray<double> before(sums.size()), out(sums.size()), wide(sums.size() * 2);
  TestContext context;
  Work work(context, "test");
  auto product = make_product<double>(device_a.data(), s.k, device_b.data(), s.k, s.m, s.n, s.k);
  product.end.activation = Activation::tanh;
  product.end.add = device_add.data();
  product.end.add_group = 7;
  product.end.before = before.data();
  product.end.out = out.data();
  multiply(ProductForm::nt, product, work);
  product.end.add = nullptr;
  product.end.before = nullptr;
  product.end.slope_at = device_at.data();
  product.end.out = wide.data();
  product.end.out_stride = 2 * s.n;
  multiply(ProductForm::nt, product, work);
  REQUIRE(work.ok());
  const auto z = before.read(), y = out.read(), scaled = wide.read();
  for (size_t i = 0; i < sums.size(); ++i) {
    const size_t row = i / static_cast<size_t>(s.n), column = i % static_cast<size_t>(s.n);
    REQUIRE(z[i] == sums[i] + add[row / 7 * static_cast<size_t>(s.n) + column]);
    REQUIRE(y[i] == math::tanh_jet(z[i]).value);
    const double slope = math::tanh_jet(at[i]).slope;
    REQUIRE(scaled[row * static_cast<size_t>(2 * s.n) + column] == sums[i] * slope);
  }
}

TEST_CASE("sums over many rows are made in pieces") {
  const Shape s{5, 6, 1000};
  const auto a = numbers<double>(s.m * s.k, 1), b = numbers<double>(s.k * s.n, 2);
  const DeviceArray<double> device_a(a), device_b(b), out(static_cast<size_t>(s.m * s.n));
  const DeviceArray<double> columns(static_cast<size_t>(s.m)), none(static_cast<size_t>(s.m));
  TestContext context;
  Work work(context, "test");
  auto product = make_product<double>(device_a.data(), s.m, device_b.data(), s.n, s.m, s.n, s.k);
  product.end.out = out.data();
  multiply_over_rows(product, work);
  column_sums(ColumnTerm<double>{device_a.data()}, s.k, s.m, columns.data(), work);
  column_sums(ColumnTerm<double>{}, 0, s.m, none.data(), work);
  REQUIRE(work.ok());
  const auto expected = plain_product(ProductForm::tn, s, a, b);
  const auto found = out.read();
  for (size_t i = 0; i < found.size(); ++i) CHECK(found[i] == doctest::Approx(expected[i]));
  const auto sums = columns.read();
  for (int64_t j = 0; j < s.m; ++j) {
    double sum = 0;
    for (int64_t k = 0; k < s.k; ++k) sum += a[static_cast<size_t>(k * s.m + j)];
    CHECK(sums[static_cast<size_t>(j)] == doctest::Approx(sum));
  }
  CHECK(none.read() == std::vector<double>(static_cast<size_t>(s.m), 0.0));
}

TEST_CASE("an operand may be columns of a wider matrix, wherever they begin") {
  const Shape s{34, 36, 20};
  const int64_t stride = 24;
  const auto a = numbers<float>(s.m * s.k, 1), wide = numbers<float>(s.n * stride, 2);
  const DeviceArray<float> device_a(a), device_wide(wide);
  const DeviceArray<float> out(static_cast<size_t>(s.m * s.n));
  for (int64_t first = 0; first <= 4; ++first) {
    std::vector<float> b;
    for (int64_t e = 0; e < s.n * s.k; ++e) {
      b.push_back(wide[static_cast<size_t>(e / s.k * stride + first + e % s.k)]);
    }
    for (const bool tf32 : {false, true}) {
      TestContext context(tf32);
      Work work(context, "test");
      auto product = make_product<float>(device_a.data(), s.k, device_wide.data() + first, stride,
                                         s.m, s.n, s.k);
      product.end.out = out.data();
      multiply(ProductForm::nt, product, work);
      REQUIRE(work.ok());
      if (tf32)
        check_sums(out.read(), rounded_product(ProductForm::nt, s, a, b), s.k);
      else
        CHECK(out.read() == plain_product(ProductForm::nt, s, a, b));
    }
  }
}

TEST_CASE("products in tf32 are those of rounded operands, in every tile and form") {
  for (const ProductForm form : {ProductForm::nt, ProductForm::nn, ProductForm::tn}) {
    check_tf32(form, {33, 35, 37});
    check_tf32(form, {36, 68, 40});
    check_tf32(form, {1, 6, 55});
    check_tf32(form, {1, 1, 1});
    check_tf32(form, {3, 64 * 127 + 5, 18});
    check_tf32(form, {4, 64 * 127 + 4, 20});
    check_tf32(form, {128 * 127 + 5, 2, 5});
    check_tf32(form, {128 * 127 + 4, 4, 8});
    check_tf32(form, {5, 4, 0});
    check_tf32(form, {0, 4, 3});
  }
}

TEST_CASE("a row in tf32 has the same bits alone, in a batch and in another tile") {
  const int64_t n = 64, k = 55;
  const auto x = numbers<float>(128 * 128 * k, 1), w = numbers<float>(n * k, 2);
  const auto few = tf32_product(ProductForm::nt, {1, n, k}, x, w);
  for (const int64_t rows : {40, 128 * 128}) {
    const auto many = tf32_product(ProductForm::nt, {rows, n, k}, x, w);
    CHECK(std::equal(few.begin(), few.end(), many.begin()));
  }
}

TEST_CASE("sums over many rows in tf32 are made in pieces, twice the same") {
  const Shape s{55, 6, 1000};
  const auto a = numbers<float>(s.m * s.k, 1), b = numbers<float>(s.k * s.n, 2);
  const auto sums = [&] {
    const DeviceArray<float> device_a(a), device_b(b), out(static_cast<size_t>(s.m * s.n));
    TestContext context(true);
    Work work(context, "test");
    auto product = make_product<float>(device_a.data(), s.m, device_b.data(), s.n, s.m, s.n, s.k);
    product.end.out = out.data();
    multiply_over_rows(product, work);
    REQUIRE(work.ok());
    return out.read();
  };
  const auto found = sums();
  check_sums(found, rounded_product(ProductForm::tn, s, a, b), s.k);
  for (const unsigned seed : {1u, 7u}) {
    set_seed(seed);
    CHECK(sums() == found);
  }
  set_seed(0);
}

TEST_CASE("what is no number stays in its row and its column in tf32 as well") {
  const Shape s{40, 41, 42};
  auto a = numbers<float>(s.m * s.k, 1), b = numbers<float>(s.n * s.k, 2);
  a[static_cast<size_t>(3 * s.k + 7)] = NAN;
  b[static_cast<size_t>(5 * s.k + 7)] = std::numeric_limits<float>::infinity();
  const auto found = tf32_product(ProductForm::nt, s, a, b);
  for (int64_t i = 0; i < s.m * s.n; ++i) {
    const float x = found[static_cast<size_t>(i)];
    REQUIRE(std::isnan(x) == (i / s.n == 3));
    if (i / s.n != 3) REQUIRE(std::isinf(x) == (i % s.n == 5));
  }
}

TEST_CASE("the way out of a product in tf32 is that of any product; doubles are not rounded") {
  const Shape s{40, 34, 21};
  const auto a = numbers<float>(s.m * s.k, 1), b = numbers<float>(s.k * s.n, 2);
  const auto add = numbers<float>(s.n * 6, 3);
  const auto sums = tf32_product(ProductForm::nt, s, a, b);
  const DeviceArray<float> device_add(add), before(sums.size());
  Epilogue<float> end;
  end.add = device_add.data();
  end.add_group = 7;
  end.activation = Activation::tanh;
  end.before = before.data();
  const auto found = tf32_product(ProductForm::nt, s, a, b, end), z = before.read();
  for (size_t i = 0; i < sums.size(); ++i) {
    const size_t row = i / static_cast<size_t>(s.n), column = i % static_cast<size_t>(s.n);
    REQUIRE(z[i] == sums[i] + add[row / 7 * static_cast<size_t>(s.n) + column]);
    REQUIRE(found[i] == math::tanh_jet(z[i]).value);
  }
  check_product<double>(ProductForm::nt, {33, 35, 37}, true);
}

}  // namespace belfry::cuda
