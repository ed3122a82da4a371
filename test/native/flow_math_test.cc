// Formulas of the flow family: activations, layer normalisation, time embedding.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "math/activations.h"
#include "math/embedding.h"
#include "math/layer_norm.h"

namespace belfry::test {
namespace {

using math::activation_jet;

constexpr Activation kAll[] = {Activation::identity,  Activation::relu,    Activation::leaky_relu,
                               Activation::tanh,      Activation::sigmoid, Activation::softplus,
                               Activation::elu,       Activation::silu,    Activation::mish,
                               Activation::gelu_tanh, Activation::gelu_erf};

// The definitions, in long double and without any rearrangement.
long double defined(Activation kind, long double x) {
  const long double sigmoid = 1 / (1 + std::exp(-x));
  const long double pi = std::acos(-1.0L);
  switch (kind) {
    case Activation::identity: return x;
    case Activation::relu: return x > 0 ? x : 0;
    case Activation::leaky_relu: return x > 0 ? x : x * 0.01L;
    case Activation::tanh: return std::tanh(x);
    case Activation::sigmoid: return sigmoid;
    case Activation::softplus: return std::log1p(std::exp(x));
    case Activation::elu: return x > 0 ? x : std::expm1(x);
    case Activation::silu: return x * sigmoid;
    case Activation::mish: return x * std::tanh(std::log1p(std::exp(x)));
    case Activation::gelu_tanh:
      return x / 2 * (1 + std::tanh(std::sqrt(2 / pi) * (x + 0.044715L * x * x * x)));
    case Activation::gelu_erf: return x / 2 * (1 + std::erf(x / std::sqrt(2.0L)));
  }
  return 0;
}

bool has_kink(Activation kind) {
  return kind == Activation::relu || kind == Activation::leaky_relu || kind == Activation::elu;
}

TEST_CASE("activations are what they are defined to be") {
  for (const Activation kind : kAll) {
    CAPTURE(static_cast<int>(kind));
    for (int i = -480; i <= 480; ++i) {
      const double x = i / 16.0;
      CAPTURE(x);
      const double want = static_cast<double>(defined(kind, static_cast<long double>(x)));
      CHECK(activation_jet(kind, x).value == doctest::Approx(want).epsilon(1e-13));
      CHECK(static_cast<double>(activation_jet(kind, static_cast<float>(x)).value) ==
            doctest::Approx(want).epsilon(1e-5));
    }
  }
}

TEST_CASE("slopes and curvatures are the central differences") {
  for (const Activation kind : kAll) {
    CAPTURE(static_cast<int>(kind));
    for (int i = -300; i <= 300; ++i) {
      const double x = i / 16.0 + 0.01, h = 1e-5;
      CAPTURE(x);
      const auto high = activation_jet(kind, x + h), low = activation_jet(kind, x - h);
      const auto at = activation_jet(kind, x);
      CHECK(at.slope == doctest::Approx((high.value - low.value) / (2 * h)).epsilon(1e-8));
      CHECK(at.curvature == doctest::Approx((high.slope - low.slope) / (2 * h)).epsilon(1e-8));
    }
  }
}

TEST_CASE("derivatives at zero") {
  CHECK(activation_jet(Activation::relu, 0.0).slope == 0);
  CHECK(activation_jet(Activation::leaky_relu, 0.0).slope == 0.01);
  CHECK(activation_jet(Activation::elu, 0.0).slope == 1);
  CHECK(activation_jet(Activation::elu, 0.0).curvature == 1);
  CHECK(activation_jet(Activation::mish, 0.0).slope == doctest::Approx(0.6).epsilon(1e-15));
  CHECK(activation_jet(Activation::silu, 0.0).slope == 0.5);
  CHECK(activation_jet(Activation::gelu_erf, 0.0).slope == 0.5);
}

template <class T>
void check_far(T x) {
  for (const Activation kind : kAll) {
    CAPTURE(static_cast<int>(kind));
    CAPTURE(x);
    const auto far = activation_jet(kind, x);
    CHECK(std::isfinite(far.slope));
    CHECK(std::isfinite(far.curvature));
    CHECK(std::abs(far.slope) <= T(1));
    const bool bounded = kind == Activation::tanh || kind == Activation::sigmoid;
    const bool passes = kind == Activation::identity || kind == Activation::leaky_relu;
    if (x > 0)
      CHECK(far.value == (bounded ? T(1) : x));
    else if (kind == Activation::tanh || kind == Activation::elu)
      CHECK(far.value == T(-1));
    else if (!passes)
      CHECK(std::abs(far.value) < T(1e-30));
    if (!has_kink(kind)) CHECK(std::abs(far.curvature) < T(1e-30));
  }
}

TEST_CASE("far from zero nothing overflows and the limits are reached") {
  for (const double x : {500.0, -500.0, 1e30, -1e30}) {
    check_far(x);
    check_far(static_cast<float>(x));
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double x : {kInfinity, -kInfinity}) {
    check_far(x);
    check_far(static_cast<float>(x));
  }
}

TEST_CASE("NaN stays NaN") {
  for (const Activation kind : kAll) {
    CAPTURE(static_cast<int>(kind));
    CHECK(std::isnan(activation_jet(kind, std::nan("")).value));
    CHECK(std::isnan(activation_jet(kind, std::nanf("")).value));
  }
}

struct Row {
  std::vector<double> x, v;
  math::RowStats stats;

