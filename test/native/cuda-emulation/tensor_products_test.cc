// Products on tensor cores against sums in float64: every form and tile size, operands in parts,
// sizes that fill no tile, what is no number.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "cuda/flow/tensor_products.cu"
#include "emulation.h"
#include "test_context.h"

using belfry::Activation;
using belfry::DType;
using belfry::emulation::DeviceArray;
using belfry::emulation::set_seed;

namespace belfry::cuda {

namespace {

struct Shape {
  int64_t m, n, k;
};

struct Matrix {
  int64_t rows, columns;
  std::vector<float> values;
  double at(int64_t row, int64_t column) const {
    return static_cast<double>(values[static_cast<size_t>(row * columns + column)]);
  }
};

Matrix matrix(int64_t rows, int64_t columns, uint32_t seed) {
  return {rows, columns, numbers<float>(rows * columns, seed)};
}

// Both operands as they are stored, and their product.
struct Problem {
  ProductForm form;
  Matrix a, b;
  Shape size;

  Problem(ProductForm product, const Shape& s)
      : form(product),
        a(product == ProductForm::tn ? matrix(s.k, s.m, 1) : matrix(s.m, s.k, 1)),
        b(product == ProductForm::nt ? matrix(s.n, s.k, 2) : matrix(s.k, s.n, 2)),
        size(s) {}

