// token_logprob and token_logprob_backward against plain loops in long double: every storage type,
// odd lengths, split rows, excluded tokens, in place, and the same bits for any number of threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "core/thread_pool.h"
#include "cpu/run.h"
#include "math/half.h"
#include "ops/token/core.h"

namespace belfry::test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr int32_t kIgnore = -100;

uint32_t mix(uint32_t h) {
  h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
  h = (h ^ (h >> 13)) * 0xC2B2AE35u;
  return h ^ (h >> 16);
}
double uniform(uint32_t seed, int64_t i) {
  return mix(mix(static_cast<uint32_t>(i)) + seed * 0x9E3779B9u) / 4294967296.0;
}

// An array of any storage type, filled from doubles and read back as doubles.
struct Array {
  DType dtype;
  std::vector<unsigned char> bytes;

  Array(DType type, int64_t count)
      : dtype(type), bytes(static_cast<size_t>(count * dtype_bytes(type) + 64)) {}

  char* data() { return reinterpret_cast<char*>(bytes.data()) + 8; }  // on no boundary of 16
  void set(int64_t i, double value) {
    const float narrow = static_cast<float>(value);
    char* at = data() + i * dtype_bytes(dtype);
    const uint16_t half =
        dtype == DType::bf16 ? math::float_to_bf16(narrow) : math::float_to_f16(narrow);
    if (dtype == DType::f64)
      std::memcpy(at, &value, 8);
    else if (dtype == DType::f32)
      std::memcpy(at, &narrow, 4);
    else
      std::memcpy(at, &half, 2);
  }
  double get(int64_t i) {
    const char* at = data() + i * dtype_bytes(dtype);
    double wide = 0;
    float single = 0;
    uint16_t half = 0;
    if (dtype == DType::f64) return std::memcpy(&wide, at, 8), wide;
    if (dtype == DType::f32) return std::memcpy(&single, at, 4), single;
    std::memcpy(&half, at, 2);
    return dtype == DType::bf16 ? math::bf16_to_float(half) : math::f16_to_float(half);
  }
};

struct Setting {
  DType dtype = DType::f32;
  int64_t rows = 3, width = 100;
  double temperature = 1, softcap = 0, spread = 8, offset = 0;
  bool excluded = false;  // a tenth of the logits −Infinity
  DType grad_dtype = DType::f32;
  bool in_place = false;
};

// One call of both ops, and what they gave.
template <class T>
struct Run {
  Setting setting;
  Array logits, grads;
  std::vector<int32_t> labels;
  std::vector<T> g, h, log_probs, entropy, logsumexp, squares, log_probs2, entropy2;

  explicit Run(const Setting& s)
      : setting(s),
        logits(s.dtype, s.rows * s.width),
        grads(s.in_place ? s.dtype : s.grad_dtype, s.rows * s.width) {
    const size_t n = static_cast<size_t>(s.rows);
    for (auto* v : {&g, &h, &log_probs, &entropy, &logsumexp, &squares, &log_probs2, &entropy2}) {
      v->assign(n, T(7));
    }
    for (int64_t row = 0; row < s.rows; ++row) {
      labels.push_back(static_cast<int32_t>(uniform(2, row) * static_cast<double>(s.width)));
      if (row % 5 == 4) labels.back() = kIgnore;
      g[static_cast<size_t>(row)] = static_cast<T>(uniform(3, row) - 0.5);
      h[static_cast<size_t>(row)] = static_cast<T>(uniform(4, row) - 0.5);
    }
    for (int64_t i = 0; i < s.rows * s.width; ++i) {
      const bool out = s.excluded && uniform(5, i) < 0.1 && i % s.width != s.width / 2;
      logits.set(i, out ? -kInf : s.offset + s.spread * (2 * uniform(1, i) - 1));
    }
  }

