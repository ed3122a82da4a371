// Elementary functions and activations of every level against the same formulas in long double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "simd_levels.h"
#include "simd_math_table.h"

#define BELFRY_TARGET_FILE "test/native/simd_math_table-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::test {
namespace {

using Real = long double;

constexpr Real kInf = std::numeric_limits<Real>::infinity();

Real ref_exp(Real x) { return std::exp(x); }
Real ref_expm1(Real x) { return std::expm1(x); }
Real ref_log(Real x) { return std::log(x); }
Real ref_log1p(Real x) { return std::log1p(x); }
Real ref_sin(Real x) { return std::sin(x); }
Real ref_cos(Real x) { return std::cos(x); }
Real ref_erf(Real x) { return std::erf(x); }
Real ref_tanh(Real x) { return std::tanh(x); }
Real ref_sigmoid(Real x) { return 1 / (1 + std::exp(-x)); }
Real ref_softplus(Real x) { return std::fmax(x, 0.0L) + std::log1p(std::exp(-std::fabs(x))); }
Real ref_log_sigmoid(Real x) { return -ref_softplus(-x); }
Real ref_cdf(Real x) { return std::erfc(-x * std::sqrt(0.5L)) / 2; }
Real ref_density(Real x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0L)); }
Real ref_relu(Real x) { return x > 0 ? x : 0; }
Real ref_elu(Real x) { return x > 0 ? x : std::expm1(x); }
Real ref_silu(Real x) { return x * ref_sigmoid(x); }
Real ref_mish(Real x) { return x * std::tanh(ref_softplus(x)); }
Real gelu_slope(Real x, Real cube) {
  return 2 * std::sqrt(2 / std::acos(-1.0L)) * (x + cube * x * x * x);
}
Real ref_gelu_tanh(Real x) { return x * ref_sigmoid(gelu_slope(x, 0.044715L)); }
Real ref_gelu_erf(Real x) { return x * ref_cdf(x); }
Real ref_tanh_grad(Real x) { return 1 / (std::cosh(x) * std::cosh(x)); }
Real ref_sigmoid_grad(Real x) { return ref_sigmoid(x) * ref_sigmoid(-x); }
Real ref_relu_grad(Real x) { return x > 0 ? 1 : 0; }
Real ref_elu_grad(Real x) { return x > 0 ? 1 : std::exp(x); }
Real ref_silu_grad(Real x) { return ref_sigmoid(x) * (1 + x * ref_sigmoid(-x)); }
Real ref_mish_grad(Real x) {
  const Real t = std::tanh(ref_softplus(x));
  return t + x * ref_sigmoid(x) * (1 - t * t);
}
Real ref_gelu_tanh_grad(Real x) {
  const Real u = gelu_slope(x, 0.044715L);
  const Real du = 2 * std::sqrt(2 / std::acos(-1.0L)) * (1 + 3 * 0.044715L * x * x);
  return ref_sigmoid(u) + x * ref_sigmoid(u) * ref_sigmoid(-u) * du;
}
Real ref_gelu_erf_grad(Real x) { return ref_cdf(x) + x * ref_density(x); }

template <class T>
Real ulp_of(Real reference) {
  const Real magnitude = std::fmax(std::fabs(reference), Real(std::numeric_limits<T>::min()));
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  return std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits);
}

// Error in units of the last place of the reference, or of `floor` where the reference is smaller.
template <class T>
Real error_in_ulp(T got, Real reference, Real floor) {
  constexpr Real kSmallest = std::numeric_limits<T>::min();
  constexpr Real kLargest = std::numeric_limits<T>::max();
  if (std::isnan(reference)) return std::isnan(got) ? 0 : kInf;
  if (std::fabs(reference) > kLargest) return got == T(reference) ? 0 : kInf;
  if (std::fabs(reference) < kSmallest && std::fabs(Real(got)) <= kSmallest) return 0;
  const Real error =
      std::fabs(Real(got) - reference) / ulp_of<T>(std::fmax(std::fabs(reference), floor));
  return std::isnan(error) ? kInf : error;
}