  double sum(int64_t row, int64_t column) const {
    double total = 0;
    for (int64_t k = 0; k < size.k; ++k) {
      total += (form == ProductForm::tn ? a.at(k, row) : a.at(row, k)) *
               (form == ProductForm::nt ? b.at(column, k) : b.at(k, column));
    }
    return total;
  }
};

template <class S>
SplitRows<S> split(const Matrix& from, int parts, const DeviceArray<float>& data, Work& work) {
  const auto out = split_scratch<S>(from.rows, from.columns, parts, work);
  split_rows(data.data(), DType::f32, nullptr, 0, from.rows, from.columns, out, work);
  return out;
}

template <class S>
std::vector<float> product_of(const Problem& p, int parts_of_a, int parts_of_b,
                              Epilogue<float> end = {}) {
  const DeviceArray<float> a(p.a.values), b(p.b.values);
  const DeviceArray<float> out(static_cast<size_t>(p.size.m * p.size.n));
  TestContext context;
  Work work(context, "test");
  const auto of_a = split<S>(p.a, parts_of_a, a, work), of_b = split<S>(p.b, parts_of_b, b, work);
  end.out = out.data();
  multiply_on_tensor_cores<S>(
      p.form, {of_a.parts(), of_b.parts(), p.size.m, p.size.n, p.size.k, end}, work);
  REQUIRE(work.ok());
  return out.read();
}

// `loss`: of an operand by its parts, relative.
template <class S>
void check_product(ProductForm form, const Shape& s, int parts_of_a, int parts_of_b, double loss) {
  CAPTURE(static_cast<int>(form));
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  const Problem p(form, s);
  const auto found = product_of<S>(p, parts_of_a, parts_of_b);
  double worst = 0;
  for (int64_t i = 0; i < s.m * s.n; ++i) {
    const double apart = found[static_cast<size_t>(i)] - p.sum(i / s.n, i % s.n);
    worst = std::fmax(worst, std::fabs(apart));
  }
  CHECK(worst <= static_cast<double>(s.k) * loss);
}

constexpr double kOfOnePart = 0x1p-8, kOfTwo = 0x1p-15, kOfThree = 0x1p-22;

}  // namespace

TEST_CASE("products on tensor cores are those of the sums of their parts") {
  for (const ProductForm form : {ProductForm::nt, ProductForm::nn, ProductForm::tn}) {
    check_product<Bf16>(form, {33, 35, 37}, 1, 1, kOfOnePart);
    check_product<Bf16>(form, {65, 70, 97}, 2, 2, kOfTwo);
    check_product<Bf16>(form, {3, 66, 130}, 3, 3, kOfThree);
    check_product<Bf16>(form, {1, 1, 1}, 3, 3, kOfThree);
    check_product<Bf16>(form, {7, 9, 0}, 1, 2, 0);
    check_product<Bf16>(form, {0, 9, 5}, 1, 1, 0);
    check_product<Bf16>(form, {9, 0, 5}, 1, 1, 0);
  }
  check_product<F16>(ProductForm::nt, {33, 35, 37}, 1, 1, 0x1p-10);
  check_product<F16>(ProductForm::nt, {65, 70, 97}, 1, 1, 0x1p-10);
}

TEST_CASE("the large tile gives the same, under several schedules") {
  for (const unsigned seed : {0u, 1u, 7u}) {
    set_seed(seed);
    check_product<Bf16>(ProductForm::nt, {128 * 127 + 5, 3, 45}, 1, 1, kOfOnePart);
  }
  set_seed(0);
  check_product<Bf16>(ProductForm::nn, {5, 128 * 127 + 5, 33}, 2, 1, kOfOnePart);
  check_product<Bf16>(ProductForm::tn, {5, 128 * 127 + 5, 33}, 2, 1, kOfOnePart);
  check_product<F16>(ProductForm::nt, {5, 128 * 127 + 5, 33}, 1, 1, 0x1p-10);
}

TEST_CASE("three parts of bf16 are a float without loss, two of them a float16") {
  const float infinity = std::numeric_limits<float>::infinity();
  const float most = std::numeric_limits<float>::max();
  const std::vector<float> in = {0x1.fffffep0f, 1e-30f, -0x1.234566p20f, infinity, -infinity,
                                 NAN,           most,   -most,           65504,    0x1.ffcp-14f,
                                 0x1p-24f,      0};
  const DeviceArray<float> device(in);
  TestContext context;
  Work work(context, "test");
  const auto width = static_cast<int64_t>(in.size());
  const auto out = split_scratch<Bf16>(1, width, 3, work);
  split_rows(device.data(), DType::f32, nullptr, 0, 1, width, out, work);
  REQUIRE(out.stride == 16);
  std::vector<Bf16> parts(static_cast<size_t>(3 * out.stride));
  cudaMemcpy(parts.data(), out.data, parts.size() * sizeof(Bf16), cudaMemcpyDeviceToHost);
  for (size_t i = 0; i < 16; ++i) {
    const float first = to_real(parts[i]), second = to_real(parts[16 + i]);
    const float sum = first + (second + to_real(parts[32 + i]));
    if (i >= in.size()) {
      CHECK(sum == 0);
    } else if (std::isnan(in[i])) {
      CHECK(std::isnan(first));
      CHECK(second == 0);
    } else {
      CHECK(sum == in[i]);
      if (i >= 8) CHECK(first + second == in[i]);
    }
  }
}

TEST_CASE("what is no number stays in its row and its column") {
  for (const ProductForm form : {ProductForm::nt, ProductForm::nn, ProductForm::tn}) {
    const Shape s{40, 41, 42};
    Problem p(form, s);
    p.a.values[static_cast<size_t>(form == ProductForm::tn ? 7 * s.m + 3 : 3 * s.k + 7)] = NAN;
    p.b.values[static_cast<size_t>(form == ProductForm::nt ? 5 * s.k + 7 : 7 * s.n + 5)] =
        std::numeric_limits<float>::infinity();
    const auto found = product_of<Bf16>(p, 1, 1);
    for (int64_t i = 0; i < s.m * s.n; ++i) {
      const float x = found[static_cast<size_t>(i)];
      const int64_t row = i / s.n, column = i % s.n;
      REQUIRE(std::isnan(x) == (row == 3));
      if (row != 3) REQUIRE(std::isinf(x) == (column == 5));
    }
  }
}

TEST_CASE("the way out of a product on tensor cores is that of any product") {
  const Problem p(ProductForm::nt, {37, 19, 21});
  const auto plain = product_of<Bf16>(p, 3, 3);
  const auto add = numbers<float>(p.size.n * 6, 3);
  const DeviceArray<float> device_add(add);
  Epilogue<float> end;
  end.add = device_add.data();
  end.add_group = 7;
  end.activation = Activation::tanh;
  const auto found = product_of<Bf16>(p, 3, 3, end);
  for (size_t i = 0; i < plain.size(); ++i) {
    const size_t row = i / static_cast<size_t>(p.size.n),
                 column = i % static_cast<size_t>(p.size.n);
    const float x = plain[i] + add[row / 7 * static_cast<size_t>(p.size.n) + column];
    REQUIRE(found[i] == math::tanh_jet(x).value);
  }
}

}  // namespace belfry::cuda