  template <class View>
  static void show(View& view, void* data, DType dtype, int64_t rows, int64_t width = -1) {
    view.data = data;
    view.dtype = dtype;
    view.rank = width < 0 ? 1 : 2;
    view.dims[0] = rows;
    if (width >= 0) view.dims[1] = width;
    view.present = true;
  }
  template <class View>
  void show_row(View& view, std::vector<T>& values) const {
    show(view, values.data(), sizeof(T) == 8 ? DType::f64 : DType::f32, setting.rows);
  }
  template <class Op>
  void fill(Op& op) {
    show(op.logits, logits.data(), setting.dtype, setting.rows, setting.width);
    show(op.labels, labels.data(), DType::i32, setting.rows);
    op.temperature = setting.temperature;
    op.ignore_index = kIgnore;
    op.softcap = {setting.softcap, setting.softcap > 0};
  }

  Status forward(bool all = true) {
    TokenLogprob<T> op{};
    fill(op);
    show_row(op.log_probs, log_probs);
    if (all) {
      show_row(op.entropy, entropy);
      show_row(op.logsumexp, logsumexp);
      show_row(op.sum_pi_squared, squares);
    }
    cpu::CpuContext context;
    return cpu::run(op, context);
  }
  Status backward(bool with_entropy = true) {
    TokenLogprobBackward<T> op{};
    fill(op);
    show_row(op.grad_log_probs, g);
    if (with_entropy) show_row(op.grad_entropy, h);
    show_row(op.log_probs, log_probs2);
    show_row(op.entropy, entropy2);
    show(op.grad_logits, setting.in_place ? logits.data() : grads.data(), grads.dtype, setting.rows,
         setting.width);
    cpu::CpuContext context;
    return cpu::run(op, context);
  }
  double gradient(int64_t i) { return setting.in_place ? logits.get(i) : grads.get(i); }
};

// The formulas of the specification, one row at a time.
struct Reference {
  std::vector<long double> z, p, grad;
  long double log_prob = 0, entropy = 0, logsumexp = 0, squares = 0;

  Reference(const Setting& s, const std::vector<double>& x, int32_t label, long double g,
            long double h) {
    long double top = -kInf, sum = 0;
    for (double value : x) {
      const long double c = s.softcap;
      const bool out = value == -kInf;
      z.push_back((c > 0 && !out ? c * std::tanh(value / c) : value) / s.temperature);
      top = std::max(top, z.back());
    }
    for (long double value : z) sum += std::exp(value - top);
    logsumexp = top + std::log(sum);
    for (long double value : z) {
      p.push_back(std::exp(value - logsumexp));
      squares += p.back() * p.back();
      if (p.back() > 0) entropy -= p.back() * (value - logsumexp);
    }
    log_prob = z[static_cast<size_t>(label)] - logsumexp;
    for (size_t v = 0; v < x.size(); ++v) {
      long double d = (static_cast<int32_t>(v) == label ? g : 0) - g * p[v];
      if (p[v] > 0) d -= h * p[v] * (z[v] - logsumexp + entropy);
      const long double t = s.softcap > 0 ? std::tanh(x[v] / s.softcap) : 0;
      grad.push_back(x[v] == -kInf ? 0 : d / s.temperature * (1 - t * t));
    }
  }
};

double unit(DType dtype) {
  if (dtype == DType::f64) return 1e-12;
  if (dtype == DType::f32) return 2e-6;
  return dtype == DType::bf16 ? 5e-3 : 7e-4;
}

void check_near(double got, long double want, double tolerance, const std::string& what) {
  const double expected = static_cast<double>(want);
  const bool same =
      got == expected || std::abs(got - expected) <= tolerance * (1 + std::abs(expected));
  CHECK_MESSAGE(same, what << ": got " << got << ", want " << expected);
}

