// Products of every form, tile size and epilogue against plain loops, and column sums: shapes that
// the golden cases, being small, do not reach.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "cuda/flow/columns.cu"
#include "cuda/flow/products.cu"
#include "test_context.h"

using belfry::Activation;
using belfry::Status;
using belfry::emulation::DeviceArray;

namespace belfry::cuda {

namespace {

template <class T>
std::vector<T> numbers(int64_t count, uint32_t seed) {
  std::vector<T> values;
  uint32_t state = seed * 2654435761u + 1u;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    values.push_back(static_cast<T>(static_cast<double>(state >> 8) / 8388608.0 - 1));
  }
  return values;
}

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
void check_product(ProductForm form, const Shape& s) {
  CAPTURE(static_cast<int>(form));
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  const auto a = numbers<T>(s.m * s.k, 1), b = numbers<T>(s.k * s.n, 2);
  const DeviceArray<T> device_a(a), device_b(b), out(static_cast<size_t>(s.m * s.n));
  TestContext context;
  Work work(context, "test");
  auto product =
      make_product<T>(device_a.data(), form == ProductForm::tn ? s.m : s.k, device_b.data(),
                      form == ProductForm::nt ? s.k : s.n, s.m, s.n, s.k);
  product.end.out = out.data();
  multiply(form, product, work);
  REQUIRE(work.ok());
  CHECK(out.read() == plain_product(form, s, a, b));
}

// Tiles of 32, of 64 and, for float, of 128: a size is taken from 128 blocks on.
template <class T>
void check_all() {
  for (const ProductForm form : {ProductForm::nt, ProductForm::nn, ProductForm::tn}) {
    check_product<T>(form, {33, 35, 37});
    check_product<T>(form, {1, 70, 16});
    check_product<T>(form, {64 * 127 + 5, 3, 18});
    if (sizeof(T) == 4) check_product<T>(form, {128 * 127 + 5, 2, 5});
    check_product<T>(form, {5, 4, 0});
    check_product<T>(form, {0, 4, 3});
  }
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

}  // namespace belfry::cuda
