// policy_loss: the formula of a token, and the kernel against a plain loop in double. Shapes that
// split rows, every mask type, aggregation and KL estimate, gradients by differences.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/thread_pool.h"
#include "cpu/run.h"
#include "math/surrogate.h"
#include "ops/token/core.h"

namespace belfry::test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double uniform(uint32_t seed, int64_t i, double low, double high) {
  uint32_t h = static_cast<uint32_t>(i) * 0x9E3779B9u + seed * 0x85EBCA6Bu;
  h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
  h = (h ^ (h >> 13)) * 0xC2B2AE35u;
  return low + (high - low) * ((h ^ (h >> 16)) / 4294967296.0);
}

// The parameters with their defaults.
template <class T>
PolicyLoss<T> defaults() {
  PolicyLoss<T> op{};
  op.dp = 1;
  op.clip_low = {0.2, true};
  op.clip_high = 0.2;
  op.ratio_clamp = {20, true};
  op.kl_kind = KlKind::k3;
  op.kl_clamp = {20, true};
  op.kl_max = {10, true};
  return op;
}

enum class MaskType { absent, bytes, words };

// One batch, its call and what the call gave.
template <class T>
struct Batch {
  int64_t rows, length;
  PolicyLoss<T> op = defaults<T>();
  std::vector<T> log_probs, old_log_probs, advantages, weights, ref, entropy, row_weights, grad;
  std::vector<uint8_t> bytes;
  std::vector<int32_t> words;
  T loss = 7, clip = 7, lower = 7, kl = 7, mean = 7, low = 7, high = 7;
  bool row_advantages = false, use_weights = false, use_row_weights = false, statistics = true;
  MaskType mask = MaskType::bytes;

  Batch(int64_t b, int64_t t) : rows(b), length(t) {
    const int64_t n = b * t;
    for (int64_t i = 0; i < n; ++i) {
      log_probs.push_back(static_cast<T>(uniform(1, i, -3, 0)));
      const double old = static_cast<double>(log_probs.back()) + uniform(2, i, -0.9, 0.9);
      old_log_probs.push_back(static_cast<T>(old));
      advantages.push_back(static_cast<T>(uniform(3, i, -1, 1)));
      weights.push_back(static_cast<T>(uniform(4, i, 0.5, 1.5)));
      ref.push_back(static_cast<T>(uniform(5, i, -3, 0)));
      entropy.push_back(static_cast<T>(uniform(6, i, 0, 2)));
      // The second row is empty.
      words.push_back(uniform(7, i, 0, 1) < 0.8 && i / t != 1 ? -3 : 0);
      bytes.push_back(words.back() ? 200 : 0);
    }
    for (int64_t i = 0; i < b; ++i) row_weights.push_back(static_cast<T>(uniform(8, i, 0.5, 2)));
    grad.assign(static_cast<size_t>(n), T(7));
  }

  bool valid(int64_t i) const {
    return mask == MaskType::absent || words[static_cast<size_t>(i)] != 0;
  }
  template <class View>
  static void show(View& view, const void* data, DType type, int rank, int64_t d0, int64_t d1) {
    view.data = const_cast<void*>(data);
    view.dtype = type;
    view.rank = rank;
    view.dims[0] = d0;
    view.dims[1] = d1;
    view.present = true;
  }
  template <class View>
  void show_real(View& view, const T* data, int rank) const {
    show(view, data, sizeof(T) == 8 ? DType::f64 : DType::f32, rank, rows, rank == 2 ? length : 1);
  }
  void show_outputs() {
    show_real(op.loss, &loss, 0);
    show_real(op.grad_log_probs, grad.data(), 2);
    if (!statistics) return;
    show_real(op.clip_fraction, &clip, 0);
    show_real(op.clip_fraction_lower, &lower, 0);
    show_real(op.approx_kl, &kl, 0);
    show_real(op.ratio_mean, &mean, 0);
    show_real(op.ratio_min, &low, 0);
    show_real(op.ratio_max, &high, 0);
  }
  Status run() {
    show_real(op.log_probs, log_probs.data(), 2);
    show_real(op.old_log_probs, old_log_probs.data(), 2);
    show_real(op.advantages, advantages.data(), row_advantages ? 1 : 2);
    if (use_weights) show_real(op.importance_weights, weights.data(), 2);
    if (use_row_weights) show_real(op.sequence_weights, row_weights.data(), 1);
    if (op.kl_coef != 0) show_real(op.ref_log_probs, ref.data(), 2);
    if (op.entropy_coef != 0) show_real(op.entropy, entropy.data(), 2);
    if (mask == MaskType::bytes) show(op.mask, bytes.data(), DType::u8, 2, rows, length);
    if (mask == MaskType::words) show(op.mask, words.data(), DType::i32, 2, rows, length);
    show_outputs();
    cpu::CpuContext context;
    return cpu::run(op, context);
  }
};