template <class T>
void check(const Setting& s) {
  Run<T> run(s);
  const double unit_t = unit(sizeof(T) == 8 ? DType::f64 : DType::f32);
  std::vector<std::vector<double>> x(static_cast<size_t>(s.rows));
  for (int64_t i = 0; i < s.rows * s.width; ++i) {
    x[static_cast<size_t>(i / s.width)].push_back(run.logits.get(i));
  }
  REQUIRE(run.forward().ok());
  REQUIRE(run.backward().ok());
  for (size_t row = 0; row < x.size(); ++row) {
    const std::string name = "width " + std::to_string(s.width) + " row " + std::to_string(row);
    const int64_t first = static_cast<int64_t>(row) * s.width;
    if (run.labels[row] == kIgnore) {
      bool zero = run.log_probs[row] == 0 && run.entropy[row] == 0 && run.logsumexp[row] == 0 &&
                  run.squares[row] == 0 && run.log_probs2[row] == 0 && run.entropy2[row] == 0;
      for (int64_t v = 0; v < s.width; ++v) zero = zero && run.gradient(first + v) == 0;
      CHECK_MESSAGE(zero, name << " is to be ignored");
      continue;
    }
    const Reference want(s, x[row], run.labels[row], run.g[row], run.h[row]);
    check_near(run.log_probs[row], want.log_prob, unit_t, name + " log_prob");
    check_near(run.entropy[row], want.entropy, unit_t, name + " entropy");
    check_near(run.logsumexp[row], want.logsumexp, unit_t, name + " logsumexp");
    check_near(run.squares[row], want.squares, unit_t, name + " squares");
    check_near(run.log_probs2[row], want.log_prob, unit_t, name + " by-product log_prob");
    check_near(run.entropy2[row], want.entropy, unit_t, name + " by-product entropy");
    double worst = 0, total = 0;
    for (int64_t v = 0; v < s.width; ++v) {
      const double got = run.gradient(first + v);
      const double expected = static_cast<double>(want.grad[static_cast<size_t>(v)]);
      const double error = std::abs(got - expected) / (std::abs(expected) + 1e-3 / s.temperature);
      worst = error <= worst ? worst : error;
      total += got;
    }
    CHECK_MESSAGE(worst <= unit(run.grads.dtype) * 4, name << " gradient is off by " << worst);
    // A label that is excluded itself gets 0 instead of g.
    if (s.softcap == 0 && std::isfinite(want.log_prob))
      check_near(total, 0, unit(run.grads.dtype) / s.temperature, name + " sum");
  }
}

// The results of one call as bytes.
template <class T>
std::string results(const Setting& s, int threads) {
  core::ThreadPool::shared().set_limit(threads);
  Run<T> run(s);
  CHECK(run.forward().ok());
  CHECK(run.backward().ok());
  std::string all;
  for (auto* v : {&run.log_probs, &run.entropy, &run.logsumexp, &run.squares, &run.log_probs2}) {
    all.append(reinterpret_cast<const char*>(v->data()), v->size() * sizeof(T));
  }
  Array& grads = s.in_place ? run.logits : run.grads;
  all.append(grads.data(), static_cast<size_t>(s.rows * s.width * dtype_bytes(grads.dtype)));
  return all;
}

}  // namespace

TEST_CASE("softmax: every storage type and length") {
  for (int64_t width : {1, 2, 7, 16, 17, 63, 129, 1000, 2048, 2049, 4111, 33000}) {
    for (double temperature : {1.0, 0.3}) {
      Setting s;
      s.width = width;
      s.rows = width > 4000 ? 2 : 6;
      s.temperature = temperature;
      s.excluded = width > 2;
      check<float>(s);
      s.dtype = s.grad_dtype = DType::f64;
      check<double>(s);
      s.dtype = DType::bf16;
      s.grad_dtype = DType::f32;
      check<float>(s);
      s.grad_dtype = DType::bf16;
      check<float>(s);
      s.dtype = s.grad_dtype = DType::f16;
      check<float>(s);
    }
  }
}