// Uniform in value over [low, high], uniform in the bit pattern over the same interval, and the
// edges of the format.
template <class T>
std::vector<T> sample(double low, double high, int count) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  std::vector<T> x;
  for (int i = 0; i <= count; ++i)
    x.push_back(T(low * (1 - double(i) / count) + high * (double(i) / count)));
  const Bits step = std::numeric_limits<Bits>::max() / Bits(count) | 1;
  for (Bits bits = 0, i = 0; i < Bits(count); bits += step, ++i) {
    T value;
    std::memcpy(&value, &bits, sizeof value);
    if (value >= T(low) && value <= T(high)) x.push_back(value);
  }
  for (T edge :
       {T(0), std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::min(),
        std::numeric_limits<T>::epsilon(), T(0.25), T(0.5), T(0.75), T(1), T(1.5), T(20)}) {
    for (T value : {edge, -edge, std::nextafter(edge, T(100)), std::nextafter(edge, T(-100))}) {
      if (value >= T(low) && value <= T(high)) x.push_back(value);
    }
  }
  while (x.size() % 16 != 0) x.push_back(T(high));
  return x;
}

template <class T>
struct Case {
  const char* name;
  void (*MathTable<T>::*function)(const T*, T*, int);
  Real (*reference)(Real);
  double low, high;  // arguments tried
  Real max_ulp;
  Real floor;  // errors are counted in units of the last place of this at least
};

template <class T>
void check(const Level<MathTable<T>>& level, const Case<T>& c) {
  const std::vector<T> x = sample<T>(c.low, c.high, 40000);
  std::vector<T> y(x.size());
  (level.table.*c.function)(x.data(), y.data(), int(x.size()));
  Real worst = 0;
  T worst_x = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Real error = error_in_ulp<T>(y[i], c.reference(x[i]), c.floor);
    if (error > worst) worst = error, worst_x = x[i];
  }
  if (std::getenv("BELFRY_TEST_REPORT") != nullptr) {
    std::printf("%-8s %-6s %-16s %6.2Lf ulp at %.9g\n", level.name,
                sizeof(T) == 4 ? "float" : "double", c.name, worst, double(worst_x));
  }
  INFO(level.name, " ", c.name, ": ", double(worst), " ulp at ", worst_x);
  CHECK(worst <= c.max_ulp);
}