  double h(size_t i) const { return stats.normalised(x[i]); }
};

Row make_row(size_t width, double eps) {
  Row row;
  double mean = 0, squares = 0;
  for (size_t i = 0; i < width; ++i) {
    row.x.push_back(std::sin(3.7 * static_cast<double>(i)) + 2);
    row.v.push_back(std::cos(1.3 * static_cast<double>(i)));
    mean += row.x[i] / static_cast<double>(width);
  }
  for (const double x : row.x) squares += (x - mean) * (x - mean);
  row.stats = math::row_stats(mean, squares, static_cast<double>(width), eps);
  return row;
}

std::vector<double> projected(const Row& row, const std::vector<double>& v) {
  const double width = static_cast<double>(row.x.size());
  double mean = 0, weighted = 0;
  for (size_t i = 0; i < v.size(); ++i) {
    mean += v[i] / width;
    weighted += v[i] * row.h(i) / width;
  }
  std::vector<double> out;
  for (size_t i = 0; i < v.size(); ++i) {
    out.push_back(math::norm_project(v[i], row.h(i), mean, weighted, row.stats.inverse));
  }
  return out;
}

TEST_CASE("a normalised row has mean 0 and variance var / (var + eps)") {
  const Row row = make_row(17, 1e-5);
  double mean = 0, squares = 0, variance = 0;
  for (size_t i = 0; i < row.x.size(); ++i) {
    mean += row.h(i);
    squares += row.h(i) * row.h(i);
    variance += (row.x[i] - row.stats.mean) * (row.x[i] - row.stats.mean);
  }
  variance /= 17;
  CHECK(std::abs(mean) < 1e-12);
  CHECK(squares / 17 == doctest::Approx(variance / (variance + 1e-5)).epsilon(1e-12));
}

TEST_CASE("the projection is the derivative of the norm, and is symmetric") {
  const Row row = make_row(9, 1e-3);
  const double step = 1e-6;
  const std::vector<double> tangent = projected(row, row.v);
  Row moved[2] = {row, row};
  for (int side = 0; side < 2; ++side) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < 9; ++i) {
      moved[side].x[i] += (side == 0 ? step : -step) * row.v[i];
      mean += moved[side].x[i] / 9;
    }
    for (const double x : moved[side].x) squares += (x - mean) * (x - mean);
    moved[side].stats = math::row_stats(mean, squares, 9, 1e-3);
  }
  for (size_t i = 0; i < 9; ++i) {
    const double slope = (moved[0].h(i) - moved[1].h(i)) / (2 * step);
    CHECK(tangent[i] == doctest::Approx(slope).epsilon(1e-7));
  }
  std::vector<double> w;
  for (size_t i = 0; i < 9; ++i) w.push_back(1 / (1.0 + static_cast<double>(i)));
  const std::vector<double> back = projected(row, w);
  double forward = 0, reverse = 0, sum = 0;
  for (size_t i = 0; i < 9; ++i) {
    forward += w[i] * tangent[i];
    reverse += back[i] * row.v[i];
    sum += back[i];
  }
  CHECK(forward == doctest::Approx(reverse).epsilon(1e-12));
  CHECK(std::abs(sum) < 1e-12);  // adding a constant to a row changes nothing
}

TEST_CASE("a constant row gives 0 and a finite gradient") {
  const auto stats = math::row_stats(3, 0, 4, 1e-5);
  CHECK(stats.normalised(3) == 0);
  CHECK(math::norm_project(1, 0, 0.25, 0, stats.inverse) ==
        doctest::Approx(0.75 / std::sqrt(1e-5)).epsilon(1e-12));
}

TEST_CASE("embedding: frequencies, circle, derivative") {
  CHECK(math::embedding_frequency(0, 8, 1e4) == 1);
  CHECK(math::embedding_frequency(7, 8, 1e4) == doctest::Approx(1e-4).epsilon(1e-12));
  CHECK(math::embedding_frequency(3, 7, 100) == doctest::Approx(0.1).epsilon(1e-12));
  for (const double t : {0.0, 0.3, -2.0, 700.0}) {
    const double scale = 2.5, frequency = 0.4, step = 1e-5;
    const auto at = math::embed_time(t, scale, frequency);
    const auto high = math::embed_time(t + step, scale, frequency);
    const auto low = math::embed_time(t - step, scale, frequency);
    CHECK(at.sine * at.sine + at.cosine * at.cosine == doctest::Approx(1).epsilon(1e-14));
    CHECK(at.sine_slope == doctest::Approx((high.sine - low.sine) / (2 * step)).epsilon(1e-7));
    CHECK(at.cosine_slope ==
          doctest::Approx((high.cosine - low.cosine) / (2 * step)).epsilon(1e-7));
  }
  const auto zero = math::embed_time(0, 1, 0.5);
  CHECK(zero.sine == 0);
  CHECK(zero.cosine == 1);
  CHECK(zero.sine_slope == 0.5);
}

}  // namespace
}  // namespace belfry::test