TEST_CASE("softmax: softcap") {
  for (double softcap : {2.0, 30.0}) {
    Setting s;
    s.width = 3000;
    s.softcap = softcap;
    s.excluded = true;
    check<float>(s);
    s.grad_dtype = DType::bf16;
    check<float>(s);
    s.dtype = s.grad_dtype = DType::f64;
    check<double>(s);
  }
}

TEST_CASE("softmax: many split rows, streamed gradient, in place") {
  Setting s;
  s.rows = 17;
  s.width = 70001;  // gradient above the size that is written past the caches, off its boundary
  check<float>(s);
  s.in_place = true;
  check<float>(s);
  s.rows = 2;
  check<float>(s);
  s.dtype = DType::bf16;
  check<float>(s);
}

TEST_CASE("softmax: large magnitudes keep their accuracy") {
  Setting s;
  s.offset = 10000;
  s.width = 5000;
  check<float>(s);
  s.spread = 10000;
  check<float>(s);
  s.offset = -1e6;
  s.dtype = s.grad_dtype = DType::f64;
  check<double>(s);
}

TEST_CASE("softmax: the same bits for any number of threads, and for any batch") {
  for (int64_t rows : {1, 3, 40}) {
    Setting s;
    s.rows = rows;
    s.width = 70000;
    s.excluded = true;
    const std::string one = results<float>(s, 1);
    CHECK(one == results<float>(s, 2));
    CHECK(one == results<float>(s, 5));
  }
  Setting s;
  s.width = 70000;
  s.rows = 1;
  Run<float> alone(s);
  s.rows = 40;
  Run<float> batch(s);
  CHECK(alone.forward().ok());
  CHECK(batch.forward().ok());
  CHECK(alone.log_probs[0] == batch.log_probs[0]);
  CHECK(alone.entropy[0] == batch.entropy[0]);
}

TEST_CASE("softmax: a label of probability zero") {
  Setting s;
  s.width = 40;
  Run<double> run(Setting{DType::f64, 1, 40, 1, 0, 8, 0, false, DType::f64, false});
  run.logits.set(run.labels[0], -kInf);
  CHECK(run.forward().ok());
  CHECK(run.backward().ok());
  CHECK(run.log_probs[0] == -kInf);
  CHECK(std::isfinite(run.entropy[0]));
  CHECK(run.gradient(run.labels[0]) == 0);
  // A finite logit whose probability underflows keeps the whole gradient.
  run.logits.set(run.labels[0], -1e4);
  CHECK(run.backward().ok());
  CHECK(run.gradient(run.labels[0]) == run.g[0]);
}

TEST_CASE("softmax: one token that has all the probability") {
  Setting s;
  s.rows = 1;
  for (bool excluded : {false, true}) {
    Run<float> run(s);
    for (int64_t v = 0; v < s.width; ++v) run.logits.set(v, excluded ? -kInf : -200.0);
    run.logits.set(run.labels[0], 3);
    CHECK(run.forward().ok());
    CHECK(run.backward().ok());
    CHECK(run.log_probs[0] == 0);
    CHECK(run.entropy[0] == 0);
    CHECK(run.squares[0] == 1);
    CHECK(run.logsumexp[0] == 3);
    for (int64_t v = 0; v < s.width; ++v) CHECK(run.gradient(v) == 0);
  }
}

TEST_CASE("softmax: a row of nothing but -Infinity is an error that names it") {
  for (int64_t width : {5, 70000}) {
    Setting s;
    s.rows = 4;
    s.width = width;
    Run<float> run(s);
    for (int64_t v = 0; v < width; ++v) run.logits.set(2 * width + v, -kInf);
    for (const Status& status : {run.forward(), run.backward()}) {
      CHECK(status.code == Code::bad_value);
      CHECK(std::string(status.argument) == "logits");
      CHECK(std::string(status.message) == "row 2 is all -Infinity");
    }
    run.labels[2] = kIgnore;
    CHECK(run.forward().ok());
    CHECK(run.backward().ok());
  }
}