// What the call should have given, from the text of the specification.
struct Expected {
  double loss = 0, clip = 0, lower = 0, kl = 0, mean = 0, low = kInf, high = -kInf;
  std::vector<double> grad;
};

struct Pair {
  double value, slope;
};

double bounded(double x, double low, double high) { return std::min(std::max(x, low), high); }
double or_infinite(NullableNumber number) { return number.present ? number.value : kInf; }

template <class T>
Pair expected_kl(const PolicyLoss<T>& op, double d) {
  const double x = bounded(-d, -or_infinite(op.kl_clamp), or_infinite(op.kl_clamp));
  const double k3 = std::exp(x) - x - 1;
  const bool flat = x != -d || std::abs(k3) > or_infinite(op.kl_max);
  switch (op.kl_kind) {
    case KlKind::k1: return {d, 1};
    case KlKind::k2: return {d * d / 2, d};
    case KlKind::k3: return {std::min(k3, or_infinite(op.kl_max)), flat ? 0 : 1 - std::exp(x)};
    case KlKind::abs: return {std::abs(d), d > 0 ? 1.0 : -1.0};
    case KlKind::k1_plus: return {d, d};
    case KlKind::k3_plus: return {std::min(k3, or_infinite(op.kl_max)), d};
  }
  return {};
}

template <class T>
double weight_of(const Batch<T>& batch, int64_t row) {
  const auto& op = batch.op;
  double tokens = 0, sequences = 0, own = 0;
  for (int64_t r = 0; r < batch.rows; ++r) {
    double count = 0;
    for (int64_t t = 0; t < batch.length; ++t) count += batch.valid(r * batch.length + t);
    tokens += count;
    sequences += count > 0;
    if (r == row) own = count;
  }
  const double b = static_cast<double>(batch.rows);
  const double norm = op.norm.present ? op.norm.value : static_cast<double>(batch.length);
  const double n = op.num_seqs.present ? op.num_seqs.value : op.count_empty ? b : sequences;
  switch (op.aggregation) {
    case Aggregation::by_kind:
    case Aggregation::token_mean: return 1 / (op.num_tokens.present ? op.num_tokens.value : tokens);
    case Aggregation::seq_mean_token_sum: return 1 / n;
    case Aggregation::seq_mean_token_mean: return 1 / (own * n);
    case Aggregation::seq_mean_token_sum_norm: return 1 / norm;
    case Aggregation::fixed_length: return 1 / (b * norm);
  }
  return 0;
}