template <class T>
std::vector<Case<T>> cases() {
  using M = MathTable<T>;
  constexpr bool kFloat = sizeof(T) == 4;
  const double biggest = std::numeric_limits<T>::max();
  const double high = kFloat ? 88 : 709;
  const double sine = kFloat ? 1e4 : 1e6;
  return {
      {"exp", &M::exp, ref_exp, -biggest, biggest, 2, 0},
      {"exp", &M::exp, ref_exp, -high - 2, high + 2, 2, 0},
      {"exp_no_overflow", &M::exp_no_overflow, ref_exp, -biggest, high, 2, 0},
      {"exp_no_overflow", &M::exp_no_overflow, ref_exp, -high - 2, high, 2, 0},
      {"exp_within", &M::exp_within, ref_exp, -high + 1, high - 1, 2, 0},
      {"expm1", &M::expm1, ref_expm1, -biggest, biggest, 2, 0},
      {"expm1", &M::expm1, ref_expm1, -2, 2, 2.5, 0},
      {"expm1", &M::expm1, ref_expm1, -high - 2, high + 2, 2, 0},
      {"log", &M::log, ref_log, 0, biggest, 1.5, 0},
      {"log", &M::log, ref_log, 0, 4, 1.5, 0},
      {"log1p", &M::log1p, ref_log1p, -1, biggest, 2, 0},
      {"log1p", &M::log1p, ref_log1p, -1, 4, 2, 0},
      {"tanh", &M::tanh, ref_tanh, -biggest, biggest, 3, 0},
      {"tanh", &M::tanh, ref_tanh, -20, 20, 3, 0},
      {"sigmoid", &M::sigmoid, ref_sigmoid, -high, high, 4, 0},
      {"softplus", &M::softplus, ref_softplus, -high, 1000, 4, 0},
      {"log_sigmoid", &M::log_sigmoid, ref_log_sigmoid, -1000, high, 4, 0},
      {"sin", &M::sin, ref_sin, -sine, sine, 2.5, 0x1p-12L},
      {"cos", &M::cos, ref_cos, -sine, sine, 2.5, 0x1p-12L},
      {"erf", &M::erf, ref_erf, -biggest, biggest, 4, 0},
      {"erf", &M::erf, ref_erf, -7, 7, 4, 0},
      {"normal_cdf", &M::normal_cdf, ref_cdf, -5, 40, kFloat ? 32 : 64, 0},
      {"elu", &M::elu, ref_elu, -100, 100, 2.5, 0},
      {"elu_grad", &M::elu_grad, ref_elu_grad, -100, 100, 2, 1},
      {"relu", &M::relu, ref_relu, -biggest, biggest, 0, 0},
      {"relu_grad", &M::relu_grad, ref_relu_grad, -biggest, biggest, 0, 0},
      {"silu", &M::silu, ref_silu, -high, 1000, 4, 0},
      {"silu_shared", &M::silu_shared, ref_silu, -high + 2, 1000, 4, 0},
      {"silu_grad", &M::silu_grad, ref_silu_grad, -1000, 1000, 4, 1},
      {"mish", &M::mish, ref_mish, -high + 10, 1000, 4, 0},
      {"mish_shared", &M::mish_shared, ref_mish, -high + 10, 1000, 5, 0},
      {"mish_grad", &M::mish_grad, ref_mish_grad, -1000, 1000, 4, 1},
      {"gelu_tanh", &M::gelu_tanh, ref_gelu_tanh, -3, 1000, 10, 0},
      {"gelu_tanh_shared", &M::gelu_tanh_shared, ref_gelu_tanh, -3, 1000, 10, 0},
      {"gelu_tanh_grad", &M::gelu_tanh_grad, ref_gelu_tanh_grad, -1000, 1000, 8, 1},
      {"gelu_erf", &M::gelu_erf, ref_gelu_erf, -3, 1000, 32, 0},
      {"gelu_erf_shared", &M::gelu_erf_shared, ref_gelu_erf, -3, 1000, 32, 0},
      {"gelu_erf", &M::gelu_erf, ref_gelu_erf, -1000, 1000, 4, 1},
      {"gelu_erf_grad", &M::gelu_erf_grad, ref_gelu_erf_grad, -1000, 1000, 4, 1},
      {"tanh_grad", &M::tanh_grad, ref_tanh_grad, -20, 20, 4, 1},
      {"sigmoid_grad", &M::sigmoid_grad, ref_sigmoid_grad, -80, 80, 4, 1},
      {"softplus_grad", &M::softplus_grad, ref_sigmoid, -80, 80, 4, 0},
  };
}

template <class T>
T apply(void (*function)(const T*, T*, int), T x) {
  const std::vector<T> in(16, x);
  std::vector<T> out(16);
  function(in.data(), out.data(), 16);
  for (T each : out) REQUIRE((each == out[0] || (std::isnan(each) && std::isnan(out[0]))));
  return out[0];
}