TEST_CASE("softmax: a NaN stays in its row") {
  for (int64_t width : {20, 70000}) {
    Setting s;
    s.width = width;
    Run<float> run(s);
    run.logits.set(width + width / 3, std::numeric_limits<double>::quiet_NaN());
    CHECK(run.forward().ok());
    CHECK(run.backward().ok());
    for (size_t row = 0; row < 3; ++row) {
      CHECK(std::isnan(run.log_probs[row]) == (row == 1));
      CHECK(std::isnan(run.entropy[row]) == (row == 1));
      CHECK(std::isnan(run.squares[row]) == (row == 1));
      CHECK(std::isnan(run.gradient(static_cast<int64_t>(row) * width)) == (row == 1));
    }
  }
}

TEST_CASE("softmax: gradient against central differences") {
  for (double softcap : {0.0, 5.0}) {
    const Setting s{DType::f64, 2, 12, 0.8, softcap, 3, 0, false, DType::f64, false};
    Run<double> run(s);
    CHECK(run.backward().ok());
    for (int64_t i = 0; i < s.rows * s.width; ++i) {
      const size_t row = static_cast<size_t>(i / s.width);
      const double x = run.logits.get(i), step = 1e-5;
      double value[2];
      for (int side = 0; side < 2; ++side) {
        run.logits.set(i, x + (side == 0 ? -step : step));
        CHECK(run.forward().ok());
        value[side] = run.g[row] * run.log_probs[row] + run.h[row] * run.entropy[row];
      }
      run.logits.set(i, x);
      check_near(run.gradient(i), (value[1] - value[0]) / (2 * step), 1e-8, "central difference");
    }
  }
}

TEST_CASE("softmax: what is not asked for is neither needed nor written") {
  Setting s;
  s.width = 300;
  Run<float> some(s), all(s);
  CHECK(some.forward(false).ok());
  CHECK(all.forward().ok());
  CHECK(some.log_probs == all.log_probs);
  CHECK(some.entropy[0] == 7);
  Setting none = s;
  none.rows = 0;
  Run<float> empty(none);
  CHECK(empty.forward().ok());
  CHECK(empty.backward().ok());
  CHECK(some.backward(false).ok());
  const double p = std::exp(static_cast<double>(some.log_probs[0]));
  const double g = some.g[0];
  check_near(some.gradient(some.labels[0]), g * (1 - p), 1e-6, "without entropy");
}

TEST_CASE("softmax: halves, one at a time") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float b = math::bf16_to_float(half), f = math::f16_to_float(half);
    if (!std::isnan(b)) REQUIRE(math::float_to_bf16(b) == half);
    if (!std::isnan(f)) REQUIRE(math::float_to_f16(f) == half);
    if (std::isnan(b)) REQUIRE(std::isnan(math::bf16_to_float(math::float_to_bf16(b))));
    if (std::isnan(f)) REQUIRE(std::isnan(math::f16_to_float(math::float_to_f16(f))));
  }
  CHECK(math::f16_to_float(0x3c01) == 1 + 0x1p-10f);
  CHECK(math::f16_to_float(0x0001) == 0x1p-24f);
  CHECK(math::float_to_f16(1 + 0x1p-11f) == 0x3c00);  // a tie goes to the even one
  CHECK(math::float_to_f16(1 + 3 * 0x1p-11f) == 0x3c02);
  CHECK(math::float_to_f16(65519.0f) == 0x7bff);
  CHECK(math::float_to_f16(65520.0f) == 0x7c00);
  CHECK(math::float_to_bf16(1 + 0x1p-8f) == 0x3f80);
  CHECK(math::float_to_bf16(1 + 3 * 0x1p-8f) == 0x3f82);
  CHECK(math::float_to_bf16(std::numeric_limits<float>::max()) == 0x7f80);
}

}  // namespace belfry::test