// A token's share of the loss and its gradient, before the weight of the aggregation.
template <class T>
Pair expected_token(const Batch<T>& batch, int64_t row, int64_t index, Expected& sums) {
  const auto& op = batch.op;
  const size_t i = static_cast<size_t>(index);
  const double lp = static_cast<double>(batch.log_probs[i]);
  const double lr = lp - static_cast<double>(batch.old_log_probs[i]);
  const size_t a_index = batch.row_advantages ? static_cast<size_t>(row) : i;
  const double a = static_cast<double>(batch.advantages[a_index]);
  const double clamp = or_infinite(op.ratio_clamp);
  const double c = bounded(lr, -clamp, clamp);
  const double ratio = std::exp(c);
  const double low = op.clip_low.present ? 1 - op.clip_low.value : -kInf;
  const double plain = -a * ratio, clipped = -a * bounded(ratio, low, 1 + op.clip_high);
  double loss = std::max(plain, clipped);
  const bool at_dual = op.dual_clip.present && a < 0 && loss > -a * op.dual_clip.value;
  if (at_dual) loss = -a * op.dual_clip.value;
  double grad = clipped > plain || at_dual || c != lr ? 0 : plain;
  double factor = batch.use_weights ? static_cast<double>(batch.weights[i]) : 1;
  if (batch.use_row_weights)
    factor *= static_cast<double>(batch.row_weights[static_cast<size_t>(row)]);
  loss *= factor;
  grad *= factor;
  if (op.kl_coef != 0) {
    const Pair kl = expected_kl(op, lp - static_cast<double>(batch.ref[i]));
    const double by = op.kl_bias_correction ? ratio : 1;
    const double through = op.kl_bias_correction && c == lr ? kl.value : 0;
    loss += op.kl_coef * by * kl.value;
    grad += op.kl_coef * by * (kl.slope + through);
  }
  if (op.entropy_coef != 0) loss -= op.entropy_coef * static_cast<double>(batch.entropy[i]);
  sums.clip += clipped > plain;
  sums.lower += at_dual;
  sums.kl -= c;
  sums.mean += ratio;
  sums.low = std::min(sums.low, ratio);
  sums.high = std::max(sums.high, ratio);
  return {loss, grad};
}

template <class T>
Expected expect(const Batch<T>& batch) {
  Expected sums;
  double count = 0;
  for (int64_t row = 0; row < batch.rows; ++row) {
    const double weight = weight_of(batch, row);
    for (int64_t i = row * batch.length; i < (row + 1) * batch.length; ++i) {
      sums.grad.push_back(0);
      if (!batch.valid(i)) continue;
      const Pair token = expected_token(batch, row, i, sums);
      sums.loss += weight * token.value;
      sums.grad.back() = weight * token.slope;
      ++count;
    }
  }
  for (double* sum : {&sums.clip, &sums.lower, &sums.kl, &sums.mean}) *sum /= count;
  return sums;
}

template <class T>
void check_batch(Batch<T>& batch) {
  REQUIRE(batch.run().ok());
  const Expected want = expect(batch);
  const double eps = sizeof(T) == 8 ? 1e-12 : 4e-6;
  const auto near = [&](T got, double value) {
    return std::abs(static_cast<double>(got) - value) <= eps * (1 + std::abs(value));
  };
  CHECK(near(batch.loss, want.loss));
  double worst = 0, largest = 0;
  for (size_t i = 0; i < want.grad.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(batch.grad[i]) - want.grad[i]));
    largest = std::max(largest, std::abs(want.grad[i]));
  }
  CHECK(worst <= eps * largest);
  if (!batch.statistics) return;
  CHECK(near(batch.clip, want.clip));
  CHECK(near(batch.lower, want.lower));
  CHECK(near(batch.kl, want.kl));
  CHECK(near(batch.mean, want.mean));
  CHECK(near(batch.low, want.low));
  CHECK(near(batch.high, want.high));
}

}  // namespace

TEST_CASE_TEMPLATE("policy_loss: shapes, masks and aggregations", T, float, double) {
  const int64_t shapes[][2] = {{3, 1}, {5, 7}, {4, 64}, {3, 1000}, {2, 40000}, {300, 3}};
  int turn = 0;
  for (const auto& shape : shapes) {
    for (int mode = 0; mode < 5; ++mode, ++turn) {
      CAPTURE(shape[0]);
      CAPTURE(shape[1]);
      CAPTURE(mode);
      Batch<T> batch(shape[0], shape[1]);
      batch.op.aggregation = static_cast<Aggregation>(mode);
      batch.mask = static_cast<MaskType>(turn % 3);
      batch.row_advantages = turn % 2 == 1;
      batch.use_weights = turn % 4 >= 2;
      batch.use_row_weights = turn % 5 == 3;
      batch.statistics = turn % 7 != 0;
      batch.op.count_empty = turn % 4 == 1;
      if (turn % 3 == 1) batch.op.dual_clip = {1.3, true};
      if (turn % 6 == 2) batch.op.clip_low.present = false;
      if (turn % 6 == 5) batch.op.num_seqs = batch.op.num_tokens = batch.op.norm = {37, true};
      check_batch(batch);
    }
  }
}