template <class T>
void check_special_values(const Level<MathTable<T>>& level) {
  const MathTable<T>& m = level.table;
  const T inf = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  INFO(level.name);
  CHECK(apply(m.exp, T(0)) == 1);
  CHECK(apply(m.exp, -inf) == 0);
  CHECK(apply(m.exp, inf) == inf);
  CHECK(apply(m.exp, T(sizeof(T) == 4 ? 88.73 : 709.79)) == inf);
  CHECK(apply(m.exp_no_overflow, -inf) == 0);
  CHECK(apply(m.exp_no_overflow, T(0)) == 1);
  CHECK(apply(m.exp_within, T(0)) == 1);
  CHECK(apply(m.expm1, -inf) == -1);
  CHECK(apply(m.expm1, inf) == inf);
  CHECK(apply(m.log, T(0)) == -inf);
  CHECK(apply(m.log, T(-0.0)) == -inf);
  CHECK(apply(m.log, inf) == inf);
  CHECK(apply(m.log, T(1)) == 0);
  CHECK(std::isnan(apply(m.log, T(-1))));
  CHECK(std::isnan(apply(m.log, -inf)));
  CHECK(apply(m.log1p, T(-1)) == -inf);
  CHECK(std::isnan(apply(m.log1p, T(-2))));
  CHECK(apply(m.log1p, inf) == inf);
  CHECK(apply(m.tanh, inf) == 1);
  CHECK(apply(m.tanh, -inf) == -1);
  CHECK(std::signbit(apply(m.tanh, T(-0.0))));
  CHECK(apply(m.sigmoid, inf) == 1);
  CHECK(apply(m.sigmoid, -inf) == 0);
  CHECK(apply(m.sigmoid, T(0)) == T(0.5));
  CHECK(apply(m.softplus, inf) == inf);
  CHECK(apply(m.softplus, -inf) == 0);
  CHECK(std::isnan(apply(m.sin, inf)));
  CHECK(apply(m.cos, T(0)) == 1);
  CHECK(apply(m.erf, inf) == 1);
  CHECK(apply(m.erf, -inf) == -1);
  CHECK(apply(m.normal_cdf, T(0)) == T(0.5));
  CHECK(apply(m.normal_cdf, -inf) == 0);
  CHECK(apply(m.elu, -inf) == -1);
  CHECK(apply(m.mish, T(500)) == 500);
  CHECK(apply(m.mish_shared, T(500)) == 500);
  CHECK(apply(m.mish, T(-800)) == 0);
  CHECK(apply(m.mish, inf) == inf);
  CHECK(apply(m.mish_grad, T(0)) == doctest::Approx(0.6));
  CHECK(apply(m.mish_grad, std::numeric_limits<T>::max()) == 1);
  CHECK(apply(m.gelu_erf_grad, inf) == 1);
  CHECK(apply(m.gelu_tanh_grad, inf) == 1);
  CHECK(apply(m.leaky_relu, T(-2)) == T(0.01) * T(-2));
  CHECK(apply(m.leaky_relu, T(3)) == 3);
  CHECK(apply(m.leaky_relu_grad, T(0)) == T(0.01));
  CHECK(apply(m.relu_grad, T(0)) == 0);
  CHECK(apply(m.elu_grad, T(0)) == 1);
  // relu_grad and leaky_relu_grad are steps, where NaN has no meaning.
#define BELFRY_TEST_NAN(f)                                                                     \
  if (std::strstr(#f, "relu_grad") == nullptr) CHECK_MESSAGE(std::isnan(apply(m.f, nan)), #f); \
  if (std::strstr(#f, "relu_grad") == nullptr) CHECK_MESSAGE(std::isnan(apply(m.f, -nan)), #f);
  BELFRY_TEST_FUNCTIONS(BELFRY_TEST_NAN)
#undef BELFRY_TEST_NAN
}

TEST_CASE("float functions stay within their error bounds on every level") {
  for (const auto& level : BELFRY_TEST_LEVELS(float_math)) {
    for (const auto& c : cases<float>()) check(level, c);
  }
}

TEST_CASE("double functions stay within their error bounds on every level") {
  for (const auto& level : BELFRY_TEST_LEVELS(double_math)) {
    for (const auto& c : cases<double>()) check(level, c);
  }
}

TEST_CASE("special values") {
  for (const auto& level : BELFRY_TEST_LEVELS(float_math)) check_special_values(level);
  for (const auto& level : BELFRY_TEST_LEVELS(double_math)) check_special_values(level);
}

}  // namespace
}  // namespace belfry::test