TEST_CASE_TEMPLATE("policy_loss: KL estimates and entropy", T, float, double) {
  for (int kind = 0; kind < 6; ++kind) {
    for (int setting = 0; setting < 4; ++setting) {
      CAPTURE(kind);
      CAPTURE(setting);
      Batch<T> batch(4, 101);
      batch.op.kl_coef = 0.7;
      batch.op.kl_kind = static_cast<KlKind>(kind);
      batch.op.kl_bias_correction = setting % 2 == 1;
      batch.op.entropy_coef = setting == 3 ? 0.2 : 0;
      if (setting == 1) batch.op.ratio_clamp = {0.5, true};
      if (setting == 2) batch.op.kl_clamp = {1, true};
      if (setting == 3) batch.op.kl_max = {0.25, true};
      check_batch(batch);
    }
  }
}

TEST_CASE("policy_loss: the gradient is that of the loss") {
  for (int setting = 0; setting < 6; ++setting) {
    CAPTURE(setting);
    Batch<double> batch(3, 9);
    batch.op.aggregation = static_cast<Aggregation>(setting % 5);
    batch.op.dual_clip = {1.4, true};
    batch.use_weights = setting % 2 == 0;
    batch.op.kl_coef = setting < 2 ? 0 : 0.4;
    batch.op.kl_kind = setting == 4 ? KlKind::k2 : KlKind::k3;
    batch.op.kl_bias_correction = setting >= 3;
    REQUIRE(batch.run().ok());
    const std::vector<double> grad = batch.grad;
    constexpr double kStep = 1e-6;
    for (size_t i = 0; i < grad.size(); ++i) {
      const double kept = batch.log_probs[i];
      batch.log_probs[i] = kept + kStep;
      REQUIRE(batch.run().ok());
      const double above = batch.loss;
      batch.log_probs[i] = kept - kStep;
      REQUIRE(batch.run().ok());
      batch.log_probs[i] = kept;
      CHECK(grad[i] == doctest::Approx((above - batch.loss) / (2 * kStep)).epsilon(1e-6));
    }
  }
}

TEST_CASE("policy_loss: micro-batches add up to the whole") {
  Batch<double> whole(4, 33);
  REQUIRE(whole.run().ok());
  double tokens = 0, sum = 0;
  for (int64_t i = 0; i < 4 * 33; ++i) tokens += whole.valid(i);
  for (int64_t row = 0; row < 4; ++row) {
    Batch<double> part(1, 33);
    const auto slice = [&](auto& to, const auto& from) {
      std::copy_n(from.begin() + row * 33, 33, to.begin());
    };
    slice(part.log_probs, whole.log_probs);
    slice(part.old_log_probs, whole.old_log_probs);
    slice(part.advantages, whole.advantages);
    slice(part.bytes, whole.bytes);
    part.op.num_tokens = {tokens, true};
    REQUIRE(part.run().ok());
    sum += part.loss;
    for (size_t t = 0; t < 33; ++t)
      CHECK(part.grad[t] == whole.grad[static_cast<size_t>(row) * 33 + t]);
  }
  CHECK(sum == doctest::Approx(whole.loss).epsilon(1e-14));
}

TEST_CASE_TEMPLATE("policy_loss: the same bits for any number of threads", T, float, double) {
  auto& pool = core::ThreadPool::shared();
  const int before = pool.limit();
  Batch<T> one(37, 5001), two(37, 5001);
  one.op.aggregation = two.op.aggregation = Aggregation::seq_mean_token_mean;
  pool.set_limit(1);
  REQUIRE(one.run().ok());
  pool.set_limit(2);
  REQUIRE(two.run().ok());
  pool.set_limit(before);
  CHECK(one.loss == two.loss);
  CHECK(one.grad == two.grad);
  CHECK(one.clip == two.clip);
  CHECK(one.kl == two.kl);
  CHECK(one.mean == two.mean);
}

TEST_CASE_TEMPLATE("policy_loss: masked tokens are never read, a NaN elsewhere stays", T, float,
                   double) {
  Batch<T> clean(3, 50), dirty(3, 50);
  clean.use_weights = dirty.use_weights = true;
  clean.op.kl_coef = dirty.op.kl_coef = 0.1;
  clean.op.entropy_coef = dirty.op.entropy_coef = 0.1;
  const T garbage[] = {static_cast<T>(kNaN), static_cast<T>(kInf), static_cast<T>(-kInf)};
  for (size_t i = 0; i < 150; ++i) {
    if (dirty.bytes[i]) continue;
    for (auto* v : {&dirty.log_probs, &dirty.old_log_probs, &dirty.advantages, &dirty.weights,
                    &dirty.ref, &dirty.entropy}) {
      (*v)[i] = garbage[i % 3];
    }
  }
  REQUIRE(clean.run().ok());
  REQUIRE(dirty.run().ok());
  CHECK(clean.loss == dirty.loss);
  CHECK(clean.grad == dirty.grad);
  CHECK(clean.mean == dirty.mean);
  CHECK(clean.low == dirty.low);

  size_t spoilt = 0;
  while (!dirty.bytes[spoilt]) ++spoilt;
  dirty.log_probs[spoilt] = static_cast<T>(kNaN);
  REQUIRE(dirty.run().ok());
  CHECK(std::isnan(dirty.loss));
  CHECK(std::isnan(dirty.grad[spoilt]));
  CHECK(std::isnan(dirty.low));
  CHECK(std::isnan(dirty.high));
  CHECK(dirty.grad[149] == clean.grad[149]);
}

TEST_CASE_TEMPLATE("policy_loss: nothing valid, and no tokens at all", T, float, double) {
  for (int mode = 0; mode < 5; ++mode) {
    for (const int64_t length : {int64_t{0}, int64_t{20}}) {
      CAPTURE(mode);
      CAPTURE(length);
      Batch<T> batch(3, length);
      batch.op.aggregation = static_cast<Aggregation>(mode);
      std::fill(batch.bytes.begin(), batch.bytes.end(), uint8_t{0});
      REQUIRE(batch.run().ok());
      for (T value :
           {batch.loss, batch.clip, batch.lower, batch.kl, batch.mean, batch.low, batch.high}) {
        CHECK(value == 0);
      }
      CHECK(std::all_of(batch.grad.begin(), batch.grad.end(), [](T g) { return g == 0; }));
    }
  }
}

TEST_CASE("surrogate: bounds belong to the open side") {
  auto op = defaults<double>();
  op.clip_low.value = op.clip_high = 0.5;
  op.dual_clip = {2, true};
  op.ratio_clamp = {1, true};
  const auto settings = math::surrogate_settings<double>(op);
  auto narrow = settings;
  narrow.high = narrow.low = 1;
  CHECK_FALSE(math::surrogate(0.0, 0.0, 1.0, narrow).clipped);
  CHECK(math::surrogate(0.0, 0.0, 1.0, narrow).grad == -1);
  CHECK_FALSE(math::surrogate(1.0, 0.0, 1.0, settings).frozen);
  CHECK(math::surrogate(1.5, 0.0, -1.0, settings).frozen);
  CHECK(math::surrogate(-kInf, 0.0, 1.0, settings).grad == 0);
  CHECK(math::surrogate(0.9, 0.0, -3.0, settings).loss == 6);
  CHECK(math::surrogate(0.9, 0.0, -3.0, settings).grad == 0);
  auto free = settings;
  free.ratio_clamp = kInf;
  CHECK(math::surrogate(1000.0, 0.0, 0.0, free).loss == 0);
  CHECK(math::surrogate(1000.0, 0.0, 0.0, free).grad == 0);
}

TEST_CASE("policy_loss: operands that a term needs") {
  Batch<float> batch(2, 3);
  batch.op.kl_coef = 0.1;
  cpu::CpuContext context;
  Status status = cpu::run(batch.op, context);
  CHECK(status.code == Code::missing_operand);
  CHECK(std::string(status.argument) == "ref_log_probs");
  batch.op.kl_coef = 0;
  batch.op.entropy_coef = -0.1;
  status = cpu::run(batch.op, context);
  CHECK(status.code == Code::missing_operand);
  CHECK(std::string(status.argument) == "entropy");
}

}  // namespace belfry::test
